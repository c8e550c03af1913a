//! Several tabs on one session.

use std::rc::Rc;
use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use crate::session::event::EventKind;
use crate::session::sign_out::SignOutScope;
use crate::session::state::SignedOutReason;
use crate::session::testing::{Fault, Kind, Tab, World, run, settle, until, wait};
use crate::store::Store as _;

async fn tabs(world: &World, count: usize) -> Vec<Tab> {
    let mut tabs = vec![world.signed_in().await];
    for _ in 1..count {
        let tab = world.tab();
        tab.open().await;
        tabs.push(tab);
    }
    for tab in &mut tabs {
        tab.look_after();
    }
    tabs
}

#[test]
fn eight_tabs_over_twenty_renewals_send_twenty_token_requests() {
    for storage in ["session", "local", "memory"] {
        for latency in [0, 20, 900] {
            run(async {
                let world =
                    World::configured(|config| config["session"] = json!({ "storage": storage }));
                world.browser.latency.set(Duration::from_millis(latency));
                world.cloud.token_lifetime.set(300);
                let tabs = tabs(&world, 8).await;
                while world.cloud.count(Kind::Refresh) < 20 {
                    wait(10).await;
                    assert!(tabs.iter().all(Tab::is_signed_in));
                }
                wait(100).await;
                assert_eq!(world.cloud.count(Kind::Refresh), 20);
                assert_eq!(world.cloud.replays.get(), 0);
                assert!(tabs.iter().all(Tab::is_signed_in));
                let tokens = |tab: &Tab| tab.signed_in().tokens;
                assert!(tabs.iter().all(|tab| tokens(tab) == tokens(&tabs[0])));
            });
        }
    }
}

#[test]
fn tabs_that_need_tokens_at_the_same_moment_fetch_them_once() {
    run(async {
        let world = World::new();
        // Messages are slower than the lock: only the claims show that there is something to wait for.
        world.browser.latency.set(Duration::from_secs(1));
        let first = world.signed_in().await;
        let second = world.tab();
        second.open().await;
        let outcomes = join_all([first.client.renew_now(), second.client.renew_now()]).await;
        assert_eq!(outcomes, [Ok(()), Ok(())]);
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        assert_eq!(world.cloud.replays.get(), 0);
        let (here, there) = (first.signed_in(), second.signed_in());
        assert_eq!(here.tokens, there.tokens);
        assert!(here.renewed_here && !there.renewed_here);
    });
}

