//! Clocks that are wrong.

use serde_json::json;

use crate::config::Route;
use crate::gateway::refusal::Refusal;
use crate::http::Method;
use crate::oauth::id_token::IdTokenError;
use crate::session::error::AuthError;
use crate::session::event::EventKind;
use crate::session::testing::{Fault, Kind, Tab, World, run, settle, wait};

fn skewed(world: &World, seconds: i64) {
    world.browser.skew.set(seconds);
}

fn corrections(tab: &Tab) -> usize {
    tab.happened(|event| matches!(event, EventKind::ClockCorrected { .. }))
}

#[test]
fn a_wrong_clock_costs_no_request_at_all_when_it_was_wrong_from_the_beginning() {
    for skew in [-6 * 3_600, -3_600, -400, 400, 3_600, 6 * 3_600] {
        run(async {
            let world = World::new();
            skewed(&world, skew);
            let mut tab = world.signed_in().await;
            tab.look_after();
            let offset = tab.client.offset_seconds();
            assert!(offset.abs_diff(-skew) < 5, "{offset} for {skew}");
            assert_eq!(corrections(&tab), 1);
            let route = tab.client.config().api.routes[1].clone();
            for _ in 0..5 {
                let answer = tab.client.call(&route).await.unwrap();
                assert_eq!(answer.status, 200);
            }
            assert_eq!(world.cloud.count(Kind::Api), 5, "a call was repeated");
            assert_eq!(world.cloud.count(Kind::Refresh), 0, "renewed too early");
            wait(3_400).await;
            assert_eq!(world.cloud.count(Kind::Refresh), 1, "renewed too late");
            assert_eq!(corrections(&tab), 1);
        });
    }
}

#[test]
fn a_clock_that_goes_wrong_later_costs_one_repetition_per_session() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let route = tab.client.config().api.routes[1].clone();
        tab.client.call(&route).await.unwrap();
        skewed(&world, -1_000);
        for _ in 0..3 {
            let answer = tab.client.call(&route).await.unwrap();
            assert_eq!(answer.status, 200);
        }
        assert_eq!(world.cloud.count(Kind::Api), 5);
        // The user sets the clock.
        skewed(&world, 0);
        tab.client.call(&route).await.unwrap();
        assert_eq!(tab.client.offset_seconds(), 0);
    });
}

#[test]
fn new_credentials_correct_a_clock_that_went_wrong() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let route = tab.client.config().api.routes[1].clone();
        tab.client.call(&route).await.unwrap();
        skewed(&world, 1_800);
        world.cloud.sends_date.set(true);
        tab.client.forget_credentials();
        tab.client.call(&route).await.unwrap();
        assert_eq!(world.cloud.count(Kind::GetCredentials), 2);
        assert_eq!(world.cloud.count(Kind::Api), 2, "a call was repeated");
        assert!(tab.client.offset_seconds().abs_diff(-1_800) < 5);
    });
}

#[test]
fn the_time_is_learned_from_the_identity_pool_before_anything_is_signed() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        skewed(&world, 1_800);
        world.cloud.sends_date.set(true);
        let route = tab.client.config().api.routes[1].clone();
        tab.client.call(&route).await.unwrap();
        assert_eq!(world.cloud.count(Kind::Api), 1);
        assert!(tab.client.offset_seconds().abs_diff(-1_800) < 5);
    });
}

#[test]
fn other_tabs_and_the_next_page_load_know_it_too() {
    run(async {
        let world = World::new();
        let other = world.tab();
        other.open().await;
        skewed(&world, 7_200);
        let tab = world.signed_in().await;
        settle().await;
        assert_eq!(other.client.offset_seconds(), tab.client.offset_seconds());
        // Also one that is opened later, before it takes good tokens for old ones.
        let later = world.tab();
        later.open().await;
        assert_eq!(later.client.offset_seconds(), tab.client.offset_seconds());
        later.client.tick().await;
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
        let offset = tab.client.offset_seconds();
        let tab = world.reload(tab);
        assert_eq!(tab.client.offset_seconds(), offset);
        tab.open().await;
        assert!(tab.is_signed_in());
        assert_eq!(world.cloud.count(Kind::Refresh), 0);
    });
}

#[test]
fn the_duration_of_a_response_is_no_wrong_clock() {
    run(async {
        let world = World::new();
        skewed(&world, 20);
        let tab = world.signed_in().await;
        assert_eq!(tab.client.offset_seconds(), 0);
        assert_eq!(corrections(&tab), 0);
    });
}

#[test]
fn a_provider_that_backdates_its_tokens_is_no_wrong_clock() {
    run(async {
        let world = World::new();
        world.cloud.backdates.set(300);
        for kind in [Kind::Code, Kind::Refresh] {
            let edit = Fault::Edit(|reply| reply["expires_in"] = json!(4_500));
            world.cloud.fail(kind, edit);
        }
        let mut tab = world.signed_in().await;
        tab.look_after();
        let route = signed(&tab, Method::Get);
        for renewals in 0..2 {
            assert_eq!(tab.client.offset_seconds(), 0);
            let before = world.cloud.count(Kind::Api);
            assert_eq!(tab.client.call(&route).await.unwrap().status, 200);
            assert_eq!(world.cloud.count(Kind::Api), before + 1);
            wait(3_200).await;
            assert_eq!(world.cloud.count(Kind::Refresh), renewals, "too early");
            wait(150).await;
            assert_eq!(world.cloud.count(Kind::Refresh), renewals + 1, "too late");
        }
        assert_eq!(corrections(&tab), 0);
    });
}

