//! The builder of calls: what is sent, what is sent again, and what ends a call.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use crate::gateway::{CallAuth, CancelToken, Refusal, RequestError};
use crate::http::{Method, TransportError};
use crate::session::CallError;
use crate::session::error::AuthError;
use crate::session::sign_out::SignOutScope;
use crate::session::testing::{Fault, Kind, Tab, World, run, settle, until, wait};

const EXPIRED: &str = r#"{"message":"The security token included in the request is expired"}"#;

/// A tab in which a user has signed in. The requests of the sign-in are not counted.
async fn signed_in(world: &World) -> Tab {
    let tab = world.signed_in().await;
    world.cloud.forget_requests();
    tab
}

fn answers(world: &World, status: u16, times: usize) {
    for _ in 0..times {
        world
            .cloud
            .fail(Kind::Api, Fault::Answer(status, "{}".to_owned()));
    }
}

#[test]
fn a_request_is_sent_as_it_was_built() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let gateway = tab.client.gateway().on_request(|request| {
            request
                .headers
                .push(("x-trace".to_owned(), "  1  ".to_owned()));
            Ok(())
        });
        let request = gateway
            .put("/items/{id}")
            .path("id", "a/b")
            .query("q", "x y")
            .query("q", 2)
            .header("X-One", "a")
            .json(&json!({ "name": "é" }));
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status, answer.attempts), (200, 1));
        let sent = world.cloud.last(Kind::Api);
        assert!(
            sent.url.ends_with("/latest/items/a%2Fb?q=x%20y&q=2"),
            "{}",
            sent.url
        );
        assert_eq!(sent.method, Method::Put);
        assert_eq!(sent.body, r#"{"name":"é"}"#);
        let header = |name: &str| {
            let found = sent.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap()
        };
        assert_eq!(header("x-trace"), "1");
        assert_eq!(header("content-type"), "application/json");
        let signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-api-key;x-one;x-trace";
        assert!(
            header("authorization").contains(signed),
            "{}",
            header("authorization")
        );
    });
}

#[test]
fn prepared_credentials_are_those_of_the_first_call() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let gateway = tab.client.gateway();
        let requests = || [Kind::GetId, Kind::GetCredentials].map(|kind| world.cloud.count(kind));
        // A call that begins while they are on their way waits for them.
        let (prepared, called) =
            futures::join!(gateway.prepare(), gateway.get("/require-auth").send());
        assert_eq!((prepared, requests()), (Ok(()), [1, 1]));
        assert_eq!(called.unwrap().status, 200);
        assert_eq!(gateway.prepare().await, Ok(()));
        gateway.get("/require-auth").send().await.unwrap();
        assert_eq!((world.cloud.count(Kind::Api), requests()), (2, [1, 1]));
    });
}

#[test]
fn preparing_says_why_there_are_no_credentials() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        tab.client.sign_out(SignOutScope::ThisApp).await;
        let prepared = tab.client.gateway().prepare().await;
        assert_eq!(prepared, Err(AuthError::SignInRequired));
        assert_eq!(world.cloud.count(Kind::GetId), 0);
    });
}

#[test]
fn a_mistake_of_the_builder_sends_nothing() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let gateway = tab.client.gateway();
        let missing = gateway.get("/{id}").send().await;
        let id = RequestError::MissingParameter("id".to_owned());
        assert_eq!(missing, Err(CallError::Request(id)));
        let cookie = gateway.get("/a").header("Cookie", "a").send().await;
        let forbidden = RequestError::ForbiddenHeader("cookie".to_owned());
        assert_eq!(cookie, Err(CallError::Request(forbidden)));
        let mut unwritable = std::collections::HashMap::new();
        unwritable.insert(vec![1], 2);
        let json = gateway.post("/a").json(&unwritable).send().await;
        assert!(
            matches!(json, Err(CallError::Request(RequestError::Json(_)))),
            "{json:?}"
        );
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn a_call_that_changes_nothing_twice_is_sent_three_times_at_most() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let gateway = tab.client.gateway();
        for (request, sent) in [
            (gateway.get("/a"), 3),
            (gateway.delete("/a"), 3),
            (gateway.post("/a"), 1),
            (gateway.post("/a").idempotent(), 3),
        ] {
            world.cloud.clear_faults();
            world.cloud.forget_requests();
            answers(&world, 503, 5);
            let answer = request.auth(CallAuth::Open).send().await.unwrap();
            assert_eq!(answer.status, 503);
            assert_eq!(
                (answer.attempts as usize, world.cloud.count(Kind::Api)),
                (sent, sent)
            );
        }
    });
}

