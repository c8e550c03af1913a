//! AWS credentials, identities and roles.

use std::rc::Rc;

use serde_json::json;

use crate::aws::identity_pool::IdentityPoolError;
use crate::config::Route;
use crate::session::CallError;
use crate::session::error::AuthError;
use crate::session::event::EventKind;
use crate::session::testing::{Fault, Kind, Tab, World, run, settle, until, wait};

fn signed(tab: &Tab) -> Route {
    tab.client.config().api.routes[1].clone()
}

/// A tab in which a user has signed in. The requests of the sign-in are not counted.
async fn signed_in(world: &World) -> Tab {
    let tab = world.signed_in().await;
    world.cloud.forget_requests();
    tab
}

fn exception(name: &str, message: &str) -> Fault {
    let body = json!({ "__type": name, "message": message });
    Fault::Answer(400, body.to_string())
}

#[test]
fn credentials_are_used_until_they_near_their_expiry_and_the_identity_is_remembered() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        tab.client.credentials().await.unwrap();
        wait(3_400).await;
        tab.client.credentials().await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetCredentials), 1, "still fresh");
        wait(100).await;
        let renewed = tab.client.credentials().await.unwrap();
        assert_eq!(renewed.access_key_id, "ASIA2");
        // A reload loses the credentials, which are not stored, but not the identity.
        let tab = world.reload(tab);
        tab.open().await;
        tab.client.credentials().await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetId), 1);
        let renewed = |event: &EventKind| matches!(event, EventKind::CredentialsRenewed { .. });
        assert_eq!(tab.happened(renewed), 1);
    });
}

#[test]
fn another_tab_knows_the_identity_too() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let other = world.tab();
        other.open().await;
        tab.client.credentials().await.unwrap();
        settle().await;
        other.client.credentials().await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetId), 1);
    });
}

#[test]
fn a_failed_fetch_is_not_remembered() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let message = "Token is not from a supported provider of this identity pool.";
        let fault = exception("NotAuthorizedException", message);
        world.cloud.fail(Kind::GetId, fault);
        let failed = tab.client.credentials().await;
        let expected = AuthError::IdentityPool(IdentityPoolError::NotLinked);
        assert_eq!(failed, Err(expected));
        assert!(tab.client.credentials().await.is_ok());
    });
}

#[test]
fn a_forbidden_identity_is_forgotten_and_asked_for_once_more() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        tab.client.credentials().await.unwrap();
        let message = "Access to Identity 'eu-west-1:identity' is forbidden.";
        let forbidden = || exception("NotAuthorizedException", message);
        world.cloud.fail(Kind::GetCredentials, forbidden());
        wait(3_590).await;
        tab.client.credentials().await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetId), 2);
        for _ in 0..3 {
            world.cloud.fail(Kind::GetCredentials, forbidden());
        }
        wait(3_590).await;
        let failed = tab.client.credentials().await;
        let expected = AuthError::IdentityPool(IdentityPoolError::IdentityForbidden);
        assert_eq!(failed, Err(expected));
        assert_eq!(world.cloud.count(Kind::GetId), 3, "once more, not for ever");
    });
}

#[test]
fn a_login_that_the_identity_pool_takes_for_expired_is_renewed_once() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let expired = || {
            let message = "Invalid login token. Token expired: 1 >= 0";
            exception("NotAuthorizedException", message)
        };
        world.cloud.fail(Kind::GetId, expired());
        tab.client.credentials().await.unwrap();
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        wait(3_590).await;
        for _ in 0..3 {
            world.cloud.fail(Kind::GetCredentials, expired());
        }
        let before = world.cloud.count(Kind::Refresh);
        assert!(tab.client.credentials().await.is_err());
        let renewals = world.cloud.count(Kind::Refresh) - before;
        assert!(
            renewals <= 2,
            "once for its age, once for the refusal: {renewals}"
        );
    });
}

#[test]
fn a_busy_identity_pool_is_asked_again_after_a_while_and_not_for_ever() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let busy = || exception("TooManyRequestsException", "Rate exceeded");
        world.cloud.fail(Kind::GetId, busy());
        world.cloud.fail(Kind::GetId, busy());
        let began = world.cloud.now();
        tab.client.credentials().await.unwrap();
        assert!(world.cloud.now() > began, "it did not wait");
        wait(3_590).await;
        for _ in 0..10 {
            world.cloud.fail(Kind::GetCredentials, busy());
        }
        let failed = tab.client.credentials().await;
        let expected = AuthError::IdentityPool(IdentityPoolError::Throttled);
        assert_eq!(failed, Err(expected));
        assert_eq!(world.cloud.count(Kind::GetCredentials), 5);
    });
}

