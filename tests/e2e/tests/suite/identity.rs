//! From an ID token to a signed call: how often the identity pool is called, what is retried
//! silently, and tokens of other providers.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use velvet_rope_e2e::fixture::{ALICE, Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::oidc::Settings;
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::test_name;

/// An error response in the format of AWS.
fn refusal(code: &str, message: &str) -> Fault {
    let body = json!({ "__type": code, "message": message });
    let answer = StubResponse::json(400, &body).header("x-amzn-errortype", &format!("{code}:"));
    Fault::Respond(answer)
}

/// Number of `GetId`, `GetCredentialsForIdentity` and token requests.
fn asked(fixture: &Fixture) -> [usize; 3] {
    [
        RequestKind::GET_ID,
        RequestKind::GET_CREDENTIALS,
        RequestKind::USER_POOL_TOKEN,
    ]
    .map(|matches| fixture.proxy.count(matches))
}

/// Signs in, sets a fault for the next `times` requests, and calls the protected route with success.
async fn calls_in_spite_of(
    fixture: &Fixture,
    times: usize,
    matches: RequestKind,
    fault: Fault,
) -> Result<[usize; 3]> {
    fixture.sign_in().await?;
    fixture.proxy.inject_times(times, matches, fault);
    fixture.home().protected_route().call().await?.ok()?;
    ensure!(
        fixture.proxy.count(RequestKind::PROTECTED_ROUTE) == 1,
        "the route was called more than once"
    );
    Ok(asked(fixture))
}

#[test]
fn the_identity_is_requested_once_and_a_reload_requests_only_credentials() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        for expected in [[1, 1, 1], [1, 2, 1]] {
            for _ in 0..2 {
                fixture.home().protected_route().call().await?.ok()?;
            }
            ensure!(asked(fixture) == expected, "{:?}", fixture.proxy.requests());
            fixture.browser.client().refresh().await?;
        }
        Ok(())
    })
}

#[test]
fn a_revoked_identity_is_requested_again() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let message =
            "Access to Identity 'eu-west-1:00000000-1111-2222-3333-444444444444' is forbidden.";
        let fault = refusal("NotAuthorizedException", message);
        let asked = calls_in_spite_of(fixture, 1, RequestKind::GET_CREDENTIALS, fault).await?;
        ensure!(asked == [2, 2, 1], "{asked:?}");
        Ok(())
    })
}

#[test]
fn a_throttled_identity_pool_is_retried() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let fault = refusal("TooManyRequestsException", "Rate exceeded");
        let asked = calls_in_spite_of(fixture, 2, RequestKind::GET_ID, fault).await?;
        ensure!(asked == [3, 1, 1], "{asked:?}");
        Ok(())
    })
}

#[test]
fn a_token_that_the_pool_rejects_as_expired_is_renewed() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let message = "Invalid login token. Token expired: 1754028847 >= 1754027905";
        let fault = refusal("NotAuthorizedException", message);
        let asked = calls_in_spite_of(fixture, 1, RequestKind::GET_ID, fault).await?;
        ensure!(asked == [2, 1, 2], "{asked:?}");
        fixture
            .header()
            .wait_for_user(&fixture.environment.demo_user)
            .await
    })
}

/// Calls the identity pool service of the local cloud, which does not check signatures of its root key.
async fn identity_pools(fixture: &Fixture, operation: &str, argument: &Value) -> Result<Value> {
    let signature = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/cognito-identity/aws4_request, \
                     SignedHeaders=host, Signature=0";
    let request = Request::post(format!("{}/", fixture.environment.cloud_url))
        .header("content-type", "application/x-amz-json-1.1")
        .header(
            "x-amz-target",
            format!("AWSCognitoIdentityService.{operation}"),
        )
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", signature)
        .body(Full::<Bytes>::from(argument.to_string()))?;
    let response = Client::default().send(request).await?;
    let body = String::from_utf8_lossy(response.body()).into_owned();
    ensure!(response.status().is_success(), "{operation}: {body}");
    Ok(serde_json::from_str(&body)?)
}

/// Makes the identity pool trust a provider, beside those that other tests use.
async fn trust(fixture: &Fixture, provider: &str) -> Result<()> {
    let id = fixture.config["identity_pool"]["id"].clone();
    let argument = json!({ "IdentityPoolId": id });
    let mut pool = identity_pools(fixture, "DescribeIdentityPool", &argument).await?;
    let trusted = pool["OpenIdConnectProviderARNs"].as_array();
    let mut trusted = trusted.cloned().unwrap_or_default();
    trusted.push(json!(provider));
    pool["OpenIdConnectProviderARNs"] = Value::from(trusted);
    identity_pools(fixture, "UpdateIdentityPool", &pool).await?;
    Ok(())
}

async fn call_as_alice(fixture: &Fixture) -> Result<()> {
    fixture.sign_in_alice().await?;
    let body = fixture.home().protected_route().call().await?.ok()?;
    ensure!(body["caller"]["identity_id"].is_string(), "{body}");
    ensure!(
        asked(fixture) == [1, 1, 0],
        "{:?}",
        fixture.proxy.requests()
    );
    Ok(())
}

#[test]
fn tokens_of_a_trusted_provider_give_access_to_the_protected_route() -> TestResult {
    let setup = Setup::with_provider(Settings::default()).config(|config| {
        let issuer = config["oidc"]["issuer"].as_str().unwrap_or_default();
        config["oidc"]["logins_key"] = json!(issuer.trim_start_matches("http://"));
    });
    browser_test(test_name!(), setup, async |fixture| {
        let name = fixture.config["oidc"]["logins_key"]
            .as_str()
            .context("no name")?;
        let arn = format!("arn:aws:iam::000000000000:oidc-provider/{name}");
        trust(fixture, &arn).await?;
        call_as_alice(fixture).await
    })
}

#[test]
fn tokens_of_a_provider_that_the_pool_does_not_trust_are_explained() -> TestResult {
    browser_test(
        test_name!(),
        Setup::with_provider(Settings::default()),
        async |fixture| {
            fixture.sign_in_alice().await?;
            let notice = fixture
                .home()
                .protected_route()
                .call_expecting_notice()
                .await?;
            ensure!(
                notice.title == "The identity pool is not linked to the sign-in provider",
                "{notice:?}"
            );
            fixture.header().wait_for_user(ALICE).await
        },
    )
}
