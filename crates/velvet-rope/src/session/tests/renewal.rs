//! Renewal: what is stored, what is sent again and what is not, and what ends a session.

use serde_json::json;

use crate::oauth::id_token::IdTokenError;
use crate::oauth::tokens::RefreshToken;
use crate::session::error::AuthError;
use crate::session::event::EventKind;
use crate::session::state::SignedOutReason;
use crate::session::testing::{Fault, Kind, Tab, World, run, until, wait};
use crate::store::Store as _;

fn refresh_token(tab: &Tab) -> String {
    let token = tab.signed_in().tokens.refresh_token;
    token.as_ref().map(RefreshToken::secret).unwrap().to_owned()
}

fn failures(tab: &Tab) -> usize {
    tab.happened(|event| matches!(event, EventKind::RenewalFailed { .. }))
}

#[test]
fn tokens_are_renewed_ahead_of_their_expiry_without_any_activity() {
    run(async {
        let world = World::new();
        let mut tab = world.signed_in().await;
        tab.look_after();
        wait(3_290).await;
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
        wait(20).await;
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        wait(10 * 3_600).await;
        assert_eq!(world.cloud.count(Kind::Refresh), 11);
        assert!(tab.is_signed_in());
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_device_that_slept_renews_when_it_wakes_up() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        wait(8 * 3_600).await;
        tab.client.wake().await;
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        assert!(tab.signed_in().expires > world.cloud.now());
    });
}