#[test]
fn a_tab_that_dies_while_it_renews_leaves_the_others_warned() {
    run(async {
        let world = World::new();
        let first = world.signed_in().await;
        let second = world.tab();
        second.open().await;
        let client = Rc::clone(&first.client);
        let renewal = tokio::task::spawn_local(async move { client.renew_now().await });
        until(|| world.cloud.count(Kind::Refresh) > 0).await;
        renewal.abort();
        first.close();
        settle().await;
        assert!(second.client.renew_now().await.is_err());
        assert!(second.is_signed_in(), "its tokens still hold");
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_note_that_one_tab_withdraws_leaves_that_of_another_in_place() {
    run(async {
        let world = World::new();
        let first = world.signed_in().await;
        let second = world.tab();
        second.open().await;
        world.browser.latency.set(Duration::from_millis(300));
        world.cloud.fail(Kind::Refresh, Fault::Offline);
        world.cloud.fail(Kind::Refresh, Fault::LoseReply);
        assert!(first.client.renew_now().await.is_err());
        assert!(second.client.renew_now().await.is_err());
        wait(5).await;
        for tab in [&first, &second] {
            let again = tab.client.renew_now().await;
            assert_eq!(
                again,
                Err(crate::session::error::AuthError::RenewalUncertain)
            );
        }
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_tab_that_opens_during_a_renewal_is_notified_before_it_has_the_session() {
    run(async {
        let world = World::new();
        let tabs = tabs(&world, 2).await;
        world.cloud.fail(Kind::Refresh, Fault::LoseReply);
        let late = world.tab();
        let _ = late.client.restore();
        let record = tabs[1]
            .sessions
            .get("velvet-rope.session")
            .unwrap()
            .unwrap();
        let first = tabs[0].client.renew_now();
        let opening = async {
            until(|| world.cloud.count(Kind::Refresh) > 0).await;
            settle().await;
            // What the other tab answered before it heard of the renewal.
            let answer = format!(r#"{{"version":1,"kind":"session","record":{record}}}"#);
            late.client.on_message(&answer).await;
            assert!(late.client.renew_now().await.is_err());
        };
        let (failed, ()) = futures::join!(first, opening);
        assert!(failed.is_err());
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
    });
}

#[test]
fn a_note_that_is_withdrawn_late_ends_no_session() {
    run(async {
        let world = World::new();
        let tabs = tabs(&world, 4).await;
        // All at once the tokens seem to have expired, and the provider is busy.
        world.browser.skew.set(3_700);
        world.browser.latency.set(Duration::from_millis(400));
        let busy = Fault::Answer(429, String::new());
        world.cloud.fail(Kind::Refresh, busy);
        wait(60).await;
        assert!(tabs.iter().all(Tab::is_signed_in));
        assert_eq!(world.cloud.count(Kind::Refresh), 2);
    });
}

#[test]
fn failures_of_one_tab_are_not_repeated_with_a_spent_token_by_another() {
    run(async {
        let world = World::new();
        let tabs = tabs(&world, 3).await;
        world.cloud.fail(Kind::Refresh, Fault::LoseReply);
        wait(3_500).await;
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        assert!(tabs.iter().all(Tab::is_signed_in));
        wait(200).await;
        assert!(
            tabs.iter()
                .all(|tab| tab.reason() == SignedOutReason::RenewalLost
                    || tab.reason() == SignedOutReason::SignedOut)
        );
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn signing_in_and_out_reaches_every_tab_at_once() {
    run(async {
        let world = World::new();
        let other = world.tab();
        other.open().await;
        assert_eq!(other.reason(), SignedOutReason::NotSignedIn);
        let tab = world.signed_in().await;
        settle().await;
        assert!(other.is_signed_in());
        let signed_in = |event: &EventKind| matches!(event, EventKind::SignedIn(_));
        assert_eq!(other.happened(signed_in), 1);
        other.client.sign_out(SignOutScope::ThisApp).await;
        settle().await;
        assert_eq!(tab.reason(), SignedOutReason::SignedOut);
        assert_eq!(tab.sessions.get("velvet-rope.session"), Ok(None));
    });
}

#[test]
fn a_late_message_does_not_bring_an_ended_session_back() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let other = world.tab();
        other.open().await;
        let record = tab.sessions.get("velvet-rope.session").unwrap().unwrap();
        let late = format!(r#"{{"version":1,"kind":"session","record":{record}}}"#);
        tab.client.sign_out(SignOutScope::ThisApp).await;
        settle().await;
        for tab in [&tab, &other] {
            tab.client.on_message(&late).await;
            assert_eq!(tab.reason(), SignedOutReason::SignedOut);
        }
    });
}

#[test]
fn the_last_sign_in_is_used_in_every_tab() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        tab.client.credentials().await.unwrap();
        wait(60).await;
        *world.cloud.claims.borrow_mut() = json!({ "sub": "user-2" });
        let other = world.tab();
        world.sign_in(&other).await.unwrap();
        settle().await;
        assert_eq!(tab.signed_in().claims.sub, "user-2");
        let before = world.cloud.count(Kind::GetCredentials);
        tab.client.credentials().await.unwrap();
        let after = world.cloud.count(Kind::GetCredentials);
        assert_eq!(
            after,
            before + 1,
            "the credentials of the other user were used"
        );
    });
}

#[test]
fn text_that_is_no_message_is_ignored() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let before = tab.signed_in();
        for text in [
            "",
            "{}",
            "[]",
            r#"{"version":1,"kind":"session"}"#,
            r#"{"version":1,"kind":"session","record":{"id":"x"}}"#,
            r#"{"version":1,"kind":"signed_out","id":"another","idle":false}"#,
            r#"{"version":1,"kind":"sending","id":"another","revision":1,"tag":1,"at":1}"#,
            r#"{"version":1,"kind":"clock","offset":"1"}"#,
            r#"{"version":1,"kind":"unheard of"}"#,
        ] {
            tab.client.on_message(text).await;
            assert_eq!(tab.signed_in(), before, "{text}");
        }
    });
}

#[test]
fn a_tab_that_claims_a_newer_revision_and_is_silent_costs_no_token() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let silent = world.tab();
        let claim = format!("{}.9", tab.signed_in().id);
        crate::host::Host::claim(silent.client.host(), Some(&claim)).await;
        let outcome = tab.client.renew_now().await;
        assert_eq!(
            outcome,
            Err(crate::session::error::AuthError::OtherTabSilent)
        );
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
        assert!(tab.is_signed_in());
        silent.close();
        assert_eq!(tab.client.renew_now().await, Ok(()));
    });
}

