//! Calls.

use futures::future::join_all;
use serde_json::json;

use crate::config::{Route, RouteAuth};
use crate::gateway::refusal::Refusal;
use crate::session::CallError;
use crate::session::error::AuthError;
use crate::session::testing::{Fault, Kind, Tab, World, run, wait};

const INVALID: &str = r#"{"message":"The security token included in the request is invalid."}"#;
const EXPIRED: &str = r#"{"message":"The security token included in the request is expired"}"#;

fn open(tab: &Tab) -> Route {
    tab.client.config().api.routes[0].clone()
}

fn signed(tab: &Tab) -> Route {
    tab.client.config().api.routes[1].clone()
}

/// A tab in which a user has signed in. The requests of the sign-in are not counted.
async fn signed_in(world: &World) -> Tab {
    let tab = world.signed_in().await;
    world.cloud.forget_requests();
    tab
}

#[test]
fn an_open_route_is_called_with_the_key_alone() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let answer = tab.client.call(&open(&tab)).await.unwrap();
        assert_eq!((answer.status, answer.refusal), (200, None));
        let sent = world.cloud.last(Kind::Api);
        let names: Vec<&str> = sent.headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["x-api-key"]);
    });
}

#[test]
fn a_guest_is_stopped_before_anything_is_sent() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        tab.open().await;
        let outcome = tab.client.call(&signed(&tab)).await;
        assert_eq!(outcome, Err(CallError::Session(AuthError::SignInRequired)));
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn where_guests_get_credentials_a_guest_signs_and_stays_the_same_guest() {
    run(async {
        let world = World::configured(|config| {
            config["identity_pool"]["guest_access"] = json!(true);
        });
        let tab = world.tab();
        tab.open().await;
        tab.client.call(&signed(&tab)).await.unwrap();
        let asked = [Kind::GetId, Kind::GetCredentials, Kind::Api];
        assert_eq!(world.cloud.asked(), asked);
        assert!(!world.cloud.last(Kind::GetId).body.text().contains("Logins"));
        let tab = world.reload(tab);
        tab.open().await;
        tab.client.call(&signed(&tab)).await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetId), 1);
        world.sign_in(&tab).await.unwrap();
        tab.client.call(&signed(&tab)).await.unwrap();
        assert!(
            world
                .cloud
                .last(Kind::GetCredentials)
                .body
                .text()
                .contains("Logins")
        );
    });
}

#[test]
fn a_signed_call_carries_key_date_session_token_and_signature() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        tab.client.call(&signed(&tab)).await.unwrap();
        let asked = [Kind::GetId, Kind::GetCredentials, Kind::Api];
        assert_eq!(world.cloud.asked(), asked);
        let request = world.cloud.last(Kind::Api);
        let header = |name: &str| {
            let found = request.headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap()
        };
        assert!(header("x-amz-date").starts_with("20231114T2213"));
        assert_eq!(header("x-amz-security-token"), "session");
        assert_eq!(header("x-api-key"), "your-api-gateway-key-value");
        let expected = "AWS4-HMAC-SHA256 Credential=ASIA1/20231114/eu-west-1/execute-api/aws4_request, \
                        SignedHeaders=host;x-amz-date;x-amz-security-token;x-api-key, Signature=";
        let authorization = header("authorization");
        assert!(authorization.starts_with(expected), "{authorization}");
    });
}

#[test]
fn eight_calls_at_once_fetch_credentials_once() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let route = signed(&tab);
        let answers = join_all((0..8).map(|_| tab.client.call(&route))).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(world.cloud.count(Kind::GetId), 1);
        assert_eq!(world.cloud.count(Kind::GetCredentials), 1);
        assert_eq!(world.cloud.count(Kind::Api), 8);
    });
}

#[test]
fn credentials_that_the_gateway_refuses_are_replaced_and_the_call_repeated_once() {
    for (body, refusal) in [
        (EXPIRED, Refusal::ExpiredSecurityToken),
        (INVALID, Refusal::InvalidSecurityToken),
    ] {
        run(async {
            let world = World::new();
            let tab = signed_in(&world).await;
            for _ in 0..2 {
                let fault = Fault::Answer(403, body.to_owned());
                world.cloud.fail(Kind::Api, fault);
            }
            let answer = tab.client.call(&signed(&tab)).await.unwrap();
            assert_eq!(answer.refusal, Some(refusal));
            assert_eq!(
                world.cloud.count(Kind::Api),
                2,
                "one repetition and no more"
            );
            assert_eq!(world.cloud.count(Kind::GetCredentials), 2);
        });
    }
}

#[test]
fn a_bearer_route_gets_the_access_token_and_a_fresh_one() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let mut route = signed(&tab);
        route.auth = RouteAuth::Bearer;
        wait(3_599).await;
        tab.client.call(&route).await.unwrap();
        let expected = ("authorization".to_owned(), "Bearer access-2".to_owned());
        let sent = world.cloud.last(Kind::Api);
        assert!(sent.headers.contains(&expected));
    });
}

#[test]
fn no_call_is_made_as_a_guest_before_the_session_is_restored() {
    run(async {
        let world = World::configured(|config| {
            config["identity_pool"]["guest_access"] = json!(true);
        });
        let _open = world.signed_in().await;
        let tab = world.tab();
        assert_eq!(
            tab.client.restore(),
            crate::session::restore::Restored::Unfinished
        );
        let route = signed(&tab);
        let (_, answer) = futures::join!(
            tab.client.finish_restoring("/", None),
            tab.client.call(&route)
        );
        assert_eq!(answer.unwrap().status, 200);
        assert!(
            world
                .cloud
                .last(Kind::GetCredentials)
                .body
                .text()
                .contains("Logins")
        );
    });
}
