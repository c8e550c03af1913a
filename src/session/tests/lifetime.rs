//! Restoring, renewing and signing out.

use std::rc::Rc;
use std::time::Duration;

use futures::executor::block_on;
use serde_json::json;

use super::signed_in;
use crate::http::TransportError;
use crate::oauth::id_token::IdTokenError;
use crate::oauth::tokens::RefreshToken;
use crate::session::Restored;
use crate::session::error::AuthError;
use crate::session::state::SignedOutReason;
use crate::session::testing::{START, Script, client, set_now, tokens};
use crate::store::{MemoryStore, Store as _};

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_live_session_is_taken_up_without_a_request() {
    let (_, signed_in, script, store) = signed_in(Script::default());
    let reloaded = client(&script, &store);
    assert_eq!(reloaded.restore(), Restored::Live(Box::new(signed_in)));
    assert_eq!(script.asked(), [] as [&str; 0]);
}

#[test]
fn an_expired_session_asks_for_renewal() {
    let (client, signed_in, ..) = signed_in(Script::default());
    set_now(START.plus(HOUR));
    assert_eq!(
        client.restore(),
        Restored::NeedsRenewal(Box::new(signed_in))
    );
}

#[test]
fn a_renewal_without_rotation_keeps_the_refresh_token() {
    let (client, before, script, _) = signed_in(Script::default());
    set_now(START.plus(HOUR));
    let mut reply = tokens(&json!({ "nonce": null }));
    reply.as_object_mut().unwrap().remove("refresh_token");
    let _ = script.then(200, reply);
    assert!(client.needs_renewal(&before));
    let renewed = block_on(client.renew(&before)).unwrap();
    assert_eq!(
        renewed.tokens.refresh_token,
        Some(RefreshToken::new("refresh-1"))
    );
    assert!(!client.needs_renewal(&renewed));
    assert_eq!(client.restore(), Restored::Live(Box::new(renewed)));
}

#[test]
fn a_renewal_with_rotation_keeps_the_new_refresh_token() {
    let (client, before, script, _) = signed_in(Script::default());
    let mut reply = tokens(&json!({}));
    reply["refresh_token"] = json!("refresh-2");
    let _ = script.then(200, reply);
    let renewed = block_on(client.renew(&before)).unwrap();
    assert_eq!(
        renewed.tokens.refresh_token,
        Some(RefreshToken::new("refresh-2"))
    );
}

#[test]
fn a_network_failure_keeps_the_session_and_a_revoked_token_ends_it() {
    let (client, before, script, _) = signed_in(Script::default());
    let _ = script
        .then_raw(Err(TransportError::Offline))
        .then(400, r#"{"error":"invalid_grant"}"#);
    let failed = block_on(client.renew(&before)).unwrap_err();
    assert!(failed.is_retryable() && !failed.needs_sign_in());
    assert!(matches!(client.restore(), Restored::Live(_)));
    let ended = block_on(client.renew(&before)).unwrap_err();
    assert!(ended.needs_sign_in());
    assert_eq!(
        client.restore(),
        Restored::SignedOut(SignedOutReason::NotSignedIn)
    );
}

#[test]
fn the_renewed_token_of_somebody_else_is_not_taken() {
    let (client, before, script, _) = signed_in(Script::default());
    let _ = script.then(200, tokens(&json!({ "sub": "user-2" })));
    assert_eq!(
        block_on(client.renew(&before)),
        Err(AuthError::IdToken(IdTokenError::Subject))
    );
    assert!(matches!(client.restore(), Restored::Live(kept) if kept.claims.sub == "user-1"));
}

#[test]
fn damaged_and_foreign_records_are_discarded() {
    let (_, _, script, store) = signed_in(Script::default());
    let good = store.get("velvet-rope.session").unwrap().unwrap();
    for bad in [
        String::new(),
        "{}".to_owned(),
        good.replace("\"version\":1", "\"version\":99"),
        good.replace("1example23456789abcdefghij", "another-client"),
        good.replace("eu-west-1_AbCdEfGhI", "eu-west-1_Another"),
        good.replace("e30.", "e30"),
    ] {
        let store = Rc::new(MemoryStore::default());
        store.set("velvet-rope.session", &bad).unwrap();
        let client = client(&script, &store);
        assert_eq!(
            client.restore(),
            Restored::SignedOut(SignedOutReason::NotSignedIn),
            "{bad}"
        );
        assert_eq!(store.get("velvet-rope.session"), Ok(None), "{bad}");
    }
}

#[test]
fn signing_out_forgets_everything_before_it_leaves() {
    let (client, _, _, store) = signed_in(Script::default());
    let url = client.sign_out();
    assert!(
        url.starts_with("https://your-prefix.auth.eu-west-1.amazoncognito.com/logout?"),
        "{url}"
    );
    assert_eq!(format!("{store:?}"), "MemoryStore(0 records)");
    assert_eq!(
        client.restore(),
        Restored::SignedOut(SignedOutReason::NotSignedIn)
    );
}
