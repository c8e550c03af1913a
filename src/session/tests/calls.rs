//! Credentials and calls.

use std::time::Duration;

use futures::executor::block_on;
use futures::future::join_all;
use serde_json::json;

use super::signed_in;
use crate::aws::identity_pool::IdentityPoolError;
use crate::config::RouteAuth;
use crate::gateway::refusal::Refusal;
use crate::session::error::AuthError;
use crate::session::testing::{START, Script, credentials, set_now};

const EXPIRED: &str = r#"{"message":"The security token included in the request is expired"}"#;

fn identity() -> serde_json::Value {
    json!({ "IdentityId": "eu-west-1:identity" })
}

#[test]
fn an_open_route_is_called_with_the_key_alone() {
    let (client, _, script, _) =
        signed_in(Script::default().then(200, r#"{"message":"Open for All!"}"#));
    let route = client.config().api.routes[0].clone();
    let answer = block_on(client.call(&route, None)).unwrap();
    assert_eq!((answer.status, answer.refusal), (200, None));
    let names: Vec<String> = script.sent()[0]
        .headers
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(names, ["x-api-key"]);
}

#[test]
fn a_guest_is_stopped_before_anything_is_sent() {
    let (client, _, script, _) = signed_in(Script::default());
    let route = client.config().api.routes[1].clone();
    assert_eq!(
        block_on(client.call(&route, None)),
        Err(AuthError::SignInRequired)
    );
    assert_eq!(script.asked(), [] as [&str; 0]);
}

#[test]
fn a_signed_call_carries_key_date_session_token_and_signature() {
    let script = Script::default()
        .then(200, identity())
        .then(200, credentials("ASIA1"))
        .then(200, "{}");
    let (client, signed_in, script, _) = signed_in(script);
    let route = client.config().api.routes[1].clone();
    block_on(client.call(&route, Some(&signed_in))).unwrap();
    assert_eq!(
        script.asked(),
        ["GetId", "GetCredentialsForIdentity", "require-auth"]
    );
    let request = script.sent().pop().unwrap();
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    assert_eq!(header("x-amz-date").as_deref(), Some("20231114T221320Z"));
    assert_eq!(header("x-amz-security-token").as_deref(), Some("session"));
    assert_eq!(
        header("x-api-key").as_deref(),
        Some("your-api-gateway-key-value")
    );
    let authorization = header("authorization").unwrap();
    let expected = "AWS4-HMAC-SHA256 Credential=ASIA1/20231114/eu-west-1/execute-api/aws4_request, \
                    SignedHeaders=host;x-amz-date;x-amz-security-token;x-api-key, Signature=";
    assert!(authorization.starts_with(expected), "{authorization}");
}

#[test]
fn eight_calls_at_once_fetch_credentials_once() {
    let mut script = Script::default()
        .then(200, identity())
        .then(200, credentials("ASIA1"));
    for _ in 0..8 {
        script = script.then(200, "{}");
    }
    let (client, signed_in, script, _) = signed_in(script);
    let route = client.config().api.routes[1].clone();
    let answers = block_on(join_all(
        (0..8).map(|_| client.call(&route, Some(&signed_in))),
    ));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let asked = script.asked();
    assert_eq!(asked.iter().filter(|name| *name == "GetId").count(), 1);
    assert_eq!(
        asked
            .iter()
            .filter(|name| *name == "GetCredentialsForIdentity")
            .count(),
        1
    );
}

#[test]
fn credentials_are_used_until_they_near_their_expiry() {
    let script = Script::default()
        .then(200, identity())
        .then(200, credentials("ASIA1"));
    let (client, signed_in, script, _) = signed_in(script);
    block_on(client.credentials(&signed_in)).unwrap();
    set_now(START.plus(Duration::from_secs(3_400)));
    block_on(client.credentials(&signed_in)).unwrap();
    assert_eq!(script.asked().len(), 2, "still fresh");
    set_now(START.plus(Duration::from_secs(3_500)));
    let _ = script
        .clone()
        .then(200, identity())
        .then(200, credentials("ASIA2"));
    assert_eq!(
        block_on(client.credentials(&signed_in))
            .unwrap()
            .access_key_id,
        "ASIA2"
    );
}

#[test]
fn a_failed_fetch_is_not_remembered() {
    let not_linked = r#"{"__type":"NotAuthorizedException","message":"Token is not from a supported provider of this identity pool."}"#;
    let script = Script::default()
        .then(400, not_linked)
        .then(200, identity())
        .then(200, credentials("ASIA1"));
    let (client, signed_in, ..) = signed_in(script);
    let failed = block_on(client.credentials(&signed_in));
    assert_eq!(
        failed,
        Err(AuthError::IdentityPool(IdentityPoolError::NotLinked))
    );
    assert!(block_on(client.credentials(&signed_in)).is_ok());
}

#[test]
fn expired_credentials_are_replaced_and_the_call_repeated_once() {
    let script = Script::default()
        .then(200, identity())
        .then(200, credentials("ASIA1"))
        .then(403, EXPIRED)
        .then(200, identity())
        .then(200, credentials("ASIA2"))
        .then(403, EXPIRED);
    let (client, signed_in, script, _) = signed_in(script);
    let route = client.config().api.routes[1].clone();
    let answer = block_on(client.call(&route, Some(&signed_in))).unwrap();
    assert_eq!(answer.refusal, Some(Refusal::ExpiredSecurityToken));
    assert_eq!(script.asked().len(), 6, "one repetition and no more");
}

#[test]
fn signing_out_during_a_fetch_does_not_bring_the_credentials_back() {
    let script = Script::default()
        .then(200, identity())
        .then(200, credentials("ASIA1"));
    let (client, signed_in, script, _) = signed_in(script);
    block_on(async {
        let fetch = client.credentials(&signed_in);
        futures::pin_mut!(fetch);
        assert!(futures::poll!(&mut fetch).is_pending());
        client.forget();
        fetch.await.unwrap();
    });
    let _ = script
        .clone()
        .then(200, identity())
        .then(200, credentials("ASIA2"));
    assert_eq!(
        block_on(client.credentials(&signed_in))
            .unwrap()
            .access_key_id,
        "ASIA2"
    );
}

#[test]
fn a_bearer_route_gets_the_access_token() {
    let (client, signed_in, script, _) = signed_in(Script::default().then(200, "{}"));
    let mut route = client.config().api.routes[1].clone();
    route.auth = RouteAuth::Bearer;
    block_on(client.call(&route, Some(&signed_in))).unwrap();
    let request = script.sent().pop().unwrap();
    assert!(
        request
            .headers
            .contains(&("authorization".to_owned(), "Bearer access-1".to_owned()))
    );
}