#[test]
fn a_correction_survives_a_provider_that_backdates_and_ends_when_the_device_is_set_right() {
    run(async {
        let world = World::new();
        world.cloud.backdates.set(300);
        world.cloud.sends_date.set(true);
        skewed(&world, 1_000);
        let tab = world.signed_in().await;
        assert!(tab.client.offset_seconds().abs_diff(-1_000) < 5);
        world.cloud.sends_date.set(false);
        tab.client.renew_now().await.unwrap();
        assert!(tab.client.offset_seconds().abs_diff(-1_000) < 5);
        skewed(&world, 0);
        tab.client.renew_now().await.unwrap();
        assert_eq!(tab.client.offset_seconds(), 0);
    });
}

#[test]
fn where_a_date_is_readable_no_token_sets_the_clock() {
    for backdated in [600, 7_200] {
        run(async {
            let world = World::new();
            world.cloud.sends_date.set(true);
            world.cloud.backdates.set(backdated);
            let tab = world.signed_in().await;
            tab.client.renew_now().await.unwrap();
            assert_eq!((tab.client.offset_seconds(), corrections(&tab)), (0, 0));
        });
    }
}

#[test]
fn a_token_from_another_day_is_refused_unless_a_date_is_readable() {
    for days in [-2, 2] {
        run(async {
            let world = World::new();
            skewed(&world, days * 86_400);
            let tab = world.tab();
            let refused = world.sign_in(&tab).await;
            let times = |error: &IdTokenError| {
                matches!(
                    error,
                    IdTokenError::Expired { .. } | IdTokenError::IssuedInFuture { .. }
                )
            };
            assert!(matches!(refused, Err(AuthError::IdToken(error)) if times(&error)));
            assert_eq!((tab.client.offset_seconds(), corrections(&tab)), (0, 0));
            world.cloud.sends_date.set(true);
            assert!(world.sign_in(&tab).await.is_ok());
        });
    }
}

fn signed(tab: &Tab, method: Method) -> Route {
    let mut route = tab.client.config().api.routes[1].clone();
    route.method = method;
    route
}

/// The message of API Gateway for a device that is behind.
fn too_old(server: &str) -> String {
    let message = format!("Signature expired: x is now earlier than y ({server} - 5 min.)");
    json!({ "message": message }).to_string()
}

const AN_HOUR_LATER: &str = "20231114T231320Z";

#[test]
fn the_body_of_an_api_behind_the_gateway_sets_no_clock_and_repeats_no_post() {
    for (method, body) in [
        (Method::Get, too_old(AN_HOUR_LATER)),
        (Method::Post, too_old(AN_HOUR_LATER)),
        (
            Method::Post,
            r#"{"message":"The security token included in the request is expired"}"#.to_owned(),
        ),
    ] {
        run(async {
            let world = World::new();
            let tab = world.signed_in().await;
            world.cloud.fail(Kind::Api, Fault::FromApi(403, body));
            let answer = tab.client.call(&signed(&tab, method)).await.unwrap();
            assert_eq!(answer.status, 403);
            assert_eq!(world.cloud.count(Kind::Api), 1);
            assert_eq!((tab.client.offset_seconds(), corrections(&tab)), (0, 0));
        });
    }
}

#[test]
fn the_time_of_the_gateway_is_used_for_one_retry_and_after_its_success_for_all() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let other = world.tab();
        other.open().await;
        skewed(&world, -3_600);
        let route = signed(&tab, Method::Post);
        assert_eq!(tab.client.call(&route).await.unwrap().status, 200);
        assert_eq!(world.cloud.count(Kind::Api), 2);
        settle().await;
        for tab in [&tab, &other] {
            assert!(tab.client.offset_seconds().abs_diff(3_600) < 5);
        }
    });
}

#[test]
fn a_time_with_which_the_retry_fails_is_not_used_again() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let other = world.tab();
        other.open().await;
        // The clock of the device is right, and the time in the answer is wrong.
        let answer = Fault::Answer(403, too_old(AN_HOUR_LATER));
        world.cloud.fail(Kind::Api, answer);
        let refused = tab.client.call(&signed(&tab, Method::Get)).await.unwrap();
        assert!(matches!(
            refused.refusal,
            Some(Refusal::SignatureExpired { .. })
        ));
        assert_eq!(world.cloud.count(Kind::Api), 2, "one retry and no more");
        settle().await;
        for tab in [&tab, &other] {
            assert_eq!((tab.client.offset_seconds(), corrections(tab)), (0, 0));
        }
        let again = tab.client.call(&signed(&tab, Method::Get)).await.unwrap();
        assert_eq!(again.status, 200);
    });
}

#[test]
fn a_time_of_another_day_is_not_tried() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let answer = Fault::Answer(403, too_old("20231116T221320Z"));
        world.cloud.fail(Kind::Api, answer);
        let refused = tab.client.call(&signed(&tab, Method::Get)).await.unwrap();
        assert_eq!(refused.status, 403);
        assert_eq!(world.cloud.count(Kind::Api), 1);
    });
}