#[test]
fn a_lost_network_is_tried_again_and_then_reported() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let gateway = tab.client.gateway();
        world.cloud.fail(Kind::Api, Fault::Reset);
        let answer = gateway.get("/a").send().await.unwrap();
        assert_eq!((answer.status, answer.attempts), (200, 2));
        for _ in 0..3 {
            world.cloud.fail(Kind::Api, Fault::Offline);
        }
        let error = gateway.get("/a").send().await.unwrap_err();
        assert_eq!(error, CallError::Transport(TransportError::Offline));
    });
}

#[test]
fn no_repetition_outlives_the_timeout_or_the_cancel() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        answers(&world, 503, 2);
        let request = tab.client.gateway().get("/a").auth(CallAuth::Open);
        // One attempt takes 100 ms; then comes a wait of about 250 ms.
        let outcome = request
            .clone()
            .timeout(Duration::from_millis(200))
            .send()
            .await;
        let after = Duration::from_millis(200);
        assert!(
            matches!(&outcome, Err(CallError::Transport(TransportError::TimedOut { after: found, .. })) if *found == after),
            "{outcome:?}"
        );
        let token = CancelToken::new();
        let call = request.cancel(&token).send();
        let cancel = async {
            until(|| world.cloud.count(Kind::Api) == 2).await;
            token.cancel();
        };
        let (outcome, ()) = futures::join!(call, cancel);
        assert_eq!(outcome, Err(CallError::Cancelled));
        wait(60).await;
        assert_eq!(world.cloud.count(Kind::Api), 2);
    });
}

#[test]
fn a_call_that_was_cancelled_before_sends_nothing() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let token = CancelToken::new();
        token.cancel();
        let outcome = tab.client.gateway().get("/a").cancel(&token).send().await;
        assert_eq!(outcome, Err(CallError::Cancelled));
        assert_eq!(world.cloud.asked(), []);
    });
}

#[test]
fn a_sign_out_ends_the_calls_of_the_user_and_not_the_open_ones() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        for (auth, expected) in [
            (CallAuth::Iam, Err(CallError::SessionChanged)),
            (CallAuth::Bearer, Err(CallError::SessionChanged)),
            (CallAuth::Open, Ok(())),
        ] {
            world.sign_in(&tab).await.unwrap();
            world.cloud.forget_requests();
            let call = tab.client.gateway().get("/a").auth(auth.clone()).send();
            let sign_out = async {
                until(|| world.cloud.count(Kind::Api) == 1).await;
                tab.client.sign_out(SignOutScope::ThisApp).await;
            };
            let (outcome, ()) = futures::join!(call, sign_out);
            assert_eq!(outcome.map(|_| ()), expected, "{auth:?}");
        }
    });
}

#[test]
fn credentials_on_their_way_do_not_outlive_a_sign_out() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let call = tab.client.gateway().get("/a").send();
        let sign_out = async {
            until(|| world.cloud.count(Kind::GetCredentials) == 1).await;
            tab.client.sign_out(SignOutScope::ThisApp).await;
        };
        let (outcome, ()) = futures::join!(call, sign_out);
        assert_eq!(outcome, Err(CallError::SessionChanged));
        settle().await;
        assert_eq!(world.cloud.count(Kind::Api), 0);
        let next = tab.client.gateway().get("/a").send().await;
        let sign_in = CallError::Session(AuthError::SignInRequired);
        assert_eq!(next, Err(sign_in));
    });
}