#[test]
fn without_rotation_the_refresh_token_stays_and_with_it_the_new_one_is_stored() {
    run(async {
        let world = World::new();
        world.cloud.rotates.set(false);
        let tab = world.signed_in().await;
        let first = refresh_token(&tab);
        tab.client.renew_now().await.unwrap();
        assert_eq!(refresh_token(&tab), first);
        assert_eq!(tab.signed_in().rotates, Some(false));
        world.cloud.rotates.set(true);
        tab.client.renew_now().await.unwrap();
        assert_ne!(refresh_token(&tab), first);
        let tab = world.reload(tab);
        tab.open().await;
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn the_new_refresh_token_is_stored_even_when_the_new_tokens_cannot_be_validated() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let before = tab.signed_in();
        *world.cloud.kid.borrow_mut() = "key-2";
        world.cloud.fail(Kind::Keys, Fault::Reset);
        assert!(tab.client.renew_now().await.is_err());
        let now = tab.signed_in();
        assert_eq!(now.tokens.id_token, before.tokens.id_token);
        assert_ne!(now.tokens.refresh_token, before.tokens.refresh_token);
        // The page goes before anything else happens.
        let tab = world.reload(tab);
        tab.open().await;
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_refresh_token_that_was_certainly_not_used_is_sent_again() {
    for fault in [
        Fault::Offline,
        Fault::Answer(429, String::new()),
        Fault::Answer(503, "down".to_owned()),
        Fault::Answer(400, r#"{"error":"invalid_request"}"#.to_owned()),
    ] {
        run(async {
            let world = World::new();
            let mut tab = world.signed_in().await;
            world.cloud.fail(Kind::Refresh, fault.clone());
            world.cloud.fail(Kind::Refresh, fault);
            tab.look_after();
            wait(3_320).await;
            assert!(tab.is_signed_in());
            assert_eq!(failures(&tab), 2);
            assert_eq!(world.cloud.replays.get(), 0);
            let renewed = |event: &EventKind| matches!(event, EventKind::TokenRenewed { .. });
            assert_eq!(tab.happened(renewed), 1);
        });
    }
}

#[test]
fn failures_are_followed_by_longer_and_longer_waits() {
    run(async {
        let world = World::new();
        let mut tab = world.signed_in().await;
        for _ in 0..100 {
            let answer = Fault::Answer(503, String::new());
            world.cloud.fail(Kind::Refresh, answer);
        }
        tab.look_after();
        wait(3_300 + 900).await;
        let tries = world.cloud.count(Kind::Refresh);
        assert!((7..=12).contains(&tries), "{tries} tries in 15 minutes");
        assert!(
            tab.is_signed_in(),
            "a provider that is down signed the user out"
        );
        world.cloud.clear_faults();
        tab.client.wake().await;
        assert_eq!(world.cloud.count(Kind::Refresh), tries + 1);
    });
}

#[test]
fn a_refresh_token_that_may_be_spent_is_not_sent_again() {
    for fault in [
        Fault::LoseReply,
        Fault::DoneBut(502, "Bad Gateway".to_owned()),
        Fault::DoneBut(500, r#"{"error":"invalid_request"}"#.to_owned()),
        Fault::DoneBut(200, "<html>".to_owned()),
    ] {
        run(async {
            let world = World::new();
            let mut tab = world.signed_in().await;
            world.cloud.fail(Kind::Refresh, fault);
            tab.look_after();
            wait(3_500).await;
            assert!(tab.is_signed_in(), "its tokens still hold");
            tab.client.wake().await;
            assert_eq!(
                tab.client.renew_now().await,
                Err(AuthError::RenewalUncertain)
            );
            // Neither does the next page load.
            let mut tab = world.reload(tab);
            tab.open().await;
            tab.look_after();
            assert!(tab.is_signed_in());
            wait(200).await;
            assert_eq!(tab.reason(), SignedOutReason::RenewalLost);
            assert_eq!(world.cloud.count(Kind::Refresh), 1);
            assert_eq!(world.sign_in(&tab).await.map(|_| ()), Ok(()));
        });
    }
}

#[test]
fn a_page_that_is_closed_during_a_renewal_does_not_send_again() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let client = std::rc::Rc::clone(&tab.client);
        let renewal = tokio::task::spawn_local(async move { client.renew_now().await });
        until(|| world.cloud.count(Kind::Refresh) > 0).await;
        renewal.abort();
        let tab = world.reload(tab);
        tab.open().await;
        let again = tab.client.renew_now().await;
        assert_eq!(again, Err(AuthError::RenewalUncertain));
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
    });
}

#[test]
fn within_the_grace_period_a_lost_answer_is_asked_for_again() {
    run(async {
        let world = World::configured(|config| {
            config["user_pool"]["refresh_token_grace_seconds"] = json!(60);
        });
        world.cloud.rotates.set(true);
        let tab = world.signed_in().await;
        world.cloud.fail(Kind::Refresh, Fault::LoseReply);
        assert!(tab.client.renew_now().await.is_err());
        wait(58).await;
        // This cloud gives no grace; what counts is that it is asked.
        let _ = tab.client.renew_now().await;
        assert_eq!(world.cloud.count(Kind::Refresh), 2);
    });
}

#[test]
fn after_the_grace_period_it_is_not() {
    run(async {
        let world = World::configured(|config| {
            config["user_pool"]["refresh_token_grace_seconds"] = json!(60);
        });
        let tab = world.signed_in().await;
        world.cloud.fail(Kind::Refresh, Fault::LoseReply);
        world.cloud.fail(Kind::Refresh, Fault::LoseReply);
        assert!(tab.client.renew_now().await.is_err());
        wait(40).await;
        // A second try does not begin a new period.
        assert!(tab.client.renew_now().await.is_err());
        wait(40).await;
        let third = tab.client.renew_now().await;
        assert_eq!(third, Err(AuthError::RenewalUncertain));
        assert_eq!(world.cloud.count(Kind::Refresh), 2);
    });
}

#[test]
fn without_rotation_a_lost_answer_is_asked_for_again() {
    run(async {
        for configured in [true, false] {
            let world = World::configured(|config| {
                if configured {
                    config["user_pool"]["refresh_token_rotation"] = json!(false);
                }
            });
            world.cloud.rotates.set(false);
            let tab = world.signed_in().await;
            if !configured {
                tab.client.renew_now().await.unwrap();
            }
            world.cloud.fail(Kind::Refresh, Fault::LoseReply);
            assert!(tab.client.renew_now().await.is_err());
            assert_eq!(tab.client.renew_now().await, Ok(()));
        }
    });
}

#[test]
fn a_session_that_the_provider_ended_ends_with_its_reason() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        world.cloud.end_session();
        let ended = tab.client.renew_now().await;
        assert_eq!(ended, Err(AuthError::SessionExpired));
        assert_eq!(tab.reason(), SignedOutReason::Expired);
        assert_eq!(tab.sessions.get("velvet-rope.session"), Ok(None));
    });
}

