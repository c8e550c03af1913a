//! Two releases of the site in two tabs, or one after the other.

use serde_json::json;

use crate::session::error::AuthError;
use crate::session::event::EventKind;
use crate::session::sign_out::SignOutScope;
use crate::session::state::SignedOutReason;
use crate::session::testing::{Kind, Tab, World, run, wait};
use crate::store::Store as _;

const SESSION: &str = "velvet-rope.session";

fn local() -> World {
    World::configured(|config| config["session"] = json!({ "storage": "local" }))
}

fn asked_to_reload(tab: &Tab) -> usize {
    tab.happened(|event| *event == EventKind::NewerRelease)
}

/// The record in storage as a newer release would have written it.
fn upgrade(tab: &Tab) -> String {
    let record = tab.sessions.get(SESSION).unwrap().unwrap();
    let record = record.replace("\"version\":2", "\"version\":3");
    let record = record.replace("\"access_token\"", "\"access\"");
    tab.sessions.set(SESSION, &record).unwrap();
    record
}

fn stored(tab: &Tab) -> Option<String> {
    tab.sessions.get(SESSION).unwrap()
}

#[test]
fn a_record_of_a_newer_release_is_left_alone_and_a_reload_is_asked_for() {
    run(async {
        let world = local();
        let tab = world.signed_in().await;
        let record = upgrade(&tab);
        let tab = world.reload(tab);
        tab.open().await;
        assert_eq!(tab.reason(), SignedOutReason::NotSignedIn);
        assert_eq!(stored(&tab), Some(record));
        assert_eq!(asked_to_reload(&tab), 1);
        // A new sign-in replaces it.
        world.sign_in(&tab).await.unwrap();
        assert!(stored(&tab).unwrap().contains("\"version\":2"));
    });
}

#[test]
fn an_older_tab_does_not_renew_or_end_a_session_that_a_newer_release_has_too() {
    run(async {
        let world = local();
        let mut tab = world.signed_in().await;
        let record = upgrade(&tab);
        tab.look_after();
        let renewed = tab.client.renew_now().await;
        assert_eq!(renewed, Err(AuthError::NewerRelease));
        assert!(
            tab.client.credentials().await.is_ok(),
            "its tokens are valid"
        );
        wait(2 * 3_600).await;
        assert!(
            tab.is_signed_in(),
            "the session is the newer release's to end"
        );
        assert_eq!(stored(&tab), Some(record));
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
        assert_eq!(asked_to_reload(&tab), 1);
    });
}

#[test]
fn signing_out_in_an_older_tab_ends_the_session_for_every_release() {
    run(async {
        let world = local();
        let tab = world.signed_in().await;
        upgrade(&tab);
        tab.client.sign_out(SignOutScope::ThisApp).await;
        assert_eq!(stored(&tab), None);
        // Also where the older release has never read it.
        let tab = world.signed_in().await;
        let record = upgrade(&tab);
        let id = tab.signed_in().id;
        let tab = world.reload(tab);
        tab.sessions.set(SESSION, &record).unwrap();
        tab.open().await;
        tab.client.sign_out(SignOutScope::ThisApp).await;
        assert_eq!(stored(&tab), None);
        let ended = world.shared.get("velvet-rope.ended").unwrap().unwrap();
        assert!(ended.contains(&id), "{ended}");
    });
}

#[test]
fn messages_of_a_newer_release_change_nothing_and_a_reload_is_asked_for_once() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let before = tab.signed_in();
        let id = &before.id;
        for message in [
            json!({ "version": 2, "kind": "signed_out", "id": id, "idle": false }),
            json!({ "version": 2, "kind": "session", "id": id, "record": {} }),
            json!({ "version": 2, "kind": "moved" }),
            json!({ "version": 1, "kind": "session", "id": id, "record": { "version": 3 } }),
        ] {
            tab.client.on_message(&message.to_string()).await;
            assert_eq!(tab.signed_in(), before);
        }
        assert_eq!(asked_to_reload(&tab), 1);
        assert_eq!(tab.client.renew_now().await, Err(AuthError::NewerRelease));
        // Another session is renewed as ever.
        world.sign_in(&tab).await.unwrap();
        assert_eq!(tab.client.renew_now().await, Ok(()));
    });
}

#[test]
fn a_record_of_the_release_before_is_used() {
    run(async {
        let world = local();
        let tab = world.signed_in().await;
        let record = stored(&tab).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&record).unwrap();
        for member in ["issued", "role_revision", "identity_revision"] {
            value.as_object_mut().unwrap().remove(member).unwrap();
        }
        tab.sessions.set(SESSION, &value.to_string()).unwrap();
        let tab = world.reload(tab);
        tab.open().await;
        assert!(tab.is_signed_in());
        assert_eq!(tab.signed_in().renewal_margin().as_secs(), 300);
    });
}

#[test]
fn the_end_of_another_session_leaves_the_record_of_a_newer_release_alone() {
    run(async {
        let world = local();
        let tab = world.signed_in().await;
        let id = tab.signed_in().id;
        let record = upgrade(&tab).replace(&id, "session-of-the-newer-release");
        tab.sessions.set(SESSION, &record).unwrap();
        let ended = json!({ "version": 1, "kind": "signed_out", "id": id, "idle": false });
        tab.client.on_message(&ended.to_string()).await;
        assert_eq!(tab.reason(), SignedOutReason::SignedOut);
        assert_eq!(stored(&tab), Some(record));
    });
}
