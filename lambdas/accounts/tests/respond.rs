//! Every answer to events as API Gateway sends them, with fake tables and a fake key.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::Ordering;

use accounts::{Decision, respond};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use lambda_testing::{NOW, later, now};
use serde_json::{Value, json};
use support::{
    ISSUER, Memory, body, credentials, entropy, event, post, seen, with_jwt, with_sessions,
};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn a_registered_user_can_sign_in_with_the_name_in_any_case() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let registered = post(
        &accounts,
        "/register",
        &credentials("Alice", PASSWORD),
        now(),
    )
    .await;
    assert_eq!(registered.response.status_code, 202);
    assert_eq!(registered.decision, Decision::Registered);
    let reply = post(&accounts, "/login", &credentials("aLICE", PASSWORD), now()).await;
    let answer = body(&reply);
    assert_eq!(reply.response.status_code, 200, "{answer}");
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["scope"], "openid profile");
    assert_eq!(reply.subject, registered.subject);
    assert_eq!(reply.response.headers["cache-control"], "no-store");
    assert_eq!(
        reply.response.headers["access-control-allow-origin"],
        "https://example.org"
    );
}

#[tokio::test]
async fn the_table_holds_neither_the_password_nor_the_token() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    let reply = post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    let token = body(&reply)["access_token"].as_str().unwrap().to_owned();
    let stored = memory.accounts.lock().unwrap()["alice"].clone();
    assert!(
        stored.password_hash.starts_with("$argon2id$"),
        "{}",
        stored.password_hash
    );
    let sessions = memory.sessions.lock().unwrap();
    let session = sessions.values().next().unwrap();
    assert_eq!(session.expires, later(3600));
    assert!(!format!("{session:?}").contains(token.trim_start_matches("vr_")));
    assert!(!format!("{reply:?}").contains(&token) && !format!("{stored:?}").contains("alice"));
}

#[tokio::test]
async fn registering_a_taken_name_has_the_same_answer_and_changes_nothing() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let first = post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    let before = memory.accounts.lock().unwrap().clone();
    memory.calls.lock().unwrap().clear();
    let second = post(
        &accounts,
        "/register",
        &credentials("alice", "another password"),
        now(),
    )
    .await;
    assert_eq!(seen(&second), seen(&first));
    assert_eq!(second.decision, Decision::Taken);
    assert_eq!(*memory.accounts.lock().unwrap(), before);
    let steps_of_second = std::mem::take(&mut *memory.calls.lock().unwrap());
    post(&accounts, "/register", &credentials("bob", PASSWORD), now()).await;
    assert_eq!(*memory.calls.lock().unwrap(), steps_of_second);
    let reply = post(
        &accounts,
        "/login",
        &credentials("alice", "another password"),
        now(),
    )
    .await;
    assert_eq!(reply.response.status_code, 401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_have_the_same_answer() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    for attempt in 0..8 {
        memory.calls.lock().unwrap().clear();
        let wrong = post(
            &accounts,
            "/login",
            &credentials("alice", "wrong password"),
            now(),
        )
        .await;
        let steps = std::mem::take(&mut *memory.calls.lock().unwrap());
        let unknown = post(
            &accounts,
            "/login",
            &credentials("unknown", "wrong password"),
            now(),
        )
        .await;
        assert_eq!(seen(&wrong), seen(&unknown), "attempt {attempt}");
        assert_eq!(*memory.calls.lock().unwrap(), steps, "attempt {attempt}");
        assert!(wrong.subject.is_none());
    }
}

#[tokio::test]
async fn after_five_wrong_passwords_no_attempt_is_allowed_for_a_while() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    for _ in 0..5 {
        let reply = post(
            &accounts,
            "/login",
            &credentials("alice", "wrong password"),
            now(),
        )
        .await;
        assert_eq!(reply.response.status_code, 401);
    }
    let reply = post(
        &accounts,
        "/login",
        &credentials("alice", PASSWORD),
        later(29),
    )
    .await;
    assert_eq!(reply.response.status_code, 429);
    assert_eq!(reply.response.headers["retry-after"], "1");
    assert_eq!(reply.decision, Decision::Locked);
    let reply = post(
        &accounts,
        "/login",
        &credentials("alice", PASSWORD),
        later(30),
    )
    .await;
    assert_eq!(reply.response.status_code, 200);
    // A sign-in resets the count.
    let reply = post(
        &accounts,
        "/login",
        &credentials("alice", "wrong password"),
        later(31),
    )
    .await;
    assert_eq!(reply.response.status_code, 401);
}