#[test]
fn a_renewed_token_of_another_user_ends_the_session() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        *world.cloud.claims.borrow_mut() = json!({ "sub": "user-2" });
        let error = AuthError::IdToken(IdTokenError::Subject);
        assert_eq!(tab.client.renew_now().await, Err(error.clone()));
        assert_eq!(tab.reason(), SignedOutReason::Failed(error));
    });
}

#[test]
fn a_session_without_a_refresh_token_ends_with_its_tokens() {
    run(async {
        let world = World::new();
        let without = Fault::Edit(|reply| {
            reply.as_object_mut().unwrap().remove("refresh_token");
        });
        world.cloud.fail(Kind::Code, without);
        let mut tab = world.signed_in().await;
        tab.look_after();
        wait(3_590).await;
        assert!(tab.is_signed_in());
        wait(20).await;
        assert_eq!(tab.reason(), SignedOutReason::Expired);
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
    });
}

#[test]
fn signing_out_while_tokens_are_renewed_does_not_bring_the_session_back() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let client = std::rc::Rc::clone(&tab.client);
        let renewal = tokio::task::spawn_local(async move { client.renew_now().await });
        until(|| world.cloud.count(Kind::Refresh) > 0).await;
        tab.client
            .sign_out(crate::session::sign_out::SignOutScope::ThisApp)
            .await;
        let _ = renewal.await;
        assert_eq!(tab.reason(), SignedOutReason::SignedOut);
        assert_eq!(tab.sessions.get("velvet-rope.session"), Ok(None));
    });
}

#[test]
fn the_access_token_decides_when_it_expires_first() {
    run(async {
        let world = World::new();
        world.cloud.fail(
            Kind::Code,
            Fault::Edit(|reply| reply["expires_in"] = json!(300)),
        );
        let tab = world.signed_in().await;
        let expires = tab.signed_in().expires;
        assert!(expires.0 <= world.cloud.now().0 + 300, "{expires}");
    });
}

#[test]
fn a_caller_that_waited_for_a_renewal_that_failed_gets_no_old_tokens() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        wait(3_600).await;
        *world.cloud.kid.borrow_mut() = "key-2";
        world.cloud.fail(Kind::Keys, Fault::Reset);
        let mut route = tab.client.config().api.routes[1].clone();
        route.auth = crate::config::RouteAuth::Bearer;
        let (first, second) = futures::join!(tab.client.call(&route), tab.client.call(&route));
        assert!(first.is_err());
        assert!(second.is_ok());
        let sent = world.cloud.last(Kind::Api);
        let old = ("authorization".to_owned(), "Bearer access-1".to_owned());
        assert!(!sent.headers.contains(&old), "an expired token was sent");
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn within_a_grace_period_an_answer_is_not_waited_for_longer_than_it_lasts() {
    run(async {
        let world = World::configured(|config| {
            config["user_pool"]["refresh_token_grace_seconds"] = json!(10);
        });
        let tab = world.signed_in().await;
        tab.client.renew_now().await.unwrap();
        let timeout = world.cloud.last(Kind::Refresh).timeout;
        assert!(timeout.as_secs() <= 5, "{timeout:?}");
    });
}
