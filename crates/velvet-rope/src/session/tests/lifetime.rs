//! Restoring, storage modes and rest.

use std::time::Duration;

use serde_json::json;

use crate::oauth::options::SignInOptions;
use crate::session::event::EventKind;
use crate::session::restore::Restored;
use crate::session::state::{Session, SignedOutReason};
use crate::session::testing::{Fault, Kind, Tab, World, parameter, run, settle, wait};
use crate::store::Store as _;

fn with_storage(storage: &str) -> World {
    World::configured(|config| config["session"] = json!({ "storage": storage }))
}

#[test]
fn a_valid_session_is_restored_at_once_and_without_a_request() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        world.cloud.forget_requests();
        let tab = world.reload(tab);
        assert_eq!(tab.client.restore(), Restored::Done);
        assert!(tab.is_signed_in());
        tab.client.announce().await;
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn an_expired_session_is_renewed_before_anything_is_said() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        wait(4_000).await;
        let tab = world.reload(tab);
        assert_eq!(tab.client.restore(), Restored::Unfinished);
        assert!(matches!(tab.client.session(), Session::Restoring(Some(_))));
        tab.open().await;
        assert!(tab.is_signed_in());
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
    });
}

#[test]
fn an_expired_session_that_the_provider_has_ended_is_never_shown() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        wait(4_000).await;
        world.cloud.end_session();
        let tab = world.reload(tab);
        let client = std::rc::Rc::clone(&tab.client);
        tab.client.watch(move |_| {
            let session = client.session();
            assert!(!matches!(session, Session::SignedIn(_)), "it flashed");
        });
        tab.open().await;
        assert_eq!(tab.reason(), SignedOutReason::Expired);
        assert_eq!(tab.sessions.get("velvet-rope.session"), Ok(None));
    });
}

#[test]
fn a_user_who_is_offline_when_the_page_opens_stays_signed_in() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        wait(4_000).await;
        let tab = world.reload(tab);
        world.cloud.fail(Kind::Refresh, Fault::Offline);
        tab.open().await;
        assert!(tab.is_signed_in());
        tab.client.wake().await;
        assert_eq!(
            tab.client.session().state(),
            Session::SignedIn(Box::new(tab.signed_in())).state()
        );
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
    });
}

#[test]
fn damaged_and_foreign_records_are_discarded() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let good = tab.sessions.get("velvet-rope.session").unwrap().unwrap();
        for bad in [
            String::new(),
            "{}".to_owned(),
            good.replace("\"version\":2", "\"version\":1"),
            good.replace("1example23456789abcdefghij", "another-client"),
            good.replace("eu-west-1_AbCdEfGhI", "eu-west-1_Another"),
            good.replace("\"id_token\":\"", "\"id_token\":\"."),
            good.replace("\"revision\":1", "\"revision\":-1"),
        ] {
            assert_ne!(bad, good);
            let tab = World::new().tab();
            tab.sessions.set("velvet-rope.session", &bad).unwrap();
            tab.open().await;
            assert_eq!(tab.reason(), SignedOutReason::NotSignedIn, "{bad}");
            assert_eq!(tab.sessions.get("velvet-rope.session"), Ok(None), "{bad}");
        }
    });
}

