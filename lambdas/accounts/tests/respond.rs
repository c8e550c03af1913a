//! Every answer, asked with events in the shape that API Gateway sends, against tables and a key in memory.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::atomic::Ordering;

use accounts::{Decision, Timestamp, respond};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::{
    ISSUER, Memory, NOW, body, entropy, event, post, seen, typed, with_jwt, with_sessions,
};

const PASSWORD: &str = "correct horse battery";

fn later(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

#[tokio::test]
async fn who_registers_can_sign_in_whatever_case_the_name_is_written_in() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let registered = post(&accounts, "/register", &typed("Alice", PASSWORD), NOW).await;
    assert_eq!(registered.response.status_code, 202);
    assert_eq!(registered.decision, Decision::Registered);
    let reply = post(&accounts, "/login", &typed("aLICE", PASSWORD), NOW).await;
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
    post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    let token = body(&reply)["access_token"].as_str().unwrap().to_owned();
    let kept = memory.accounts.lock().unwrap()["alice"].clone();
    assert!(
        kept.password_hash.starts_with("$argon2id$"),
        "{}",
        kept.password_hash
    );
    let sessions = memory.sessions.lock().unwrap();
    let session = sessions.values().next().unwrap();
    assert_eq!(session.expires, later(3600));
    assert!(!format!("{session:?}").contains(token.trim_start_matches("vr_")));
    assert!(!format!("{reply:?}").contains(&token) && !format!("{kept:?}").contains("alice"));
}

#[tokio::test]
async fn registering_a_name_that_is_taken_looks_the_same_and_changes_nothing() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let first = post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    let before = memory.accounts.lock().unwrap().clone();
    memory.calls.lock().unwrap().clear();
    let second = post(
        &accounts,
        "/register",
        &typed("alice", "another password"),
        NOW,
    )
    .await;
    assert_eq!(seen(&second), seen(&first));
    assert_eq!(second.decision, Decision::Taken);
    assert_eq!(*memory.accounts.lock().unwrap(), before);
    let steps_of_second = std::mem::take(&mut *memory.calls.lock().unwrap());
    post(&accounts, "/register", &typed("bob", PASSWORD), NOW).await;
    assert_eq!(*memory.calls.lock().unwrap(), steps_of_second);
    let reply = post(
        &accounts,
        "/login",
        &typed("alice", "another password"),
        NOW,
    )
    .await;
    assert_eq!(reply.response.status_code, 401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_cannot_be_told_apart() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    for attempt in 0..8 {
        memory.calls.lock().unwrap().clear();
        let wrong = post(&accounts, "/login", &typed("alice", "wrong password"), NOW).await;
        let steps = std::mem::take(&mut *memory.calls.lock().unwrap());
        let unknown = post(&accounts, "/login", &typed("nobody", "wrong password"), NOW).await;
        assert_eq!(seen(&wrong), seen(&unknown), "attempt {attempt}");
        assert_eq!(*memory.calls.lock().unwrap(), steps, "attempt {attempt}");
        assert!(wrong.subject.is_none());
    }
}

#[tokio::test]
async fn wrong_passwords_make_the_name_rest_even_for_the_right_one() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    for _ in 0..5 {
        let reply = post(&accounts, "/login", &typed("alice", "wrong password"), NOW).await;
        assert_eq!(reply.response.status_code, 401);
    }
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), later(29)).await;
    assert_eq!(reply.response.status_code, 429);
    assert_eq!(reply.response.headers["retry-after"], "1");
    assert_eq!(reply.decision, Decision::Rests);
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), later(30)).await;
    assert_eq!(reply.response.status_code, 200);
    // And whoever gets in begins anew.
    let reply = post(
        &accounts,
        "/login",
        &typed("alice", "wrong password"),
        later(31),
    )
    .await;
    assert_eq!(reply.response.status_code, 401);
}

#[tokio::test]
async fn an_attempt_counts_before_its_password_is_looked_at() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    assert_eq!(
        *memory.calls.lock().unwrap(),
        ["attempts", "count", "account"]
    );
}

