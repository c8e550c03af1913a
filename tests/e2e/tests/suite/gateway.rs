//! What API Gateway refuses. The proxy returns most of these errors, as recorded from AWS, because
//! MiniStack has fewer of them.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::proxy::{Fault, RequestKind, StubResponse};
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

/// An error, and the notice that the page must show.
struct Refusal {
    status: u16,
    error_type: &'static str,
    body: &'static str,
    title: &'static str,
    says: &'static str,
    offers: &'static [&'static str],
}

const REFUSALS: [Refusal; 15] = [
    Refusal {
        status: 403,
        error_type: "AccessDeniedException",
        body: r#"{"Message":"User: arn:aws:sts::111122223333:assumed-role/R/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:API/latest/GET/require-auth because no identity-based policy allows the execute-api:Invoke action"}"#,
        title: "Your role may not call this route",
        says: "GET/require-auth",
        offers: &[],
    },
    Refusal {
        status: 403,
        error_type: "MissingAuthenticationTokenException",
        body: r#"{"message":"Missing Authentication Token"}"#,
        title: "The API has no such route",
        says: "/latest/require-auth",
        offers: &[],
    },
    Refusal {
        status: 403,
        error_type: "IncompleteSignatureException",
        body: r#"{"message":"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'MZ1DdfK/poPwXem5nlPM'."}"#,
        title: "The gateway expected a signature",
        says: "AWS_IAM",
        offers: &[],
    },
    Refusal {
        status: 403,
        error_type: "UnrecognizedClientException",
        body: r#"{"message":"The security token included in the request is invalid."}"#,
        title: "The gateway does not know your credentials",
        says: "session token",
        offers: &["Try again with new credentials"],
    },
    Refusal {
        status: 403,
        error_type: "InvalidSignatureException",
        body: r#"{"message":"Credential should be scoped to a valid region. Credential should be scoped to correct service: 'execute-api'. "}"#,
        title: "The request was signed for another region or service",
        says: "region eu-west-1, service execute-api",
        offers: &[],
    },
    Refusal {
        status: 403,
        error_type: "InvalidSignatureException",
        body: r#"{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n/latest/require-auth\n"}"#,
        title: "The signature does not match",
        says: "api.base_url",
        offers: &["Try again with new credentials"],
    },
    Refusal {
        status: 403,
        error_type: "AccessDeniedException",
        body: r#"{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}"#,
        title: "The authorizer denied access",
        says: "Lambda authorizer",
        offers: &[],
    },
    Refusal {
        status: 403,
        error_type: "ForbiddenException",
        body: r#"{"message":"Forbidden"}"#,
        title: "The API key is not accepted",
        says: "api.key",
        offers: &[],
    },
    Refusal {
        status: 401,
        error_type: "UnauthorizedException",
        body: r#"{"message":"Unauthorized"}"#,
        title: "The authorizer does not accept the token",
        says: "does not know the token",
        offers: &["Sign in"],
    },
    Refusal {
        status: 429,
        error_type: "LimitExceededException",
        body: r#"{"message":"Limit Exceeded"}"#,
        title: "The quota is used up",
        says: "usage plan",
        offers: &[],
    },
    Refusal {
        status: 429,
        error_type: "TooManyRequestsException",
        body: r#"{"message":"Too Many Requests"}"#,
        title: "Too many calls at once",
        says: "Wait a second",
        offers: &["Try again"],
    },
    Refusal {
        status: 413,
        error_type: "RequestTooLargeException",
        body: "HTTP content length exceeded 10485760 bytes.",
        title: "The request is too large",
        says: "10 MB",
        offers: &[],
    },
    Refusal {
        status: 500,
        error_type: "AuthorizerConfigurationException",
        body: r#"{"message":null}"#,
        title: "The API had an internal error",
        says: "request id",
        offers: &["Try again"],
    },
    Refusal {
        status: 502,
        error_type: "InternalServerErrorException",
        body: r#"{"message": "Internal server error"}"#,
        title: "The function behind the API failed",
        says: "Its log has the cause",
        offers: &["Try again"],
    },
    Refusal {
        status: 504,
        error_type: "InternalServerErrorException",
        body: r#"{"message": "Endpoint request timed out"}"#,
        title: "The function behind the API took too long",
        says: "gave up waiting",
        offers: &["Try again"],
    },
];

