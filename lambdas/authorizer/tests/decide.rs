//! Every outcome, asked with events in the shapes that API Gateway sends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use authorizer::{Answer, Authorizer, Decision, DocumentError, Documents, Reason, Settings};
use serde_json::{Value, json};
use support::{
    AUDIENCE, AUTH0, CLIENT, COGNITO, NOW, STAGE, Signer, auth0_claims, cognito_claims,
    http_api_event, now, request_event, routes, token_event, with,
};

/// Two issuers whose keys are simply there.
struct Published {
    cognito: Value,
    auth0: Value,
}

impl Documents for Published {
    async fn read(&self, address: &str) -> Result<Vec<u8>, DocumentError> {
        match address {
            "https://cognito.example/keys" => Ok(self.cognito.to_string().into_bytes()),
            "https://auth0.example/keys" => Ok(self.auth0.to_string().into_bytes()),
            other => panic!("no keys at {other}"),
        }
    }
}

struct Setup {
    rsa: Signer,
    p256: Signer,
    authorizer: Authorizer<Published>,
}

fn settings(http_api_answer: &str) -> Settings {
    let settings = json!({
        "issuers": [
            { "issuer": COGNITO, "client_ids": [CLIENT], "jwks_url": "https://cognito.example/keys" },
            { "issuer": AUTH0, "audience": [AUDIENCE], "jwks_url": "https://auth0.example/keys" }
        ],
        "routes": routes(),
        "http_api_answer": http_api_answer
    });
    Settings::read(&settings.to_string()).unwrap()
}

/// Cognito signs with `rsa` and Auth0 with `p256`.
fn setup_for(http_api_answer: &str) -> Setup {
    let (rsa, p256) = (Signer::rs256(), Signer::es256());
    let published = Published {
        cognito: json!({ "keys": [rsa.jwk("cognito-1")] }),
        auth0: json!({ "keys": [p256.jwk("auth0-1")] }),
    };
    Setup {
        authorizer: Authorizer::new(settings(http_api_answer), published),
        rsa,
        p256,
    }
}

fn setup() -> Setup {
    setup_for("simple")
}

impl Setup {
    fn cognito(&self, claims: &Value) -> String {
        format!("Bearer {}", self.rsa.token("cognito-1", claims))
    }

    fn auth0(&self, claims: &Value) -> String {
        format!("Bearer {}", self.p256.token("auth0-1", claims))
    }

    async fn token(&self, path: &str, header: &str) -> Decision {
        self.authorizer
            .decide(&token_event(path, header), now())
            .await
    }
}

fn body(decision: &Decision) -> &Value {
    match &decision.answer {
        Answer::Body(body) => body,
        other => panic!("expected a body, got {other:?}"),
    }
}

fn statement(decision: &Decision) -> &Value {
    &body(decision)["policyDocument"]["Statement"][0]
}

#[tokio::test]
async fn the_policy_does_not_depend_on_the_requested_route() {
    let setup = setup();
    let header = setup.cognito(&cognito_claims());
    for path in ["/require-token", "/require-request"] {
        for event in [
            token_event(path, &header),
            request_event(path, Some(&header)),
        ] {
            let decision = setup.authorizer.decide(&event, now()).await;
            assert_eq!(decision.refusal, None);
            assert_eq!(
                body(&decision),
                &json!({
                    "policyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Effect": "Allow",
                            "Action": "execute-api:Invoke",
                            "Resource": [
                                format!("{STAGE}/GET/require-token"),
                                format!("{STAGE}/GET/require-request"),
                            ]
                        }]
                    },
                    "principalId": "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
                    "context": { "scope": "openid email", "issuer": COGNITO }
                })
            );
        }
    }
}

