//! Answers of the token endpoint to a renewal that lack a member, or write it in another form.

use serde_json::json;

use crate::session::event::EventKind;
use crate::session::testing::{Fault, Kind, Tab, World, run, wait};

fn failures(tab: &Tab) -> usize {
    tab.happened(|event| matches!(event, EventKind::RenewalFailed { .. }))
}

fn without_id_token(reply: &mut serde_json::Value) {
    reply.as_object_mut().unwrap().remove("id_token");
}

#[test]
fn a_renewal_without_an_id_token_goes_on_with_the_session() {
    for rotation in [Some(true), Some(false), None] {
        run(async {
            let world = World::configured(|config| {
                if let Some(rotation) = rotation {
                    config["user_pool"]["refresh_token_rotation"] = json!(rotation);
                }
            });
            world.cloud.rotates.set(rotation != Some(false));
            let mut tab = world.signed_in().await;
            tab.look_after();
            let user = tab.signed_in().user();
            for _ in 0..20 {
                let edit = Fault::Edit(without_id_token);
                world.cloud.fail(Kind::Refresh, edit);
            }
            wait(3_400).await;
            let renewed = tab.signed_in();
            assert_eq!(world.cloud.count(Kind::Refresh), 1);
            assert_eq!(renewed.tokens.access_token.secret(), "access-2");
            assert_eq!(renewed.user(), user);
            tab.client.renew_now().await.unwrap();
            wait(4 * 3_600).await;
            let renewals = world.cloud.count(Kind::Refresh);
            assert!((5..8).contains(&renewals), "{renewals} renewals in 5 hours");
            assert_eq!((tab.signed_in().user(), failures(&tab)), (user, 0));
            assert_eq!(world.cloud.replays.get(), 0);
            // The next page load knows it too.
            let tab = world.reload(tab);
            tab.open().await;
            assert_eq!(world.cloud.count(Kind::Refresh), renewals);
            assert!(tab.is_signed_in());
        });
    }
}

#[test]
fn an_answer_without_a_lifetime_is_renewed_as_often_as_the_id_token_was() {
    run(async {
        let world = World::new();
        world.cloud.token_lifetime.set(300);
        let tab = world.signed_in().await;
        world.cloud.fail(
            Kind::Refresh,
            Fault::Edit(|reply| {
                without_id_token(reply);
                reply.as_object_mut().unwrap().remove("expires_in");
            }),
        );
        wait(1_000).await;
        tab.client.renew_now().await.unwrap();
        let renewed = tab.signed_in();
        let lifetime = renewed.expires.since(world.cloud.now()).as_secs();
        assert!((299..=300).contains(&lifetime), "{lifetime}");
        assert_eq!(renewed.renewal_margin().as_secs(), 60);
    });
}

#[test]
fn where_renewals_bring_no_id_token_an_expired_one_costs_one_renewal_and_no_loop() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        world
            .cloud
            .fail(Kind::Refresh, Fault::Edit(without_id_token));
        wait(3_500).await;
        tab.client.renew_now().await.unwrap();
        let message = "Invalid login token. Token expired: 1 >= 0";
        let body = json!({ "__type": "NotAuthorizedException", "message": message });
        for _ in 0..3 {
            let fault = Fault::Answer(400, body.to_string());
            world.cloud.fail(Kind::GetId, fault);
            assert!(tab.client.credentials().await.is_err());
        }
        assert_eq!(world.cloud.count(Kind::Refresh), 1);
        assert!(tab.is_signed_in());
    });
}

#[test]
fn a_lifetime_may_be_a_text_or_have_a_fraction() {
    let edits: [fn(&mut serde_json::Value); 2] = [
        |reply| reply["expires_in"] = json!("300"),
        |reply| reply["expires_in"] = json!(300.0),
    ];
    for edit in edits {
        run(async {
            let world = World::new();
            world.cloud.fail(Kind::Code, Fault::Edit(edit));
            let mut tab = world.signed_in().await;
            tab.look_after();
            assert!(tab.signed_in().expires.0 <= world.cloud.now().0 + 300);
            wait(250).await;
            assert_eq!(world.cloud.count(Kind::Refresh), 1);
        });
    }
}
