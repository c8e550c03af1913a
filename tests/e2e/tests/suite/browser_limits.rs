//! Browsers that forbid what a sign-in needs.

use anyhow::ensure;
use serde_json::json;
use velvet_rope_e2e::here;
use velvet_rope_e2e::stage::{Setup, Verdict, play};

#[test]
fn a_browser_that_blocks_site_data_keeps_the_open_route_and_explains_the_rest() -> Verdict {
    let setup =
        Setup::default().preference("profile.default_content_setting_values.cookies", json!(2));
    play(here!(), setup, async |stage| {
        stage.open("/").await?;
        stage.home().wait_for_guest().await?;
        stage.header().sign_in().click().await?;
        let notice = stage.home().notice("This browser blocks site data").await?;
        notice.says("Allow cookies and site data")?.offers(&[])?;
        stage.header().wait_for_guest().await?;
        stage.home().open_route().call().await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_page_that_is_not_secure_does_not_start_a_sign_in() -> Verdict {
    let setup = Setup::default().argument("--host-resolver-rules=MAP insecure.test 127.0.0.1");
    play(here!(), setup, async |stage| {
        stage
            .browser
            .open(&format!("http://insecure.test:{}/", stage.cloud.site_port))
            .await?;
        stage.home().wait_for_guest().await?;
        stage.header().sign_in().click().await?;
        let notice = stage
            .home()
            .notice("Signing in needs a secure address")
            .await?;
        notice
            .says("http://insecure.test")?
            .says("https")?
            .offers(&[])?;
        stage.header().wait_for_guest().await?;
        ensure!(
            stage.proxy.seen().is_empty(),
            "sent: {:?}",
            stage.proxy.seen()
        );
        Ok(())
    })
}