#[test]
fn a_role_that_is_chosen_during_a_renewal_survives_it() {
    run(async {
        let role = "arn:aws:iam::111122223333:role/editor";
        let world = World::new();
        *world.cloud.claims.borrow_mut() = json!({ "cognito:roles": [role] });
        let tab = signed_in(&world).await;
        let client = Rc::clone(&tab.client);
        let renewal = tokio::task::spawn_local(async move { client.renew_now().await });
        until(|| world.cloud.count(Kind::Refresh) > 0).await;
        tab.client.choose_role(Some(role)).unwrap();
        renewal.await.unwrap().unwrap();
        let info = tab.client.session_info().unwrap();
        assert_eq!(info.role.as_deref(), Some(role));
    });
}

#[test]
fn a_role_that_renewed_tokens_do_not_offer_is_not_requested_any_more() {
    run(async {
        let role = "arn:aws:iam::111122223333:role/editor";
        let world = World::new();
        *world.cloud.claims.borrow_mut() = json!({ "cognito:roles": [role] });
        let tab = signed_in(&world).await;
        let other = world.tab();
        other.open().await;
        tab.client.choose_role(Some(role)).unwrap();
        tab.client.credentials().await.unwrap();
        *world.cloud.claims.borrow_mut() = json!({ "cognito:roles": [] });
        tab.client.renew_now().await.unwrap();
        settle().await;
        for tab in [&tab, &other] {
            assert_eq!(tab.client.session_info().unwrap().role, None);
            tab.client.credentials().await.unwrap();
            let body = world
                .cloud
                .last(Kind::GetCredentials)
                .body
                .text()
                .into_owned();
            assert!(!body.contains("CustomRoleArn"), "{body}");
        }
    });
}

#[test]
fn credentials_that_arrive_after_a_sign_out_are_an_error() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let client = Rc::clone(&tab.client);
        let fetch = tokio::task::spawn_local(async move { client.credentials().await });
        until(|| world.cloud.count(Kind::GetCredentials) > 0).await;
        let scope = crate::session::sign_out::SignOutScope::ThisApp;
        tab.client.sign_out(scope).await;
        assert_eq!(fetch.await.unwrap(), Err(AuthError::SignInRequired));
        let failed = tab.client.credentials().await;
        assert_eq!(failed, Err(AuthError::SignInRequired));
        let renewed = |event: &EventKind| matches!(event, EventKind::CredentialsRenewed { .. });
        assert_eq!(tab.happened(renewed), 0);
    });
}

#[test]
fn credentials_that_arrive_after_another_user_signed_in_are_an_error() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let client = Rc::clone(&tab.client);
        let route = signed(&tab);
        let call = tokio::task::spawn_local(async move { client.call(&route).await });
        until(|| world.cloud.count(Kind::GetCredentials) > 0).await;
        let mut other = crate::session::testing::values::signed_in("session-2", 1);
        other.since = other.since.shifted(60);
        let message = crate::session::message::Message::Session(Box::new(other));
        let text = message.write(&world.config.provider);
        tab.client.on_message(&text).await;
        assert_eq!(call.await.unwrap(), Err(CallError::SessionChanged));
        assert_eq!(
            world.cloud.count(Kind::Api),
            0,
            "one user's call with another's role"
        );
        assert!(AuthError::SessionChanged.is_retryable());
    });
}

#[test]
fn a_role_that_is_chosen_while_credentials_are_requested_counts() {
    run(async {
        let role = "arn:aws:iam::111122223333:role/editor";
        let world = World::new();
        *world.cloud.claims.borrow_mut() = json!({ "cognito:roles": [role] });
        let tab = signed_in(&world).await;
        let client = Rc::clone(&tab.client);
        let fetch = tokio::task::spawn_local(async move { client.credentials().await });
        until(|| world.cloud.count(Kind::GetCredentials) > 0).await;
        tab.client.choose_role(Some(role)).unwrap();
        assert_eq!(fetch.await.unwrap().unwrap().access_key_id, "ASIA2");
        let body = world
            .cloud
            .last(Kind::GetCredentials)
            .body
            .text()
            .into_owned();
        assert!(body.contains(role), "{body}");
        tab.client.credentials().await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetCredentials), 2);
    });
}