fn refuse(fixture: &Fixture, status: u16, error_type: &str, body: &str) {
    let answer = StubResponse::text(status, body)
        .header("content-type", "application/json")
        .header("x-amzn-errortype", error_type)
        .header("x-amzn-requestid", "5c0e3f6a-0000-4000-8000-000000000000");
    fixture.proxy.clear_faults();
    fixture
        .proxy
        .inject(RequestKind::PROTECTED_ROUTE, Fault::Respond(answer));
}

#[test]
fn every_gateway_error_has_its_own_message() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        for refusal in REFUSALS {
            refuse(fixture, refusal.status, refusal.error_type, refusal.body);
            fixture.proxy.clear_requests();
            let outcome = fixture.home().protected_route().call().await?;
            let status = outcome.status.clone().unwrap_or_default();
            ensure!(
                status.starts_with(&refusal.status.to_string()),
                "{}: {outcome:?}",
                refusal.title
            );
            ensure!(
                outcome.body.is_some(),
                "the answer itself is not shown: {outcome:?}"
            );
            let notice = outcome.notice.context("expected a notice")?;
            ensure!(
                notice.title == refusal.title,
                "{}: {notice:?}",
                refusal.body
            );
            notice
                .contains_text(refusal.says)?
                .has_buttons(refusal.offers)?;
            let calls = fixture.proxy.count(RequestKind::PROTECTED_ROUTE);
            let expected = match (refusal.status, refusal.error_type) {
                // Credentials that the gateway does not know are replaced, and the call repeated, once.
                (_, "UnrecognizedClientException") => 2,
                (429 | 502 | 504, _) => 3,
                _ => 1,
            };
            ensure!(calls == expected, "{}: called {calls} times", refusal.title);
        }
        let answer = fixture.home().protected_route().answer();
        answer
            .wait_for_text("5c0e3f6a-0000-4000-8000-000000000000")
            .await?;
        fixture.proxy.clear_faults();
        fixture
            .home()
            .protected_route()
            .click_button("Try again")
            .await?
            .ok()?;
        Ok(())
    })
}

#[test]
fn credentials_that_expired_early_are_refreshed_once() -> TestResult {
    const EXPIRED: &str = r#"{"message":"The security token included in the request is expired"}"#;
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let requests = || {
            [
                RequestKind::PROTECTED_ROUTE,
                RequestKind::GET_ID,
                RequestKind::GET_CREDENTIALS,
            ]
            .map(|matches| fixture.proxy.count(matches))
        };
        let answer =
            StubResponse::text(403, EXPIRED).header("x-amzn-errortype", "ExpiredTokenException");
        fixture
            .proxy
            .inject_times(1, RequestKind::PROTECTED_ROUTE, Fault::Respond(answer));
        fixture.home().protected_route().call().await?.ok()?;
        ensure!(
            requests() == [2, 1, 2],
            "calls, GetId, GetCredentialsForIdentity: {:?}",
            requests()
        );
        fixture.proxy.clear_requests();
        refuse(fixture, 403, "ExpiredTokenException", EXPIRED);
        let notice = fixture
            .home()
            .protected_route()
            .call_expecting_notice()
            .await?;
        ensure!(
            notice.title == "Your credentials have expired",
            "{notice:?}"
        );
        notice.has_buttons(&["Sign in"])?;
        ensure!(
            requests() == [2, 0, 1],
            "calls, GetId, GetCredentialsForIdentity: {:?}",
            requests()
        );
        Ok(())
    })
}

