//! Clocks that are wrong.

use crate::session::event::EventKind;
use crate::session::testing::{Kind, Tab, World, play, settle, wait};

fn skewed(world: &World, seconds: i64) {
    world.browser.skew.set(seconds);
}

fn corrections(tab: &Tab) -> usize {
    tab.happened(|event| matches!(event, EventKind::ClockCorrected { .. }))
}

#[test]
fn a_wrong_clock_costs_no_request_at_all_when_it_was_wrong_from_the_beginning() {
    for skew in [-6 * 3_600, -3_600, -400, 400, 3_600, 6 * 3_600] {
        play(async {
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
    play(async {
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
        // Somebody sets the clock right.
        skewed(&world, 0);
        tab.client.call(&route).await.unwrap();
        assert_eq!(tab.client.offset_seconds(), 0);
    });
}

#[test]
fn the_identity_pool_tells_the_time_before_anything_is_signed() {
    play(async {
        let world = World::new();
        let tab = world.signed_in().await;
        skewed(&world, 1_800);
        world.cloud.tells_date.set(true);
        let route = tab.client.config().api.routes[1].clone();
        tab.client.call(&route).await.unwrap();
        assert_eq!(world.cloud.count(Kind::Api), 1);
        assert!(tab.client.offset_seconds().abs_diff(-1_800) < 5);
    });
}

#[test]
fn other_tabs_and_the_next_page_load_know_it_too() {
    play(async {
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
fn what_an_answer_takes_is_no_wrong_clock() {
    play(async {
        let world = World::new();
        skewed(&world, 20);
        let tab = world.signed_in().await;
        assert_eq!(tab.client.offset_seconds(), 0);
        assert_eq!(corrections(&tab), 0);
    });
}
