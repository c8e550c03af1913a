//! Sign-in and callback.

use std::rc::Rc;
use std::time::Duration;

use futures::executor::block_on;
use serde_json::json;

use super::callback;
use crate::http::TransportError;
use crate::oauth::callback::{AuthorizeError, Callback};
use crate::oauth::id_token::IdTokenError;
use crate::oauth::tokens::{TokenError, TokenErrorCode};
use crate::session::Restored;
use crate::session::error::{AuthError, Step};
use crate::session::testing::{ENTROPY, START, STATE, Script, client, set_now, tokens};
use crate::store::{MemoryStore, Store as _};

#[test]
fn a_code_is_traded_once_and_leads_back_to_where_it_began() {
    let store = Rc::new(MemoryStore::default());
    let script = Script::default().then(200, tokens(&json!({})));
    let client = client(&script, &store);
    let url = client.begin_sign_in("/#protected-route", ENTROPY).unwrap();
    assert!(url.contains(&format!("state={STATE}")), "{url}");
    let completed = block_on(client.complete_sign_in(callback(STATE))).unwrap();
    assert_eq!(completed.return_to, "/#protected-route");
    assert_eq!(completed.signed_in.user().name, "demouser");
    assert!(completed.kept);
    assert_eq!(script.asked(), ["token"]);
    assert_eq!(
        block_on(client.complete_sign_in(callback(STATE))),
        Err(AuthError::StateUnknown)
    );
    assert_eq!(
        script.asked(),
        ["token"],
        "a second answer to the same callback sends nothing"
    );
}

#[test]
fn an_unknown_state_sends_nothing_and_leaves_other_sign_ins_waiting() {
    let store = Rc::new(MemoryStore::default());
    let script = Script::default().then(200, tokens(&json!({})));
    let client = client(&script, &store);
    client.begin_sign_in("/", ENTROPY).unwrap();
    assert_eq!(
        block_on(client.complete_sign_in(callback("forged"))),
        Err(AuthError::StateUnknown)
    );
    assert_eq!(script.asked(), [] as [&str; 0]);
    assert!(block_on(client.complete_sign_in(callback(STATE))).is_ok());
}

#[test]
fn a_sign_in_that_waited_too_long_is_not_completed() {
    let store = Rc::new(MemoryStore::default());
    let script = Script::default();
    let client = client(&script, &store);
    client.begin_sign_in("/", ENTROPY).unwrap();
    set_now(START.plus(Duration::from_secs(3_601)));
    assert_eq!(
        block_on(client.complete_sign_in(callback(STATE))),
        Err(AuthError::StateUnknown)
    );
}

#[test]
fn a_damaged_record_of_a_sign_in_counts_as_none() {
    let store = Rc::new(MemoryStore::default());
    store
        .set(&format!("velvet-rope.sign-in.{STATE}"), "{")
        .unwrap();
    let outcome = block_on(client(&Script::default(), &store).complete_sign_in(callback(STATE)));
    assert_eq!(outcome, Err(AuthError::StateUnknown));
}

#[test]
fn a_refusal_is_told_with_cognitos_words_and_sends_nothing() {
    let store = Rc::new(MemoryStore::default());
    let script = Script::default();
    let client = client(&script, &store);
    client.begin_sign_in("/", ENTROPY).unwrap();
    let refused = Callback::Refused {
        error: AuthorizeError::AccessDenied,
        description: Some("User cancelled".into()),
        state: Some(STATE.into()),
    };
    let expected = AuthError::SignInRefused {
        error: AuthorizeError::AccessDenied,
        description: Some("User cancelled".into()),
    };
    assert_eq!(block_on(client.complete_sign_in(refused)), Err(expected));
    assert_eq!(script.asked(), [] as [&str; 0]);
}

#[test]
fn nobody_is_signed_in_when_the_token_endpoint_fails() {
    let invalid_grant = TokenError::Refused {
        error: TokenErrorCode::InvalidGrant,
        description: None,
    };
    let timed_out = TransportError::TimedOut {
        host: "h".into(),
        after: Duration::from_secs(20),
    };
    let cases = [
        (
            Script::default().then(400, r#"{"error":"invalid_grant"}"#),
            AuthError::Token(invalid_grant),
        ),
        (
            Script::default().then(503, "down"),
            AuthError::Token(TokenError::Unexpected { status: 503 }),
        ),
        (
            Script::default().then_raw(Err(timed_out.clone())),
            AuthError::Transport {
                during: Step::TokenEndpoint,
                source: timed_out,
            },
        ),
        (
            Script::default().then(200, tokens(&json!({ "nonce": "x" }))),
            AuthError::IdToken(IdTokenError::Nonce),
        ),
    ];
    for (script, expected) in cases {
        let store = Rc::new(MemoryStore::default());
        let client = client(&script, &store);
        client.begin_sign_in("/", ENTROPY).unwrap();
        assert_eq!(
            block_on(client.complete_sign_in(callback(STATE))),
            Err(expected)
        );
        assert!(
            matches!(client.restore(), Restored::SignedOut(_)),
            "nothing may be kept"
        );
    }
}
