//! Sign-in and callback.

use serde_json::json;

use crate::oauth::callback::{AuthorizeError, Callback, PasskeyResult};
use crate::oauth::id_token::IdTokenError;
use crate::oauth::options::SignInOptions;
use crate::oauth::tokens::{TokenError, TokenErrorCode};
use crate::session::Completed;
use crate::session::error::{AuthError, Step};
use crate::session::state::SignedOutReason;
use crate::session::testing::{Fault, Kind, World, parameter, run, wait};
use crate::store::Store as _;

fn here() -> Completed {
    Completed::SignedIn {
        return_to: "/here".to_owned(),
    }
}

#[test]
fn a_code_is_traded_once_and_leads_back_to_where_it_began() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let callback = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        let completed = tab.client.complete_sign_in(callback.clone()).await;
        assert_eq!(completed, Ok(here()));
        assert_eq!(tab.signed_in().user().name, "demouser");
        assert_eq!(world.cloud.asked(), [Kind::Code, Kind::Keys]);
        let again = tab.client.complete_sign_in(callback).await;
        assert_eq!(again, Err(AuthError::StateUnknown));
        assert_eq!(world.cloud.asked().len(), 2, "it was answered twice");
        assert!(tab.is_signed_in());
    });
}

#[test]
fn tabs_sign_in_at_once_without_disturbing_one_another() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let first = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        let second = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        assert_eq!(tab.client.complete_sign_in(second).await, Ok(here()));
        // The cloud has handed out the nonce of the second one only.
        let Callback::Code { state, .. } = &first else {
            panic!("no code")
        };
        let key = format!("velvet-rope.sign-in.{state}");
        assert!(tab.pending.get(&key).unwrap().is_some());
    });
}

#[test]
fn an_unknown_state_sends_nothing_and_leaves_other_sign_ins_waiting() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let callback = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        let Callback::Code { code, .. } = callback.clone() else {
            panic!("no code")
        };
        let forged = Callback::Code {
            code,
            state: "forged".to_owned(),
            issuer: None,
        };
        let outcome = tab.client.complete_sign_in(forged).await;
        assert_eq!(outcome, Err(AuthError::StateUnknown));
        assert_eq!(world.cloud.asked(), []);
        assert_eq!(tab.client.complete_sign_in(callback).await, Ok(here()));
    });
}

#[test]
fn a_sign_in_that_waited_too_long_is_not_completed_and_is_swept_away() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let callback = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        wait(15 * 60 + 1).await;
        let outcome = tab.client.complete_sign_in(callback).await;
        assert_eq!(outcome, Err(AuthError::StateUnknown));
        for _ in 0..3 {
            world
                .come_back(&tab, &SignInOptions::default())
                .await
                .unwrap();
        }
        assert_eq!(tab.pending.keys().unwrap().len(), 3);
        wait(15 * 60 + 1).await;
        tab.open().await;
        assert_eq!(tab.pending.keys(), Ok(vec![]));
    });
}

#[test]
fn a_damaged_record_of_a_sign_in_counts_as_none() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let callback = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        for key in tab.pending.keys().unwrap() {
            tab.pending.set(&key, "{").unwrap();
        }
        let outcome = tab.client.complete_sign_in(callback).await;
        assert_eq!(outcome, Err(AuthError::StateUnknown));
    });
}

#[test]
fn an_answer_of_another_issuer_is_not_taken() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let callback = world
            .come_back(&tab, &SignInOptions::default())
            .await
            .unwrap();
        let Callback::Code { code, state, .. } = callback else {
            panic!("no code")
        };
        let mixed_up = Callback::Code {
            code,
            state,
            issuer: Some("https://evil.example".to_owned()),
        };
        let outcome = tab.client.complete_sign_in(mixed_up).await;
        let expected = AuthError::OtherIssuer("https://evil.example".to_owned());
        assert_eq!(outcome, Err(expected));
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn a_refusal_has_the_description_of_the_provider_and_sends_nothing() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        world.cloud.forget_requests();
        let refused = Callback::Refused {
            error: AuthorizeError::AccessDenied,
            description: Some("User cancelled".into()),
            state: None,
        };
        let expected = AuthError::SignInRefused {
            error: AuthorizeError::AccessDenied,
            description: Some("User cancelled".into()),
        };
        assert_eq!(tab.client.complete_sign_in(refused).await, Err(expected));
        assert_eq!(world.cloud.asked(), []);
        assert!(tab.is_signed_in(), "a refusal without state was acted on");
    });
}

