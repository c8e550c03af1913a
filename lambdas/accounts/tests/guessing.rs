//! Wrong passwords, other forms of a password, and hashes with other parameters.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test binary uses a part of it")]
mod support;

use accounts::Decision;
use lambda_testing::{later, now};
use serde_json::{Value, json};
use support::{
    ADDRESS, Memory, body, credentials, post, post_from, with_hash_memory, with_sessions,
};

const PASSWORD: &str = "correct horse battery";

fn with_device(token: &str, password: &str) -> Value {
    json!({ "name": "alice", "password": password, "device_token": token })
}

#[tokio::test]
async fn wrong_passwords_from_one_address_do_not_lock_a_user_out_elsewhere() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let (right, wrong) = (
        credentials("alice", PASSWORD),
        credentials("alice", "wrong password"),
    );
    post(&accounts, "/register", &right, now()).await;
    for _ in 0..5 {
        post_from("198.51.100.9", &accounts, "/login", &wrong, now()).await;
    }
    for (address, status) in [("198.51.100.9", 429), (ADDRESS, 200)] {
        let reply = post_from(address, &accounts, "/login", &right, now()).await;
        assert_eq!(reply.response.status_code, status, "{address}");
    }
}

#[tokio::test]
async fn an_attacker_with_many_addresses_cannot_lock_out_a_device_that_signed_in_before() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let right = credentials("alice", PASSWORD);
    post(&accounts, "/register", &right, now()).await;
    let reply = post(&accounts, "/login", &right, now()).await;
    let device = body(&reply)["device_token"].as_str().unwrap().to_owned();
    let wrong = credentials("alice", "wrong password");
    let mut wrong_passwords = 0;
    for address in 0..40 {
        let address = format!("198.51.100.{address}");
        for _ in 0..4 {
            let reply = post_from(&address, &accounts, "/login", &wrong, now()).await;
            wrong_passwords += i32::from(reply.decision == Decision::Wrong);
        }
    }
    assert_eq!(wrong_passwords, 100);
    // An unknown device is delayed, from any address. The known one is not, and its token stays the same.
    for (request, status) in [
        (right, 429),
        (with_device("vrd_made-up", PASSWORD), 429),
        (with_device(&device, PASSWORD), 200),
    ] {
        let reply = post(&accounts, "/login", &request, later(1)).await;
        assert_eq!(reply.response.status_code, status, "{request}");
        if status == 200 {
            assert_eq!(body(&reply)["device_token"], device);
        }
    }
    // The token is bound to the name.
    let mut other = with_device(&device, "wrong password");
    other["name"] = json!("bob");
    for _ in 0..5 {
        post(&accounts, "/login", &other, now()).await;
    }
    let reply = post(&accounts, "/login", &other, now()).await;
    assert_eq!(reply.response.status_code, 429);
    let reply = post(&accounts, "/login", &with_device(&device, PASSWORD), now()).await;
    assert_eq!(reply.response.status_code, 200);
}

#[tokio::test]
async fn a_known_device_has_a_limit_of_its_own_and_is_forgotten_after_90_days() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let right = credentials("alice", PASSWORD);
    post(&accounts, "/register", &right, now()).await;
    let reply = post(&accounts, "/login", &right, now()).await;
    let device = body(&reply)["device_token"].as_str().unwrap().to_owned();
    for _ in 0..5 {
        let wrong = with_device(&device, "wrong password");
        let reply = post(&accounts, "/login", &wrong, now()).await;
        assert_eq!(reply.response.status_code, 401);
    }
    let locked = post(&accounts, "/login", &with_device(&device, PASSWORD), now()).await;
    assert_eq!(locked.response.status_code, 429);
    let day = 24 * 60 * 60;
    let reply = post(
        &accounts,
        "/login",
        &with_device(&device, PASSWORD),
        later(91 * day),
    )
    .await;
    assert_eq!(reply.response.status_code, 200);
    assert_ne!(body(&reply)["device_token"], device);
}

#[tokio::test]
async fn the_table_of_attempts_contains_no_name_address_or_device_token() {
    let memory = Memory::default();
    let accounts = with_sessions(&memory);
    let right = credentials("alice", PASSWORD);
    post(&accounts, "/register", &right, now()).await;
    let reply = post(&accounts, "/login", &right, now()).await;
    let device = body(&reply)["device_token"].as_str().unwrap().to_owned();
    let stored = format!("{:?}", memory.attempts.lock().unwrap());
    for secret in ["alice", ADDRESS, device.trim_start_matches("vrd_")] {
        assert!(!stored.contains(secret), "{stored}");
    }
}

#[tokio::test]
async fn a_password_is_the_same_in_every_unicode_form() {
    let (composed, decomposed) = ("\u{c4}pfel-und-N\u{fc}sse", "A\u{308}pfel-und-Nu\u{308}sse");
    for (registered, typed) in [(composed, decomposed), (decomposed, composed)] {
        let memory = Memory::default();
        let accounts = with_sessions(&memory);
        post(
            &accounts,
            "/register",
            &credentials("anna", registered),
            now(),
        )
        .await;
        let reply = post(&accounts, "/login", &credentials("anna", typed), now()).await;
        assert_eq!(reply.response.status_code, 200, "{typed}");
    }
}

#[tokio::test]
async fn changed_parameters_replace_the_hash_at_the_next_sign_in() {
    let memory = Memory::default();
    let right = credentials("alice", PASSWORD);
    let hash = || {
        memory.accounts.lock().unwrap()["alice"]
            .password_hash
            .clone()
    };
    post(&with_hash_memory(&memory, 8), "/register", &right, now()).await;
    let old = hash();
    assert!(old.contains("$m=8,"), "{old}");
    let accounts = with_hash_memory(&memory, 16);
    let wrong = credentials("alice", "wrong password");
    post(&accounts, "/login", &wrong, now()).await;
    assert_eq!(hash(), old);
    let reply = post(&accounts, "/login", &right, now()).await;
    assert_eq!(reply.response.status_code, 200);
    let new = hash();
    assert!(new.contains("$m=16,"), "{new}");
    let reply = post(&accounts, "/login", &right, now()).await;
    assert_eq!((reply.response.status_code, hash()), (200, new));
}

#[tokio::test]
async fn the_parameters_of_all_hashes_are_known_before_the_first_with_new_ones() {
    let memory = Memory::default();
    for (kib, name) in [(8, "alice"), (16, "bob"), (16, "carol")] {
        let accounts = with_hash_memory(&memory, kib);
        post(&accounts, "/register", &credentials(name, PASSWORD), now()).await;
    }
    let known = memory.hash_parameters.lock().unwrap().clone();
    assert_eq!(
        known,
        ["$argon2id$v=19$m=8,t=1,p=1", "$argon2id$v=19$m=16,t=1,p=1"]
    );
    let calls = memory.calls.lock().unwrap();
    assert_eq!(
        calls[..3],
        ["hash_parameters", "set_hash_parameters", "create_account"]
    );
}
