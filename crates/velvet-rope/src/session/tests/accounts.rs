//! API-managed accounts, beside a session at the provider.

use std::time::Duration;

use serde_json::json;

use crate::config::Route;
use crate::http::{Method, TransportError};
use crate::session::CallError;
use crate::session::accounts::{AccountError, AccountSignOut};
use crate::session::error::{AuthError, Step};
use crate::session::restore::Restored;
use crate::session::testing::{Fault, Kind, START, Tab, World, run, wait};
use crate::store::Store as _;

const PASSWORD: &str = "correct horse";

fn world() -> World {
    World::configured(|config| {
        config["accounts"] = json!({});
        let routes = config["api"]["routes"].as_array_mut().unwrap();
        routes
            .push(json!({ "name": "Token", "method": "GET", "path": "/token", "auth": "bearer" }));
    })
}

fn bearer(tab: &Tab) -> Route {
    tab.client.config().api.routes[2].clone()
}

fn answer(world: &World, status: u16, body: &serde_json::Value) {
    world
        .cloud
        .fail(Kind::Api, Fault::Answer(status, body.to_string()));
}

fn token(world: &World) {
    let body = json!({ "access_token": "vr_secret", "token_type": "Bearer", "expires_in": 900 });
    answer(world, 200, &body);
}

/// A tab with an API-managed account and no session at the provider.
async fn signed_in(world: &World) -> Tab {
    let tab = world.tab();
    tab.open().await;
    sign_in(world, tab).await
}

async fn signed_in_without_opening(world: &World) -> Tab {
    sign_in(world, world.tab()).await
}

async fn sign_in(world: &World, tab: Tab) -> Tab {
    token(world);
    tab.client
        .sign_in_account(false, "alice", PASSWORD)
        .await
        .unwrap();
    world.cloud.forget_requests();
    tab
}

fn authorization(world: &World) -> Option<String> {
    let sent = world.cloud.last(Kind::Api);
    let header = sent
        .headers
        .into_iter()
        .find(|(name, _)| name == "authorization");
    header.map(|(_, value)| value)
}

#[test]
fn a_bearer_route_is_called_with_the_token_of_the_account_until_it_expires() {
    run(async {
        let world = world();
        let tab = signed_in(&world).await;
        tab.client.call(&bearer(&tab)).await.unwrap();
        assert_eq!(authorization(&world).as_deref(), Some("Bearer vr_secret"));
        assert_eq!(tab.client.account().unwrap().name, "alice");
        wait(900).await;
        assert_eq!(tab.client.account(), None);
        let outcome = tab.client.call(&bearer(&tab)).await;
        assert_eq!(outcome, Err(CallError::Session(AuthError::SignInRequired)));
    });
}

#[test]
fn the_session_with_the_provider_comes_first() {
    run(async {
        let world = world();
        let tab = signed_in(&world).await;
        world.sign_in(&tab).await.unwrap();
        tab.client.call(&bearer(&tab)).await.unwrap();
        assert_eq!(authorization(&world).as_deref(), Some("Bearer access-1"));
    });
}

#[test]
fn name_and_password_are_sent_to_the_api_with_its_key_and_nowhere_else() {
    run(async {
        let world = world();
        let tab = world.tab();
        token(&world);
        tab.client
            .sign_in_account(false, "alice", PASSWORD)
            .await
            .unwrap();
        let sent = world.cloud.last(Kind::Api);
        let base = &tab.client.config().api.base_url;
        assert_eq!(
            (sent.method, sent.url),
            (Method::Post, [base, "/login"].concat())
        );
        assert_eq!(sent.body, r#"{"name":"alice","password":"correct horse"}"#);
        let names: Vec<&str> = sent.headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["x-api-key", "content-type"]);
        let debug = format!("{:?}", tab.client.account());
        assert!(!debug.contains("vr_secret"), "{debug}");
        assert_eq!(world.cloud.count(Kind::Api), 1);
    });
}

#[test]
fn the_next_sign_in_with_a_name_sends_the_device_token_of_the_last_one() {
    run(async {
        let world = world();
        for (name, expected) in [
            ("alice", None),
            ("bob", None),
            ("Alice ", Some("vrd_alice")),
            ("bob", Some("vrd_bob")),
        ] {
            let tab = world.tab();
            let device = format!("vrd_{}", name.trim().to_lowercase());
            let body = json!({
                "access_token": "vr_secret", "token_type": "Bearer", "expires_in": 900,
                "device_token": device
            });
            answer(&world, 200, &body);
            tab.client
                .sign_in_account(false, name, PASSWORD)
                .await
                .unwrap();
            let sent: serde_json::Value =
                serde_json::from_str(&world.cloud.last(Kind::Api).body.text()).unwrap();
            assert_eq!(
                sent.get("device_token").and_then(|token| token.as_str()),
                expected
            );
        }
    });
}

