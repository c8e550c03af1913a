//! A provider other than Cognito.

use serde_json::{Value, json};

use crate::oauth::discovery::DiscoveryError;
use crate::oauth::id_token::IdTokenError;
use crate::session::error::AuthError;
use crate::session::sign_out::{Ending, SignOutScope};
use crate::session::testing::{Fault, Kind, World, run, wait};

const ISSUER: &str = "https://id.example.com/";

fn configure(config: &mut Value, logout: &str) {
    let top = config.as_object_mut().unwrap();
    top.remove("user_pool");
    let section = json!({
        "issuer": ISSUER, "client_id": "1example23456789abcdefghij", "logout": logout, "logins_key": "id.example.com/x"
    });
    top.insert("oidc".to_owned(), section);
}

fn world(logout: &str) -> World {
    let world = World::configured(|config| configure(config, logout));
    *world.cloud.claims.borrow_mut() = json!({ "iss": ISSUER, "token_use": null });
    world
}

#[test]
fn its_endpoints_are_asked_for_once_and_the_session_is_the_same() {
    run(async {
        let world = world("end_session");
        let tab = world.signed_in().await;
        let asked = [Kind::Discovery, Kind::Code, Kind::Keys];
        assert_eq!(world.cloud.asked(), asked);
        // The page that answers the callback is another one than the page that left.
        let tab = world.reload(tab);
        world.sign_in(&tab).await.unwrap();
        assert_eq!(world.cloud.count(Kind::Discovery), 1);
        wait(3_599).await;
        let route = tab.client.config().api.routes[1].clone();
        tab.client.call(&route).await.unwrap();
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        let body = world.cloud.last(Kind::GetId).body.text().into_owned();
        assert!(body.contains(r#""Logins":{"id.example.com/x":"#), "{body}");
    });
}

/// The discovery document of a provider that has moved its token endpoint and its keys.
fn moved() -> Fault {
    Fault::Edit(|document| {
        document["token_endpoint"] = json!("https://new.example.com/oauth2/token");
        document["jwks_uri"] = json!("https://new.example.com/.well-known/jwks.json");
    })
}

fn gone(status: u16) -> Fault {
    Fault::Answer(status, "nothing here".to_owned())
}

#[test]
fn endpoints_that_are_gone_are_discovered_again_once_and_the_request_follows() {
    for status in [404, 405, 410] {
        run(async {
            let world = world("end_session");
            let tab = world.signed_in().await;
            world.cloud.fail(Kind::Refresh, gone(status));
            world.cloud.fail(Kind::Discovery, moved());
            assert_eq!(tab.client.renew_now().await, Ok(()), "{status}");
            assert_eq!(world.cloud.count(Kind::Refresh), 2);
            let sent = world.cloud.last(Kind::Refresh).url;
            assert_eq!(sent, "https://new.example.com/oauth2/token");
            assert_eq!(world.cloud.count(Kind::Discovery), 2);
        });
    }
}

#[test]
fn endpoints_are_discovered_again_after_a_day() {
    run(async {
        let world = world("end_session");
        let tab = world.signed_in().await;
        wait(23 * 3_600).await;
        assert_eq!(tab.client.renew_now().await, Ok(()));
        assert_eq!(world.cloud.count(Kind::Discovery), 1);
        wait(2 * 3_600).await;
        assert_eq!(tab.client.renew_now().await, Ok(()));
        assert_eq!(world.cloud.count(Kind::Discovery), 2);
    });
}

#[test]
fn a_code_follows_a_provider_that_moved_meanwhile() {
    run(async {
        let world = world("end_session");
        let tab = world.tab();
        tab.open().await;
        world.cloud.fail(Kind::Discovery, Fault::Edit(|_| {}));
        world.cloud.fail(Kind::Discovery, moved());
        world.cloud.fail(Kind::Code, gone(404));
        assert!(world.sign_in(&tab).await.is_ok());
        assert_eq!(world.cloud.count(Kind::Discovery), 2);
        let sent = world.cloud.last(Kind::Code).url;
        assert_eq!(sent, "https://new.example.com/oauth2/token");
    });
}

#[test]
fn an_endpoint_that_is_gone_without_a_new_one_is_an_error_and_asked_once() {
    run(async {
        let world = world("end_session");
        let tab = world.tab();
        tab.open().await;
        world.cloud.fail(Kind::Code, gone(404));
        assert!(world.sign_in(&tab).await.is_err());
        assert_eq!(world.cloud.count(Kind::Code), 1);
        assert_eq!(world.cloud.count(Kind::Discovery), 2);
    });
}

#[test]
fn each_way_of_signing_out_leads_to_its_own_address() {
    for (logout, expected) in [
        (
            "end_session",
            Some(
                "https://id.example.com/end?client_id=1example23456789abcdefghij&post_logout_redirect_uri=",
            ),
        ),
        (
            "auth0",
            Some("https://id.example.com/v2/logout?client_id=1example23456789abcdefghij&returnTo="),
        ),
        ("none", None),
    ] {
        run(async {
            let world = world(logout);
            let tab = world.signed_in().await;
            let url = tab.client.sign_out(SignOutScope::ThisApp).await;
            assert_eq!(url.is_some(), expected.is_some(), "{logout}");
            if let (Some(url), Some(expected)) = (url, expected) {
                assert!(url.starts_with(expected), "{url}");
            }
            let report = tab.client.sign_out_report().unwrap();
            assert_eq!(report.refresh_token, Ending::Done);
            let none = report.provider_session == Ending::NotPossible;
            assert_eq!(none, logout == "none");
        });
    }
}

#[test]
fn a_provider_that_does_not_describe_itself_is_named_and_can_be_tried_again() {
    run(async {
        let world = world("none");
        let tab = world.tab();
        tab.open().await;
        let answer = Fault::Answer(404, "nothing here".to_owned());
        world.cloud.fail(Kind::Discovery, answer);
        let expected = DiscoveryError::Unexpected { status: 404 };
        let outcome = world.sign_in(&tab).await;
        assert_eq!(outcome, Err(AuthError::Discovery(expected)));
        let other = Fault::Edit(|document| document["issuer"] = json!("https://evil.example/"));
        world.cloud.fail(Kind::Discovery, other);
        assert!(matches!(
            world.sign_in(&tab).await,
            Err(AuthError::Discovery(DiscoveryError::Issuer { .. }))
        ));
        assert!(world.sign_in(&tab).await.is_ok());
    });
}

#[test]
fn a_key_that_was_replaced_under_the_same_name_is_requested_once_more() {
    run(async {
        let world = World::configured(|config| config["session"] = json!({ "storage": "local" }));
        let tab = world.signed_in().await;
        tab.client.sign_out(SignOutScope::ThisApp).await;
        world.cloud.key.set(2);
        assert!(world.sign_in(&tab).await.is_ok());
        assert_eq!(world.cloud.count(Kind::Keys), 2);
        // The same while the session is renewed.
        wait(61).await;
        world.cloud.key.set(3);
        assert_eq!(tab.client.renew_now().await, Ok(()));
        assert_eq!(world.cloud.count(Kind::Keys), 3);
    });
}

#[test]
fn the_next_sign_in_of_any_tab_requests_no_keys_unless_they_do_not_fit() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        tab.client.sign_out(SignOutScope::ThisApp).await;
        tab.close();
        assert!(world.sign_in(&world.tab()).await.is_ok());
        assert_eq!(world.cloud.count(Kind::Keys), 1);
        *world.cloud.kid.borrow_mut() = "key-2";
        assert!(world.sign_in(&world.tab()).await.is_ok());
        assert_eq!(world.cloud.count(Kind::Keys), 2);
        wait(24 * 3_600).await;
        assert!(world.sign_in(&world.tab()).await.is_ok());
        assert_eq!(world.cloud.count(Kind::Keys), 3);
    });
}