#[test]
fn a_role_survives_a_tab_that_was_away_while_it_was_chosen() {
    run(async {
        let role = "arn:aws:iam::111122223333:role/editor";
        let world = World::new();
        *world.cloud.claims.borrow_mut() = json!({ "cognito:roles": [role] });
        let away = signed_in(&world).await;
        let tab = world.tab();
        tab.open().await;
        let (sessions, pending) = (Rc::clone(&away.sessions), Rc::clone(&away.pending));
        away.close();
        tab.client.choose_role(Some(role)).unwrap();
        // The tab comes back with its old record and renews, so that its tokens are the newest.
        let back = world.tab_on(sessions, pending);
        back.open().await;
        back.client.renew_now().await.unwrap();
        settle().await;
        for tab in [&tab, &back] {
            assert_eq!(tab.signed_in().identity.role.value.as_deref(), Some(role));
            tab.client.credentials().await.unwrap();
            let body = world
                .cloud
                .last(Kind::GetCredentials)
                .body
                .text()
                .into_owned();
            assert!(body.contains(role), "{body}");
        }
    });
}

#[test]
fn a_role_is_chosen_among_those_offered_for_every_tab_and_without_a_new_sign_in() {
    run(async {
        let role = "arn:aws:iam::111122223333:role/editor";
        let world = World::new();
        *world.cloud.claims.borrow_mut() = json!({ "cognito:roles": [role] });
        let tab = signed_in(&world).await;
        let other = world.tab();
        other.open().await;
        tab.client.credentials().await.unwrap();
        other.client.credentials().await.unwrap();
        let stranger = "arn:aws:iam::111122223333:role/admin";
        let refused = tab.client.choose_role(Some(stranger));
        assert_eq!(refused, Err(AuthError::RoleNotOffered));
        tab.client.choose_role(Some(role)).unwrap();
        settle().await;
        for client in [&tab.client, &other.client] {
            client.credentials().await.unwrap();
            let body = world
                .cloud
                .last(Kind::GetCredentials)
                .body
                .text()
                .into_owned();
            assert!(
                body.contains(&format!(r#""CustomRoleArn":"{role}""#)),
                "{body}"
            );
        }
        tab.client.choose_role(None).unwrap();
        tab.client.credentials().await.unwrap();
        let body = world
            .cloud
            .last(Kind::GetCredentials)
            .body
            .text()
            .into_owned();
        assert!(!body.contains("CustomRoleArn"), "{body}");
        let changed = |event: &EventKind| matches!(event, EventKind::RoleChanged(_));
        settle().await;
        assert_eq!((tab.happened(changed), other.happened(changed)), (2, 2));
    });
}

#[test]
fn an_identity_that_was_deleted_is_replaced_once_for_a_guest_and_for_a_user() {
    for guest in [true, false] {
        run(async {
            let world = World::configured(|config| {
                config["identity_pool"]["guest_access"] = json!(true);
                config["session"] = json!({ "storage": "local" });
            });
            let tab = world.tab();
            tab.open().await;
            if !guest {
                world.sign_in(&tab).await.unwrap();
            }
            tab.client.call(&signed(&tab)).await.unwrap();
            assert_eq!(world.cloud.count(Kind::GetId), 1);
            let tab = world.reload(tab);
            tab.open().await;
            let message = "Identity 'eu-west-1:identity' not found.";
            let gone = || exception("ResourceNotFoundException", message);
            world.cloud.fail(Kind::GetCredentials, gone());
            let answer = tab.client.call(&signed(&tab)).await.unwrap();
            assert_eq!(answer.status, 200);
            assert_eq!(world.cloud.count(Kind::GetId), 2);
            tab.client.call(&signed(&tab)).await.unwrap();
            assert_eq!(world.cloud.count(Kind::GetId), 2);
            // A pool that knows none of its identities is asked once more and not for ever.
            wait(3_590).await;
            for _ in 0..5 {
                world.cloud.fail(Kind::GetCredentials, gone());
            }
            assert!(tab.client.call(&signed(&tab)).await.is_err());
            assert_eq!(world.cloud.count(Kind::GetId), 3);
        });
    }
}

#[test]
fn a_call_after_hours_without_a_timer_signs_with_new_credentials_at_the_present_time() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        tab.client.call(&signed(&tab)).await.unwrap();
        let header = |name: &str| {
            let sent = world.cloud.last(Kind::Api);
            let mut headers = sent.headers.iter();
            let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone()).unwrap()
        };
        let (signed_at, before) = (header("x-amz-date"), header("authorization"));
        // A phone in a pocket: the browser runs no timer of the page, and nothing wakes it before the user calls.
        wait(5 * 3_600).await;
        tab.client.call(&signed(&tab)).await.unwrap();
        assert!(tab.is_signed_in());
        assert!(before.contains("ASIA1") && header("authorization").contains("ASIA2"));
        assert!(header("x-amz-date") > signed_at);
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        assert_eq!(world.cloud.count(Kind::GetCredentials), 2);
    });
}
