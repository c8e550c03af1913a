//! The requests that botocore signed for the library's tests, sent by a browser and checked by the gateway of the local
//! cloud: paths, queries, headers and bodies as an app writes them.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually;

/// The requests, with the signatures that botocore made for them: `record_calls.py` beside the file.
const RECORDED: &str = include_str!("../../../../crates/velvet-rope/tests/vectors/calls.json");
/// Where they are sent to.
const RECORDED_API: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";

const CALL: &str = "
    const [method, url, headers, body, length, done] = arguments;
    const bytes = length > 0
        ? Uint8Array.from({ length }, (_, index) => index % 251)
        : Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    window.wasmBindings.call(method, url, headers, bytes)
        .then((answer) => done(JSON.parse(answer)), (error) => done({ error: String(error) }));";
const SIGN_IN: &str = "window.wasmBindings.signIn()";
const IS_READY: &str = "return Boolean(window.wasmBindings) && location.pathname === '/'";
/// The status of a request without a signature.
const UNSIGNED: &str = "
    const [url, done] = arguments;
    fetch(url).then((answer) => done(answer.status), (error) => done(String(error)));";

/// A page of the tests, in a browser that sends no preflights: no API allows the headers of all these requests.
fn page() -> Setup {
    Setup::direct().example("page").without_cors()
}

async fn wait_until_ready(fixture: &Fixture) -> Result<()> {
    eventually("the page of the tests", async || {
        let ready = fixture.browser.evaluate(IS_READY, Vec::new()).await?;
        Ok((ready == true).then_some(()))
    })
    .await
}

/// Signs in at a site whose API takes any signed request, and returns the address of the API.
async fn sign_in(fixture: &Fixture) -> Result<String> {
    let aws = Aws::new(&fixture.environment);
    let function = aws.function("-ApiStack-").await?;
    let (id, api) = aws.add_signed_api(&function).await?;
    let identity_pool = fixture.environment.output("IdentityPoolId")?;
    aws.allow_calls(identity_pool, &id).await?;
    let mut config = fixture.config.clone();
    config["api"]["base_url"] = json!(api);
    fixture.site.set_config(SiteConfig::Json(config));
    fixture.open("/").await?;
    wait_until_ready(fixture).await?;
    fixture.browser.evaluate(SIGN_IN, Vec::new()).await?;
    let user = &fixture.environment.demo_user;
    let password = &fixture.environment.demo_password;
    fixture.hosted_ui().wait().await?;
    fixture.hosted_ui().sign_in(user, password).await?;
    wait_until_ready(fixture).await?;
    Ok(api)
}

/// Sends a recorded request to `url`.
async fn call(fixture: &Fixture, case: &Value, url: &str) -> Result<Value> {
    let headers = case["typed_headers"].as_array().into_iter().flatten();
    let headers: Vec<&Value> = headers
        .flat_map(|pair| pair.as_array().into_iter().flatten())
        .collect();
    let arguments = vec![
        case["method"].clone(),
        json!(url),
        json!(headers),
        case["body"].clone(),
        case["large_body"].clone(),
    ];
    let client = fixture.browser.client();
    Ok(client.execute_async(CALL, arguments).await?)
}

/// The function behind the API got the request: it has no such path.
fn check_accepted(answer: &Value, name: &str) -> Result<()> {
    let text = answer["text"].as_str().unwrap_or_default();
    ensure!(
        answer["status"] == 404 && text.contains("Not Found"),
        "{name}: {answer}"
    );
    Ok(())
}

#[test]
fn the_gateway_accepts_each_recorded_request() -> TestResult {
    browser_test(test_name!(), page(), async |fixture| {
        let api = sign_in(fixture).await?;
        let unsigned = fixture
            .browser
            .client()
            .execute_async(UNSIGNED, vec![json!(format!("{api}/a"))])
            .await?;
        ensure!(unsigned == 403, "without a signature: {unsigned}");
        let recorded: Value = serde_json::from_str(RECORDED)?;
        let mut sent = 0;
        for case in recorded["calls"].as_array().context("no calls")? {
            let name = case["name"].as_str().unwrap_or_default();
            let typed = case["typed_url"].as_str().unwrap_or_default();
            // Other hosts and ports are not the local cloud.
            if let Some(path) = typed.strip_prefix(RECORDED_API) {
                let answer = call(fixture, case, &[&api, path].concat()).await?;
                check_accepted(&answer, name)?;
                sent += 1;
            }
        }
        ensure!(sent == 25, "{sent} requests were sent");
        let host = api.split('/').nth(2).context("no host")?;
        let in_capitals = api.replace(host, &host.to_uppercase());
        let case = json!({ "method": "GET", "body": "", "large_body": 0 });
        let answer = call(fixture, &case, &[&in_capitals, "/a"].concat()).await?;
        check_accepted(&answer, "a host in capitals")
    })
}