#[test]
fn a_signature_that_no_published_key_made_is_refused_and_costs_no_request_for_a_minute() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let before = world.cloud.count(Kind::Keys);
        for _ in 0..5 {
            world.cloud.fail(
                Kind::Code,
                Fault::Edit(|reply| {
                    let token = reply["id_token"].as_str().unwrap();
                    let forged = token.rsplit_once('.').unwrap().0.to_owned() + ".Zm9yZ2Vk";
                    reply["id_token"] = json!(forged);
                }),
            );
            let outcome = world.sign_in(&tab).await;
            let expected = AuthError::IdToken(IdTokenError::Signature);
            assert_eq!(outcome, Err(expected));
        }
        assert_eq!(world.cloud.count(Kind::Keys) - before, 1);
        // A rotation is still noticed after that pause.
        world.cloud.key.set(2);
        wait(61).await;
        assert!(world.sign_in(&tab).await.is_ok());
    });
}

#[test]
fn keys_in_memory_are_requested_again_after_a_day() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        assert_eq!(world.cloud.count(Kind::Keys), 1);
        wait(23 * 3_600).await;
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.count(Kind::Keys), 1);
        wait(2 * 3_600).await;
        tab.client.renew_now().await.unwrap();
        assert_eq!(world.cloud.count(Kind::Keys), 2);
    });
}