#[tokio::test]
async fn tokens_of_two_issuers_are_accepted() {
    let setup = setup();
    let decision = setup.token("/orders", &setup.auth0(&auth0_claims())).await;
    assert_eq!(decision.refusal, None);
    assert_eq!(decision.issuer.as_deref(), Some(AUTH0));
    assert_eq!(body(&decision)["principalId"], "auth0|6161");
    assert_eq!(body(&decision)["context"]["email"], "user@example.com");
    assert_eq!(
        statement(&decision)["Resource"].as_array().unwrap().len(),
        3
    );

    // The key of one issuer cannot sign tokens of the other.
    let swapped = format!("Bearer {}", setup.p256.token("auth0-1", &cognito_claims()));
    let decision = setup.token("/require-token", &swapped).await;
    assert_eq!(decision.refusal, Some(Reason::KeyId));
}

#[tokio::test]
async fn a_good_token_without_the_scope_gets_a_policy_without_the_route() {
    let setup = setup();
    let header = setup.cognito(&with(cognito_claims(), "scope", json!("openid")));
    let decision = setup.token("/require-request", &header).await;
    assert_eq!(decision.refusal, Some(Reason::Scope));
    assert_eq!(
        decision.subject.as_deref(),
        cognito_claims()["sub"].as_str()
    );
    assert_eq!(
        statement(&decision)["Resource"],
        json!([format!("{STAGE}/GET/require-token")])
    );
}

#[tokio::test]
async fn a_good_token_with_no_useful_scope_is_denied_everything() {
    let setup = setup();
    let header = setup.cognito(&with(cognito_claims(), "scope", json!("phone")));
    let decision = setup.token("/require-token", &header).await;
    assert_eq!(decision.refusal, Some(Reason::Scope));
    assert_eq!(statement(&decision)["Effect"], "Deny");
}

#[tokio::test]
async fn a_route_that_is_not_configured_stays_closed() {
    let setup = setup();
    let decision = setup
        .token("/elsewhere", &setup.cognito(&cognito_claims()))
        .await;
    assert_eq!(decision.refusal, Some(Reason::Scope));
    assert_eq!(decision.route, None);
}

fn bad_headers(setup: &Setup) -> Vec<(String, Reason)> {
    let cognito = |name: &str, value: Value| setup.cognito(&with(cognito_claims(), name, value));
    let good = setup.cognito(&cognito_claims());
    let with_header = |header: &Value| {
        let token = setup.rsa.token_with_header(header, &cognito_claims());
        format!("Bearer {token}")
    };
    let stripped = good.rsplit_once('.').unwrap().0;
    let other_claims = setup.cognito(&with(cognito_claims(), "sub", json!("another-user")));
    let transplanted = format!(
        "{}.{}",
        other_claims.rsplit_once('.').unwrap().0,
        good.rsplit_once('.').unwrap().1
    );
    vec![
        (String::new(), Reason::NoHeader),
        ("Basic dXNlcjpwYXNz".into(), Reason::Header),
        (good["Bearer ".len()..].into(), Reason::Header),
        ("Bearer not-a-token".into(), Reason::Format),
        (format!("{stripped}."), Reason::Signature),
        (transplanted, Reason::Signature),
        (
            with_header(&json!({ "alg": "none", "kid": "cognito-1" })),
            Reason::Algorithm,
        ),
        (
            with_header(&json!({ "alg": "HS256", "kid": "cognito-1" })),
            Reason::Algorithm,
        ),
        (
            with_header(&json!({ "alg": "ES256", "kid": "cognito-1" })),
            Reason::Algorithm,
        ),
        (with_header(&json!({ "alg": "RS256" })), Reason::NoKeyId),
        (
            with_header(&json!({ "alg": "RS256", "kid": "cognito-2" })),
            Reason::KeyId,
        ),
        (
            cognito("iss", json!("https://evil.example")),
            Reason::Issuer,
        ),
        (cognito("iss", json!(format!("{COGNITO}/"))), Reason::Issuer),
        (cognito("iss", json!(null)), Reason::Issuer),
        (cognito("exp", json!(NOW)), Reason::Expired),
        (cognito("nbf", json!(NOW + 3600)), Reason::NotYetValid),
        (
            cognito("client_id", json!("another-client")),
            Reason::Client,
        ),
        (cognito("token_use", json!("id")), Reason::TokenUse),
        (cognito("sub", json!("")), Reason::Subject),
        (
            setup.auth0(&with(auth0_claims(), "aud", json!("https://other.example"))),
            Reason::Audience,
        ),
    ]
}