#[test]
fn a_renewal_goes_on_when_its_call_is_dropped() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        wait(3_599).await;
        let call = tab.client.gateway().get("/a").auth(CallAuth::Bearer).send();
        tokio::select! {
            _ = call => panic!("the call ended before the renewal"),
            () = until(|| world.cloud.count(Kind::Refresh) == 1) => {}
        }
        settle().await;
        assert_eq!(tab.signed_in().tokens.access_token.secret(), "access-2");
        assert_eq!(world.cloud.replays.get(), 0);
    });
}

#[test]
fn a_bearer_token_that_the_gateway_refuses_is_renewed_once() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let request = tab.client.gateway().get("/a").auth(CallAuth::Bearer);
        answers(&world, 401, 1);
        let answer = request.clone().send().await.unwrap();
        assert_eq!((answer.status, answer.attempts), (200, 2));
        let bearer = ("authorization".to_owned(), "Bearer access-2".to_owned());
        assert!(world.cloud.last(Kind::Api).headers.contains(&bearer));
        answers(&world, 401, 2);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.refusal, Some(Refusal::Unauthorized));
        assert_eq!((answer.attempts, world.cloud.count(Kind::Refresh)), (2, 2));
    });
}

#[test]
fn a_post_that_the_api_refuses_in_the_words_of_a_gateway_is_not_repeated() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let fault = Fault::FromApi(403, EXPIRED.to_owned());
        world.cloud.fail(Kind::Api, fault);
        let answer = tab.client.gateway().post("/a").send().await.unwrap();
        assert_eq!((answer.status, answer.attempts), (403, 1));
    });
}

#[test]
fn interceptors_see_every_attempt_and_the_last_answer() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let (requests, last) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (counted, status) = (Rc::clone(&requests), Rc::clone(&last));
        let gateway = tab.client.gateway();
        let watched = gateway.clone().on_request(move |_| {
            counted.set(counted.get() + 1);
            Ok(())
        });
        let watched = watched.on_answer(move |answer| status.set(answer.status));
        answers(&world, 503, 1);
        watched.get("/a").send().await.unwrap();
        assert_eq!((requests.get(), last.get()), (2, 200));
        gateway.get("/a").send().await.unwrap();
        assert_eq!(requests.get(), 2);
    });
}

#[test]
fn a_body_is_read_piece_by_piece_until_the_user_signs_out() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let request = tab.client.gateway().get("/a");
        answers(&world, 503, 1);
        let mut streamed = request.clone().send_streaming().await.unwrap();
        assert_eq!((streamed.answer.status, streamed.answer.attempts), (200, 2));
        assert!(streamed.answer.body.is_empty());
        let piece = streamed.next().await.unwrap();
        assert_eq!(piece.as_deref(), Some(&br#"{"message":"ok"}"#[..]));
        assert_eq!(streamed.next().await, Ok(None));
        answers(&world, 404, 1);
        let streamed = request.clone().send_streaming().await.unwrap();
        assert_eq!(streamed.answer.refusal, Some(Refusal::NotFound));
        assert_eq!(streamed.answer.text(), "{}");
        let mut streamed = request.send_streaming().await.unwrap();
        tab.client.sign_out(SignOutScope::ThisApp).await;
        assert_eq!(streamed.next().await, Err(CallError::SessionChanged));
        assert_eq!(streamed.next().await, Ok(None));
    });
}

#[test]
fn a_presigned_address_has_the_signature_in_its_query() {
    run(async {
        let world = World::new();
        let tab = signed_in(&world).await;
        let request = tab
            .client
            .gateway()
            .get("/files/{name}")
            .path("name", "a b");
        let url = request.presign(Duration::from_mins(1)).await.unwrap();
        assert!(
            url.contains("/latest/files/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256"),
            "{url}"
        );
        assert!(
            url.contains("&X-Amz-Expires=60&") && url.contains("&X-Amz-Security-Token=session&")
        );
        assert_eq!(world.cloud.count(Kind::Api), 0);
    });
}