#[test]
fn a_new_account_is_signed_in_and_a_taken_name_is_reported() {
    run(async {
        let world = world();
        let tab = world.tab();
        for wrong in [true, false] {
            answer(&world, 202, &json!({ "message": "If the name was free" }));
            if wrong {
                answer(&world, 401, &json!({ "message": "wrong" }));
            } else {
                token(&world);
            }
            let outcome = tab.client.sign_in_account(true, "alice", PASSWORD).await;
            let expected = if wrong {
                Err(AccountError::Taken)
            } else {
                Ok(())
            };
            assert_eq!(outcome, expected);
        }
        assert!(tab.client.account().is_some());
    });
}

#[test]
fn each_refusal_has_its_own_error_and_signs_no_account_in() {
    run(async {
        let world = world();
        let tab = world.tab();
        let message = json!({ "message": "name must have 3" });
        for (status, expected) in [
            (400, AccountError::Refused("name must have 3".to_owned())),
            (401, AccountError::Wrong),
            (429, AccountError::TooMany(None)),
            (503, AccountError::Failed(503)),
            (200, AccountError::Failed(200)),
        ] {
            answer(&world, status, &message);
            let outcome = tab.client.sign_in_account(false, "alice", PASSWORD).await;
            assert_eq!(outcome, Err(expected));
        }
        world.cloud.fail(Kind::Api, Fault::Offline);
        let outcome = tab.client.sign_in_account(false, "alice", PASSWORD).await;
        let offline = AuthError::Transport {
            during: Step::Api,
            source: TransportError::Offline,
        };
        assert_eq!(outcome, Err(AccountError::NotAsked(offline)));
        assert_eq!(tab.client.account(), None);
    });
}

#[test]
fn signing_out_removes_the_token_whatever_the_api_answers() {
    run(async {
        for (status, body, expected) in [
            (200, json!({ "revoked": true }), AccountSignOut::Revoked),
            (
                200,
                json!({ "revoked": false }),
                AccountSignOut::GoodUntil(START.plus(Duration::from_mins(15))),
            ),
            (
                503,
                json!({ "revoked": true }),
                AccountSignOut::NotTold(START.plus(Duration::from_mins(15))),
            ),
            (
                200,
                json!({}),
                AccountSignOut::NotTold(START.plus(Duration::from_mins(15))),
            ),
        ] {
            let world = world();
            let tab = signed_in(&world).await;
            answer(&world, status, &body);
            assert_eq!(tab.client.sign_out_account().await, Some(expected));
            assert_eq!(authorization(&world).as_deref(), Some("Bearer vr_secret"));
            assert_eq!(tab.client.account(), None);
            assert_eq!(tab.client.sign_out_account().await, None);
        }
    });
}

#[test]
fn the_account_survives_a_reload_and_a_site_without_accounts_has_none() {
    run(async {
        let world = world();
        let tab = signed_in(&world).await;
        let sessions = std::rc::Rc::clone(&tab.sessions);
        let tab = world.reload(tab);
        assert_eq!(tab.client.account().unwrap().name, "alice");
        let elsewhere = World::new();
        let tab = elsewhere.tab_on(sessions, std::rc::Rc::default());
        assert_eq!(tab.client.account(), None);
    });
}

#[test]
fn signing_out_after_the_token_expired_still_removes_it_and_ends_its_session() {
    run(async {
        let world = world();
        let tab = signed_in(&world).await;
        wait(901).await;
        assert_eq!(tab.client.account(), None);
        answer(&world, 200, &json!({ "revoked": true }));
        let outcome = tab.client.sign_out_account().await;
        assert_eq!(outcome, Some(AccountSignOut::Revoked));
        assert_eq!(authorization(&world).as_deref(), Some("Bearer vr_secret"));
        assert_eq!(tab.sessions.get("velvet-rope.account"), Ok(None));
        assert_eq!(tab.client.sign_out_account().await, None);
    });
}

#[test]
fn a_bearer_call_waits_until_it_is_known_whether_a_user_is_signed_in() {
    run(async {
        let world = world();
        let first = world.signed_in().await;
        let tab = signed_in_without_opening(&world).await;
        assert_eq!(tab.client.restore(), Restored::Unfinished);
        let route = bearer(&tab);
        let (_, answer) = futures::join!(
            tab.client.finish_restoring("/", None),
            tab.client.call(&route)
        );
        assert_eq!(answer.unwrap().status, 200);
        let expected = first.signed_in().tokens.access_token;
        let expected = ["Bearer ", expected.secret()].concat();
        assert_eq!(authorization(&world), Some(expected));
    });
}

#[test]
fn the_lifetime_of_the_token_may_be_a_text() {
    run(async {
        let world = world();
        let tab = world.tab();
        let body = json!({ "access_token": "vr_secret", "expires_in": "900" });
        answer(&world, 200, &body);
        tab.client
            .sign_in_account(false, "alice", PASSWORD)
            .await
            .unwrap();
        let expires = tab.client.account().unwrap().expires;
        assert!(expires.0.abs_diff(world.cloud.now().0 + 900) < 2);
    });
}