#[tokio::test]
async fn attempts_at_the_same_moment_are_counted_one_after_the_other() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    memory.overtaken.store(2, Ordering::Relaxed);
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    assert_eq!(reply.response.status_code, 401);
    memory.overtaken.store(3, Ordering::Relaxed);
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    assert_eq!(reply.response.status_code, 429);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_says_the_same_about_any_other_token() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    let token = body(&reply)["access_token"].as_str().unwrap().to_owned();
    for token in ["vr_of-nobody", &token, &token] {
        let request = event("POST", "/logout", Some(&format!("Bearer {token}")), None);
        let reply = respond(&accounts, &request, entropy(), NOW).await;
        assert_eq!(reply.response.status_code, 200);
        assert_eq!(body(&reply), json!({ "revoked": true }));
    }
    assert!(memory.sessions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn signing_out_wants_a_bearer_token() {
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
        let reply = respond(&accounts, &request, entropy(), NOW).await;
        assert_eq!(reply.response.status_code, 400, "{header:?}");
    }
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_signed_token_says_whose_it_is_and_names_a_key_that_is_published() {
    let memory = Memory::default();
    let accounts = with_jwt(&memory);
    let registered = post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    let reply = post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    let token = body(&reply)["access_token"].as_str().unwrap().to_owned();
    let claims = part(&token, 1);
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["sub"], registered.subject.unwrap());
    assert_eq!(claims["scope"], "openid profile");
    assert_eq!(claims["token_use"], "access");
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(NOW.0), &json!(NOW.0 + 900))
    );
    assert!(!token.contains("alice") && !claims.to_string().contains("alice"));

    let request = event("GET", "/.well-known/jwks.json", None, None);
    let keys = respond(&accounts, &request, entropy(), NOW).await;
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

    let again = post(&accounts, "/login", &typed("alice", PASSWORD), NOW).await;
    let again = body(&again)["access_token"].as_str().unwrap().to_owned();
    assert_ne!(part(&again, 1)["jti"], claims["jti"]);
}

#[tokio::test]
async fn a_signed_token_cannot_be_taken_back_and_signing_out_says_so() {
    let memory = Memory::default();
    let accounts = with_jwt(&memory);
    let request = event("POST", "/logout", Some("Bearer e30.e30.AA"), None);
    let reply = respond(&accounts, &request, entropy(), NOW).await;
    assert_eq!(body(&reply), json!({ "revoked": false }));
    assert_eq!(reply.decision, Decision::NotRevocable);
}

#[tokio::test]
async fn what_is_not_as_it_should_be_is_refused_without_asking_the_tables() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    for path in ["/register", "/login"] {
        for typed in [
            json!({}),
            typed("al", PASSWORD),
            typed("alice", "short"),
            json!({ "name": "alice", "password": PASSWORD, "role": "admin" }),
        ] {
            let reply = post(&accounts, path, &typed, NOW).await;
            assert_eq!(reply.response.status_code, 400);
            assert!(!body(&reply).to_string().contains(PASSWORD));
        }
    }
    assert!(memory.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn other_routes_and_methods_are_none() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    for (method, path, status) in [
        ("GET", "/login", 405),
        ("DELETE", "/register", 405),
        ("POST", "/elsewhere", 404),
        ("GET", "/.well-known/jwks.json", 404),
    ] {
        let request = event(method, path, None, None);
        let reply = respond(&accounts, &request, entropy(), NOW).await;
        assert_eq!(reply.response.status_code, status, "{method} {path}");
    }
}

#[tokio::test]
async fn when_the_tables_do_not_answer_nobody_gets_in_and_trying_again_may_help() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    post(&accounts, "/register", &typed("alice", PASSWORD), NOW).await;
    memory.fails.store(true, Ordering::Relaxed);
    for path in ["/register", "/login"] {
        let reply = post(&accounts, path, &typed("alice", PASSWORD), NOW).await;
        assert_eq!(reply.response.status_code, 503);
        assert_eq!(reply.decision, Decision::Unavailable);
    }
}