#[tokio::test]
async fn every_bad_token_is_unauthorized_at_a_rest_api() {
    let setup = setup();
    for (header, reason) in bad_headers(&setup) {
        for event in [
            token_event("/require-token", &header),
            request_event("/require-token", Some(&header)),
        ] {
            let decision = setup.authorizer.decide(&event, now()).await;
            assert_eq!(decision.refusal, Some(reason), "{header}");
            assert_eq!(decision.answer, Answer::Unauthorized, "{reason:?}");
            assert_eq!(decision.subject, None, "{reason:?}");
        }
    }
}

#[tokio::test]
async fn every_bad_token_is_refused_at_an_http_api_without_an_error() {
    let simple = setup();
    for (header, reason) in bad_headers(&simple) {
        let event = http_api_event("/require-token", Some(&header));
        let decision = simple.authorizer.decide(&event, now()).await;
        assert_eq!(decision.refusal, Some(reason));
        assert_eq!(body(&decision), &json!({ "isAuthorized": false }));
    }
    let policy = setup_for("policy");
    for (header, _) in bad_headers(&policy) {
        let mut version_1 = request_event("/require-token", Some(&header));
        version_1["version"] = json!("1.0");
        for event in [http_api_event("/require-token", Some(&header)), version_1] {
            let decision = policy.authorizer.decide(&event, now()).await;
            assert_eq!(statement(&decision)["Effect"], "Deny");
            assert_eq!(
                statement(&decision)["Resource"],
                json!([format!("{STAGE}/*")])
            );
        }
    }
}

#[tokio::test]
async fn a_request_without_the_header_is_unauthorized() {
    let setup = setup();
    let event = request_event("/require-token", None);
    let decision = setup.authorizer.decide(&event, now()).await;
    assert_eq!(decision.answer, Answer::Unauthorized);
    assert_eq!(decision.refusal, Some(Reason::NoHeader));
}

#[tokio::test]
async fn an_http_api_gets_the_simple_answer_about_the_one_route() {
    let setup = setup();
    let header = setup.cognito(&cognito_claims());
    for (path, is_open) in [("/require-request", true), ("/orders", false)] {
        let event = http_api_event(path, Some(&header));
        let decision = setup.authorizer.decide(&event, now()).await;
        assert_eq!(body(&decision)["isAuthorized"], is_open);
        assert_eq!(body(&decision)["context"]["scope"], "openid email");
    }
}

#[tokio::test]
async fn an_http_api_without_simple_responses_gets_the_same_policy_as_a_rest_api() {
    let setup = setup_for("policy");
    let header = setup.cognito(&cognito_claims());
    let http_api = http_api_event("/require-token", Some(&header));
    let http_api = setup.authorizer.decide(&http_api, now()).await;
    let rest_api = setup.token("/require-token", &header).await;
    assert_eq!(http_api.answer, rest_api.answer);
}

#[tokio::test]
async fn an_unknown_event_is_an_error() {
    let decision = setup()
        .authorizer
        .decide(&json!({ "type": "PING" }), now())
        .await;
    assert_eq!(decision.answer, Answer::Failed);
    assert_eq!(decision.refusal, Some(Reason::Event));
}

#[tokio::test]
async fn what_is_logged_never_repeats_the_token() {
    let setup = setup();
    let mut headers = bad_headers(&setup);
    headers.push((setup.cognito(&cognito_claims()), Reason::Scope));
    for (header, _) in headers {
        let decision = setup.token("/require-token", &header).await;
        let logged = format!(
            "{:?} {:?} {:?} {:?} {:?}",
            decision.refusal, decision.format, decision.route, decision.issuer, decision.subject
        );
        let token = header.rsplit(' ').next().unwrap_or_default();
        for part in token.split('.').filter(|part| part.len() > 10) {
            assert!(!logged.contains(part), "{logged}");
        }
    }
}
