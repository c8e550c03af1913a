//! Signing out, and its report.

use base64::Engine as _;
use serde_json::json;

use crate::session::sign_out::{Ending, SignOutReport, SignOutScope};
use crate::session::state::SignedOutReason;
use crate::session::testing::{Fault, Kind, Tab, World, run};
use crate::store::Store as _;

async fn sign_out(tab: &Tab, scope: SignOutScope) -> (Option<String>, SignOutReport) {
    let url = tab.client.sign_out(scope).await;
    assert_eq!(tab.reason(), SignedOutReason::SignedOut);
    assert_eq!(tab.sessions.get("velvet-rope.session"), Ok(None));
    (url, tab.client.sign_out_report().unwrap())
}

#[test]
fn signing_out_of_this_app_revokes_and_leads_to_the_hosted_ui() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let tokens_until = tab.signed_in().expires;
        let credentials = tab.client.credentials().await.unwrap();
        let (url, report) = sign_out(&tab, SignOutScope::ThisApp).await;
        let expected = "https://your-prefix.auth.eu-west-1.amazoncognito.com/logout?";
        assert!(url.unwrap().starts_with(expected));
        assert_eq!(report.refresh_token, Ending::Done);
        assert_eq!(report.provider_session, Ending::Done);
        assert_eq!(report.everywhere, Ending::NotAsked);
        assert_eq!(report.tokens_until, Some(tokens_until));
        assert_eq!(report.credentials_until, Some(credentials.expiration));
        assert!(
            world
                .cloud
                .last(Kind::Revoke)
                .body
                .text()
                .contains("token=refresh-1")
        );
        // It can still be read after the way back, and is gone with the next sign-in.
        let tab = world.reload(tab);
        assert_eq!(tab.client.sign_out_report(), Some(report));
        world.sign_in(&tab).await.unwrap();
        assert_eq!(tab.client.sign_out_report(), None);
    });
}

#[test]
fn the_stored_session_is_removed_whatever_the_network_does() {
    for fault in [
        Fault::Offline,
        Fault::Reset,
        Fault::LoseReply,
        Fault::Answer(500, String::new()),
    ] {
        run(async {
            let world = World::new();
            let tab = world.signed_in().await;
            // An answer that the page cannot read says nothing about the page that it would go to.
            let answers = !matches!(fault, Fault::Offline);
            world.cloud.fail(Kind::Revoke, fault);
            let (url, report) = sign_out(&tab, SignOutScope::ThisApp).await;
            assert_eq!(report.refresh_token, Ending::Failed);
            assert_eq!(url.is_some(), answers, "a page that is down was gone to");
            assert_eq!(report.provider_session == Ending::Done, answers);
        });
    }
}

#[test]
fn offline_nothing_is_waited_for() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        world.cloud.forget_requests();
        world.browser.online.set(false);
        let (url, report) = sign_out(&tab, SignOutScope::ThisApp).await;
        assert_eq!(url, None);
        assert_eq!(report.refresh_token, Ending::Failed);
        assert_eq!(report.provider_session, Ending::Failed);
        assert_eq!(world.cloud.asked(), []);
        // Back online, the rest of it can be tried again.
        world.browser.online.set(true);
        let (url, again) = sign_out(&tab, SignOutScope::ThisApp).await;
        assert!(url.is_some());
        assert_eq!(again.provider_session, Ending::Done);
        assert_eq!(again.refresh_token, Ending::Failed);
        assert_eq!(again.tokens_until, report.tokens_until);
    });
}

#[test]
fn everywhere_needs_a_scope_and_reports_a_missing_one() {
    run(async {
        let world = World::new();
        let tab = world.signed_in().await;
        let (_, report) = sign_out(&tab, SignOutScope::Everywhere).await;
        assert_eq!(report.everywhere, Ending::NotPossible);
        assert_eq!(world.cloud.count(Kind::GlobalSignOut), 0);
        world.cloud.fail(
            Kind::Code,
            Fault::Edit(|reply| {
                let payload = json!({ "scope": "openid aws.cognito.signin.user.admin" });
                let encode = base64::engine::general_purpose::URL_SAFE_NO_PAD;
                let payload = encode.encode(payload.to_string());
                reply["access_token"] = json!(format!("e30.{payload}.s"));
            }),
        );
        world.sign_in(&tab).await.unwrap();
        let (url, report) = sign_out(&tab, SignOutScope::Everywhere).await;
        assert_eq!(report.everywhere, Ending::Done);
        assert_eq!(report.refresh_token, Ending::Done);
        assert!(
            url.is_some(),
            "the session of the hosted UI continues otherwise"
        );
        let asked = world.cloud.asked();
        let global = asked.iter().rposition(|kind| *kind == Kind::GlobalSignOut);
        let revoke = asked.iter().rposition(|kind| *kind == Kind::Revoke);
        assert!(global < revoke, "a revoked access token cannot sign out");
    });
}

#[test]
fn without_a_session_the_session_of_the_hosted_ui_can_still_be_ended() {
    run(async {
        let world = World::new();
        let tab = world.tab();
        tab.open().await;
        let (url, report) = sign_out(&tab, SignOutScope::SwitchUser).await;
        assert!(url.is_some());
        assert_eq!(report.scope, SignOutScope::SwitchUser);
        assert_eq!(report.refresh_token, Ending::NotAsked);
        assert_eq!(report.tokens_until, None);
        assert_eq!(world.cloud.asked(), []);
    });
}