#[test]
fn in_session_storage_a_new_tab_gets_the_session_from_an_open_one() {
    run(async {
        let world = World::new();
        let first = world.signed_in().await;
        world.cloud.forget_requests();
        let second = world.tab();
        second.open().await;
        assert_eq!(second.signed_in().id, first.signed_in().id);
        assert_eq!(second.client.tab_count().await, 2);
        first.close();
        let third = world.tab();
        third.open().await;
        assert!(third.is_signed_in(), "the second tab did not hand it on");
        second.close();
        third.close();
        let last = world.tab();
        last.open().await;
        assert_eq!(last.reason(), SignedOutReason::NotSignedIn);
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn in_local_storage_the_session_survives_the_last_tab() {
    run(async {
        let world = with_storage("local");
        world.signed_in().await.close();
        let tab = world.tab();
        assert_eq!(tab.client.restore(), Restored::Done);
        assert!(tab.is_signed_in());
    });
}

#[test]
fn in_memory_nothing_is_stored_and_a_reload_asks_the_provider_once() {
    run(async {
        let world = with_storage("memory");
        let tab = world.signed_in().await;
        let stored = tab.pending.keys().unwrap();
        assert_eq!(stored, ["velvet-rope.was-signed-in"]);
        let marker = tab.pending.get(&stored[0]).unwrap();
        assert_eq!(marker.as_deref(), Some("1"));
        let tab = world.reload(tab);
        let url = tab.open().await.unwrap();
        assert_eq!(parameter(&url, "prompt"), "none");
        let state = parameter(&url, "state");
        let pending = tab.pending.get(&format!("velvet-rope.sign-in.{state}"));
        assert!(
            pending.unwrap().unwrap().contains("/there"),
            "the page was lost"
        );
        // There is no callback, and the page is loaded again: it must not redirect in a loop.
        let tab = world.reload(tab);
        assert_eq!(tab.open().await, None);
        assert_eq!(tab.reason(), SignedOutReason::NotSignedIn);
    });
}

#[test]
fn in_memory_a_reload_prefers_another_tab_to_the_provider() {
    run(async {
        let world = with_storage("memory");
        let first = world.signed_in().await;
        let second = world.tab();
        second.open().await;
        assert!(second.is_signed_in());
        let first = world.reload(first);
        assert_eq!(first.open().await, None);
        assert!(first.is_signed_in());
    });
}

fn idle_world() -> World {
    World::configured(|config| config["session"] = json!({ "idle_minutes": 10 }))
}

async fn watched(world: &World) -> Tab {
    let mut tab = world.signed_in().await;
    tab.look_after();
    tab
}

#[test]
fn an_inactive_user_is_warned_and_then_signed_out_everywhere() {
    run(async {
        let world = idle_world();
        let tab = watched(&world).await;
        let other = world.tab();
        other.open().await;
        wait(530).await;
        assert_eq!(tab.client.idle_end(), None);
        wait(20).await;
        assert!(tab.client.idle_end().is_some());
        assert_eq!(
            tab.happened(|event| matches!(event, EventKind::SessionExpiring { .. })),
            1
        );
        wait(60).await;
        assert_eq!(tab.reason(), SignedOutReason::Idle);
        assert_eq!(other.reason(), SignedOutReason::Idle);
        assert_eq!(world.cloud.count(Kind::Revoke), 1);
    });
}

#[test]
fn activity_in_any_tab_extends_the_session_in_all_of_them() {
    run(async {
        let world = idle_world();
        let tab = watched(&world).await;
        let other = world.tab();
        other.open().await;
        for _ in 0..4 {
            wait(570).await;
            other.client.touch();
        }
        settle().await;
        assert!(tab.is_signed_in() && other.is_signed_in());
        assert_eq!(
            tab.client.idle_end(),
            None,
            "the warning was not taken back"
        );
    });
}

#[test]
fn a_session_that_was_idle_while_the_page_was_closed_is_not_restored() {
    run(async {
        let world = idle_world();
        let tab = world.signed_in().await;
        wait(601).await;
        let tab = world.reload(tab);
        let url = tab.open().await.unwrap();
        assert!(url.contains("/logout?"), "{url}");
        assert_eq!(tab.reason(), SignedOutReason::Idle);
        assert_eq!(world.cloud.count(Kind::Revoke), 1);
        let report = tab.client.sign_out_report().unwrap();
        assert_eq!(report.scope, crate::session::sign_out::SignOutScope::Idle);
    });
}

#[test]
fn the_margin_for_renewal_follows_the_lifetime_of_the_tokens() {
    run(async {
        for (lifetime, expected) in [(3_600, 300), (300, 60), (5, 1), (1, 1)] {
            let world = World::new();
            world.cloud.token_lifetime.set(lifetime);
            let tab = world.signed_in().await;
            let margin = tab.signed_in().renewal_margin();
            assert_eq!(margin, Duration::from_secs(expected), "{lifetime}");
        }
    });
}

#[test]
fn activity_after_the_idle_limit_does_not_revive_the_session() {
    run(async {
        let world = idle_world();
        let tab = world.signed_in().await;
        tab.client.tick().await;
        // The device sleeps, and a key wakes it up before any timer runs.
        wait(3_000).await;
        tab.client.touch();
        tab.client
            .on_message(r#"{"version":1,"kind":"active"}"#)
            .await;
        tab.client.tick().await;
        assert_eq!(tab.reason(), SignedOutReason::Idle);
    });
}

#[test]
fn in_memory_an_idle_session_is_not_resumed_from_the_provider() {
    run(async {
        let world = World::configured(|config| {
            config["session"] = json!({ "storage": "memory", "idle_minutes": 10 });
        });
        let tab = world.signed_in().await;
        wait(601).await;
        let tab = world.reload(tab);
        assert_eq!(tab.open().await, None);
        assert_eq!(tab.reason(), SignedOutReason::Idle);
    });
}

#[test]
fn a_guest_is_known_without_a_request() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        assert!(tab.client.finish_as_guest().await);
        assert_eq!(tab.reason(), SignedOutReason::NotSignedIn);
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn a_page_that_may_get_a_session_is_not_that_of_a_guest() {
    run(async {
        let world = World::new();
        let signed_in = world.signed_in().await;
        let beside = world.tab();
        assert!(!beside.client.finish_as_guest().await, "another tab");
        let reloaded = world.reload(signed_in);
        beside.close();
        assert!(!reloaded.client.finish_as_guest().await, "in storage");

        let world = World::new();
        let tab = world.tab();
        let _ = world.come_back(&tab, &SignInOptions::default()).await;
        let tab = world.reload(tab);
        assert!(!tab.client.finish_as_guest().await, "a pending sign-in");

        let world = with_storage("memory");
        let tab = world.signed_in().await;
        let tab = world.reload(tab);
        assert!(!tab.client.finish_as_guest().await, "one to resume");
        for tab in [&reloaded, &tab] {
            assert!(matches!(tab.client.session(), Session::Restoring(None)));
        }
    });
}

#[test]
fn what_follows_a_session_starts_once_there_is_one() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let started = std::rc::Rc::new(std::cell::Cell::new(0));
        let count = || {
            let started = std::rc::Rc::clone(&started);
            move || started.set(started.get() + 1)
        };
        tab.client.when_session(count());
        assert_eq!(started.get(), 0);
        world.sign_in(&tab).await.unwrap();
        assert_eq!(started.get(), 1);
        tab.client.renew_now().await.unwrap();
        assert_eq!(started.get(), 1);
        tab.client.when_session(count());
        assert_eq!(started.get(), 2);
    });
}