#[tokio::test]
async fn an_attempt_is_counted_before_its_password_is_checked() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    assert_eq!(
        *memory.calls.lock().unwrap(),
        [
            "attempts",
            "count_attempt",
            "attempts",
            "count_attempt",
            "hash_parameters",
            "set_hash_parameters",
            "account"
        ]
    );
}

#[tokio::test]
async fn parallel_attempts_all_count() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    memory.conflicts.store(2, Ordering::Relaxed);
    let reply = post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    assert_eq!(reply.response.status_code, 401);
    memory.conflicts.store(3, Ordering::Relaxed);
    let reply = post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    assert_eq!(reply.response.status_code, 429);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_has_the_same_answer_for_any_token() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    let reply = post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    let token = body(&reply)["access_token"].as_str().unwrap().to_owned();
    for token in ["vr_of-no-session", &token, &token] {
        let request = event("POST", "/logout", Some(&format!("Bearer {token}")), None);
        let reply = respond(&accounts, &request, entropy(), now()).await;
        assert_eq!(reply.response.status_code, 200);
        assert_eq!(body(&reply), json!({ "revoked": true }));
    }
    assert!(memory.sessions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn signing_out_requires_a_bearer_token() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    for header in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer  "),
        Some("Basic dTpw"),
    ] {
        let request = event("POST", "/logout", header, None);
        let reply = respond(&accounts, &request, entropy(), now()).await;
        assert_eq!(reply.response.status_code, 400, "{header:?}");
    }
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_signed_token_has_the_claims_and_the_id_of_the_published_key() {
    let memory = Memory::default();
    let accounts = with_jwt(&memory);
    let registered = post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    let reply = post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    let token = body(&reply)["access_token"].as_str().unwrap().to_owned();
    let claims = part(&token, 1);
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["sub"], registered.subject.unwrap());
    assert_eq!(claims["scope"], "openid profile");
    assert_eq!(claims["token_use"], "access");
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(NOW), &json!(NOW + 900))
    );
    assert!(!token.contains("alice") && !claims.to_string().contains("alice"));

    let request = event("GET", "/.well-known/jwks.json", None, None);
    let keys = respond(&accounts, &request, entropy(), now()).await;
    assert_eq!(
        keys.response.headers["cache-control"],
        "public, max-age=3600"
    );
    let header = part(&token, 0);
    assert_eq!(header["kid"], body(&keys)["keys"][0]["kid"]);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("ES256"), &json!("at+jwt"))
    );

    let again = post(&accounts, "/login", &credentials("alice", PASSWORD), now()).await;
    let again = body(&again)["access_token"].as_str().unwrap().to_owned();
    assert_ne!(part(&again, 1)["jti"], claims["jti"]);
}

#[tokio::test]
async fn signing_out_says_that_a_signed_token_cannot_be_revoked() {
    let memory = Memory::default();
    let accounts = with_jwt(&memory);
    let request = event("POST", "/logout", Some("Bearer e30.e30.AA"), None);
    let reply = respond(&accounts, &request, entropy(), now()).await;
    assert_eq!(body(&reply), json!({ "revoked": false }));
    assert_eq!(reply.decision, Decision::NotRevocable);
}

#[tokio::test]
async fn an_invalid_request_is_refused_without_reading_the_tables() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    for path in ["/register", "/login"] {
        for body_of_request in [
            json!({}),
            credentials("al", PASSWORD),
            credentials("alice", "short"),
            json!({ "name": "alice", "password": PASSWORD, "role": "admin" }),
        ] {
            let reply = post(&accounts, path, &body_of_request, now()).await;
            assert_eq!(reply.response.status_code, 400);
            assert!(!body(&reply).to_string().contains(PASSWORD));
        }
    }
    assert!(memory.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn other_routes_and_methods_are_refused() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    for (method, path, status) in [
        ("GET", "/login", 405),
        ("DELETE", "/register", 405),
        ("POST", "/elsewhere", 404),
        ("GET", "/.well-known/jwks.json", 404),
    ] {
        let request = event(method, path, None, None);
        let reply = respond(&accounts, &request, entropy(), now()).await;
        assert_eq!(reply.response.status_code, status, "{method} {path}");
    }
}

#[tokio::test]
async fn when_the_tables_fail_every_request_fails_with_503() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(
        &accounts,
        "/register",
        &credentials("alice", PASSWORD),
        now(),
    )
    .await;
    memory.fails.store(true, Ordering::Relaxed);
    for path in ["/register", "/login"] {
        let reply = post(&accounts, path, &credentials("alice", PASSWORD), now()).await;
        assert_eq!(reply.response.status_code, 503);
        assert_eq!(reply.decision, Decision::Unavailable);
    }
}