#[test]
fn a_tab_that_was_away_while_the_session_ended_does_not_revive_it() {
    run(async {
        let world = World::new();
        let away = world.signed_in().await;
        let tab = world.tab();
        tab.open().await;
        // The user followed a link to another site: the page is closed, and the storage of the tab stays.
        let (sessions, pending) = (Rc::clone(&away.sessions), Rc::clone(&away.pending));
        away.close();
        tab.client.sign_out(SignOutScope::ThisApp).await;
        let tab = world.reload(tab);
        tab.open().await;
        let back = world.tab_on(sessions, pending);
        back.open().await;
        settle().await;
        assert_eq!(back.reason(), SignedOutReason::SignedOut);
        assert_eq!(tab.reason(), SignedOutReason::NotSignedIn);
        assert_eq!(back.sessions.get("velvet-rope.session"), Ok(None));
    });
}

#[test]
fn a_tab_that_was_away_while_others_renewed_learns_of_it() {
    run(async {
        let world = World::new();
        let away = world.signed_in().await;
        let tab = world.tab();
        tab.open().await;
        let (sessions, pending) = (Rc::clone(&away.sessions), Rc::clone(&away.pending));
        away.close();
        tab.client.renew_now().await.unwrap();
        let back = world.tab_on(sessions, pending);
        back.open().await;
        settle().await;
        assert_eq!(back.signed_in().tokens, tab.signed_in().tokens);
        back.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_tab_that_lags_behind_does_not_overwrite_a_newer_record() {
    run(async {
        let world = World::configured(|config| config["session"] = json!({ "storage": "local" }));
        let tab = world.signed_in().await;
        let lagging = world.tab();
        lagging.open().await;
        world.browser.latency.set(Duration::from_mins(10));
        tab.client.renew_now().await.unwrap();
        lagging.client.credentials().await.unwrap();
        let tab = world.reload(tab);
        tab.open().await;
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_tab_that_stands_still_while_it_holds_the_lock_does_not_hold_up_the_others() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let frozen = world.tab();
        let lock = crate::host::Host::lock(frozen.client.host(), "renewal").await;
        let outcome = tab.client.renew_now().await;
        assert_eq!(
            outcome,
            Err(crate::session::error::AuthError::OtherTabSilent)
        );
        drop(lock);
        assert_eq!(tab.client.renew_now().await, Ok(()));
    });
}

#[test]
fn signing_out_before_the_session_is_restored_ends_the_stored_one_everywhere() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let other = world.tab();
        other.open().await;
        let tab = world.reload(tab);
        tab.client.sign_out(SignOutScope::ThisApp).await;
        settle().await;
        assert_eq!(other.reason(), SignedOutReason::SignedOut);
    });
}

#[test]
fn a_page_that_comes_back_without_a_session_takes_that_of_the_other_tabs() {
    run(async {
        let world = World::new();
        let guest = world.tab();
        guest.open().await;
        guest.client.host().leave();
        let user = world.signed_in().await;
        settle().await;
        assert!(!guest.is_signed_in());
        guest.client.host().come_back();
        guest.client.ask_tabs().await;
        settle().await;
        assert_eq!(guest.signed_in().tokens, user.signed_in().tokens);
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
    });
}