/// What goes wrong with the code, and what is said of it.
fn failures() -> Vec<(Kind, Fault, AuthError)> {
    let invalid_grant = TokenError::Refused {
        error: TokenErrorCode::InvalidGrant,
        description: None,
    };
    let wrong = |error| AuthError::IdToken(error);
    vec![
        (
            Kind::Code,
            Fault::Answer(400, r#"{"error":"invalid_grant"}"#.into()),
            AuthError::Token(invalid_grant),
        ),
        (
            Kind::Code,
            Fault::Answer(503, "down".into()),
            AuthError::Token(TokenError::Unexpected { status: 503 }),
        ),
        (
            Kind::Code,
            Fault::Offline,
            AuthError::Transport {
                during: Step::TokenEndpoint,
                source: crate::http::TransportError::Offline,
            },
        ),
        (
            Kind::Code,
            Fault::Edit(|reply| {
                let token = reply["id_token"].as_str().unwrap().to_owned();
                reply["id_token"] = json!(token + "AA");
            }),
            wrong(IdTokenError::Signature),
        ),
        (
            Kind::Keys,
            Fault::Answer(503, String::new()),
            AuthError::Keys(crate::oauth::jwks::JwksError { status: 503 }),
        ),
        (
            Kind::Keys,
            Fault::Edit(|keys| keys["keys"] = json!([])),
            wrong(IdTokenError::UnknownKey),
        ),
        (
            Kind::Keys,
            Fault::Edit(|keys| keys["keys"][0]["n"] = json!("forged")),
            wrong(IdTokenError::Signature),
        ),
    ]
}

#[test]
fn no_user_is_signed_in_when_anything_fails() {
    for (kind, fault, expected) in failures() {
        run(async {
            let world = World::new();
            let tab = world.tab();
            // The keys are asked for before the tokens are there, and once more when they are.
            world.cloud.fail(kind, fault.clone());
            world.cloud.fail(kind, fault);
            let outcome = world.sign_in(&tab).await;
            assert_eq!(outcome, Err(expected.clone()));
            tab.client.recover(expected.clone()).await;
            assert_eq!(tab.reason(), SignedOutReason::Failed(expected));
            let stored = tab.sessions.get("velvet-rope.session");
            assert_eq!(stored, Ok(None), "half a session was stored");
        });
    }
}

#[test]
fn the_claims_of_a_token_are_checked_at_sign_in() {
    for (claims, expected) in [
        (json!({ "nonce": "other" }), IdTokenError::Nonce),
        (
            json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
            IdTokenError::AccessTokenHash,
        ),
        (
            json!({ "token_use": "access" }),
            IdTokenError::TokenUse {
                found: Some("access".to_owned()),
            },
        ),
    ] {
        run(async {
            let world = World::new();
            *world.cloud.claims.borrow_mut() = claims;
            let outcome = world.sign_in(&world.tab()).await;
            assert_eq!(outcome, Err(AuthError::IdToken(expected)));
        });
    }
}

#[test]
fn a_new_key_is_asked_for_once_and_an_unknown_one_is_refused() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        assert_eq!(world.cloud.count(Kind::Keys), 1);
        *world.cloud.kid.borrow_mut() = "key-2";
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.count(Kind::Keys), 2);
        tab.client.renew_now().await.unwrap();
        assert_eq!(
            world.cloud.count(Kind::Keys),
            2,
            "a known key was asked for"
        );
        // A reload knows the keys too.
        let tab = world.reload(tab);
        tab.open().await;
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.count(Kind::Keys), 2);
    });
}

#[test]
fn a_silent_sign_in_without_a_session_at_the_provider_is_no_failure() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        let options = SignInOptions::silent();
        let entropy = world.entropy();
        let begun = tab.client.begin_sign_in("/quiet", &options, entropy).await;
        let url = begun.unwrap();
        assert_eq!(parameter(&url, "prompt"), "none");
        let refused = |error| Callback::Refused {
            error,
            description: None,
            state: Some(parameter(&url, "state")),
        };
        let scope = refused(AuthorizeError::InvalidScope);
        let failed = tab.client.complete_sign_in(scope).await;
        assert!(matches!(failed, Err(AuthError::SignInRefused { .. })));
        let entropy = world.entropy();
        let begun = tab.client.begin_sign_in("/quiet", &options, entropy).await;
        let url = begun.unwrap();
        let refused = Callback::Refused {
            error: AuthorizeError::LoginRequired,
            description: None,
            state: Some(parameter(&url, "state")),
        };
        let expected = Completed::NotSignedIn {
            return_to: "/quiet".to_owned(),
        };
        assert_eq!(tab.client.complete_sign_in(refused).await, Ok(expected));
    });
}

#[test]
fn stepping_up_takes_the_same_person_and_a_new_proof() {
    run(async {
        let world = World::new();
        let stranger = world.tab();
        let step_up = SignInOptions {
            step_up: true,
            ..SignInOptions::default()
        };
        let outcome = world.sign_in_with(&stranger, &step_up).await;
        assert_eq!(outcome, Err(AuthError::SignInRequired));
        let tab = world.signed_in().await;
        wait(1_000).await;
        assert_eq!(world.sign_in_with(&tab, &step_up).await, Ok(here()));
        wait(1_000).await;
        let old = world.cloud.now().0 - 1_000;
        for (claims, expected) in [
            (
                json!({ "auth_time": old }),
                IdTokenError::NotReauthenticated,
            ),
            (json!({ "sub": "user-2" }), IdTokenError::Subject),
        ] {
            *world.cloud.claims.borrow_mut() = claims;
            let outcome = world.sign_in_with(&tab, &step_up).await;
            let error = AuthError::IdToken(expected);
            assert_eq!(outcome, Err(error.clone()));
            tab.client.recover(error).await;
            assert!(tab.is_signed_in(), "the session before was lost");
        }
    });
}

#[test]
fn the_passkey_page_is_accepted_only_in_the_tab_that_opened_it() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let back = Callback::Passkey(PasskeyResult::Success);
        let outcome = tab.client.complete_sign_in(back.clone()).await;
        assert_eq!(outcome, Err(AuthError::StateUnknown));
        let url = tab.client.begin_passkey("/settings").unwrap();
        assert!(url.contains("/passkeys/add?"), "{url}");
        let expected = Completed::Passkey {
            result: PasskeyResult::Success,
            return_to: "/settings".to_owned(),
        };
        let outcome = tab.client.complete_sign_in(back.clone()).await;
        assert_eq!(outcome, Ok(expected));
        let outcome = tab.client.complete_sign_in(back).await;
        assert_eq!(outcome, Err(AuthError::StateUnknown));
    });
}