/// The time in that many hours, in the format of AWS.
async fn time_in_hours(fixture: &Fixture, hours: f64) -> Result<String> {
    let script = "
        const time = new Date(Date.now() + arguments[0] * 3600e3);
        return time.toISOString().replace(/[-:]|[.][0-9]+/g, '');";
    let time = fixture
        .browser
        .evaluate(script, vec![Value::from(hours)])
        .await?;
    time.as_str().map(str::to_owned).context("no time")
}

#[test]
fn a_wrong_clock_is_distinguished_from_a_wrong_signature() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let now = time_in_hours(fixture, 0.0).await?;
        for (hours, text, part) in [
            (
                2.5,
                "Signature expired: NOW is now earlier than SERVER (SERVER - 5 min.)",
                "2 h behind",
            ),
            (
                -2.5,
                "Signature not yet current: NOW is still later than SERVER (SERVER + 5 min.)",
                "2 h ahead",
            ),
        ] {
            let server = time_in_hours(fixture, hours).await?;
            let message = text.replace("NOW", &now).replace("SERVER", &server);
            refuse(
                fixture,
                403,
                "InvalidSignatureException",
                &json!({ "message": message }).to_string(),
            );
            let notice = fixture
                .home()
                .protected_route()
                .call_expecting_notice()
                .await?;
            ensure!(notice.title == "This device's clock is wrong", "{notice:?}");
            notice.contains_text(part)?.contains_text("automatic")?;
        }
        Ok(())
    })
}

#[test]
fn a_wrong_api_key_is_reported_with_its_setting() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        let mut config = fixture.config.clone();
        config["api"]["key"] = json!("not-the-key-of-this-api");
        fixture.site.set_config(SiteConfig::Json(config));
        fixture.open("/").await?;
        let outcome = fixture.home().open_route().call().await?;
        ensure!(
            outcome.status.as_deref() == Some("403 Forbidden"),
            "{outcome:?}"
        );
        let notice = outcome.notice.unwrap_or_default();
        ensure!(notice.title == "The API key is not accepted", "{notice:?}");
        notice
            .contains_text("Set api.key in config.json")?
            .contains_text("-api, 23 characters")?
            .has_buttons(&[])?;
        Ok(())
    })
}

#[test]
fn the_gateway_accepts_the_signature_of_queries_that_clients_write_in_different_ways() -> TestResult
{
    const QUERIES: [&str; 8] = [
        "a=x%20y&b=%2F",
        "b=2&b=1&a=&b=&a=0",
        "flag&b=1",
        "plus=1+1&sign=1%2B1",
        "marks=!%27()*~-._",
        "%C3%BC=%E2%82%AC&x=%F0%9F%98%80",
        "q=b=c==&r=a/b?c:d@e,f;g$h",
        "&&b=1&",
    ];
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        let route = |(index, query): (usize, &&str)| {
            json!({
                "name": format!("Query {index}"), "method": "GET", "auth": "iam",
                "path": format!("/require-auth?{query}")
            })
        };
        let mut config = fixture.config.clone();
        config["api"]["routes"] = QUERIES.iter().enumerate().map(route).collect();
        fixture.site.set_config(SiteConfig::Json(config));
        fixture.sign_in().await?;
        for (index, query) in QUERIES.iter().enumerate() {
            let card = fixture.home().card(&format!("Query {index}"));
            card.call().await?.ok().context(*query)?;
        }
        Ok(())
    })
}

#[test]
fn a_route_that_the_api_does_not_have_is_reported() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        let mut config = fixture.config.clone();
        config["api"]["routes"] =
            json!([{ "name": "Typo", "method": "GET", "path": "/no-auht", "auth": "open" }]);
        fixture.site.set_config(SiteConfig::Json(config));
        fixture.open("/").await?;
        let notice = fixture.home().card("Typo").call_expecting_notice().await?;
        // It has no OPTIONS method either, so the preflight fails.
        ensure!(
            notice.title == "The API cannot be reached, or its answer cannot be read",
            "{notice:?}"
        );
        notice.contains_text("an OPTIONS method on each route")?;
        Ok(())
    })
}
