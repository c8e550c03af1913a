//! A site without a usable configuration.

use anyhow::ensure;
use http::StatusCode;
use serde_json::json;
use velvet_rope_e2e::fixture::{Setup, TestResult, browser_test};
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::test_name;

#[test]
fn a_site_without_a_configuration_explains_how_to_get_one() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        for config in [
            SiteConfig::Status(StatusCode::NOT_FOUND),
            SiteConfig::IndexPage,
        ] {
            fixture.site.set_config(config);
            fixture.open("/").await?;
            let text = fixture
                .setup_page()
                .wait_for_title("There is no configuration yet")
                .await?;
            for part in [
                "/config.json",
                "cargo xtask start",
                "public/config.example.json",
            ] {
                ensure!(text.contains(part), "expected {part:?} in {text:?}");
            }
        }
        fixture
            .site
            .set_config(SiteConfig::Json(fixture.config.clone()));
        fixture.setup_page().load_again().click().await?;
        fixture.home().wait_for_guest().await
    })
}

#[test]
fn every_configuration_mistake_is_listed_by_its_key() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let mut config = fixture.config.clone();
        config["region"] = json!("Ireland");
        config["user_pool"]["client_id"] = json!("");
        config["api"]["base_url"] = json!("http://example.com");
        config["api"]["routes"][1]["auth"] = json!("magic");
        config["sesion"] = json!({});
        fixture.site.set_config(SiteConfig::Json(config));
        fixture.open("/").await?;
        fixture
            .setup_page()
            .wait_for_title("The configuration has 5 mistakes")
            .await?;
        let mistakes = fixture.setup_page().mistakes().await?;
        for (key, found) in [
            ("region", "Ireland"),
            ("user_pool.client_id", "\"\""),
            ("api.base_url", "http://example.com"),
            ("api.routes[1].auth", "magic"),
            ("sesion", "an object"),
        ] {
            let named = mistakes
                .iter()
                .find(|mistake| mistake.starts_with(&format!("{key} ")));
            ensure!(
                named.is_some_and(|mistake| mistake.contains(found)),
                "{key} with {found} is not in {mistakes:?}"
            );
        }
        Ok(())
    })
}

#[test]
fn invalid_json_and_a_failing_server_have_different_messages() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture
            .site
            .set_config(SiteConfig::Text("{\n  \"region\": ,".to_owned()));
        fixture.open("/").await?;
        let text = fixture
            .setup_page()
            .wait_for_title("The configuration is not valid JSON")
            .await?;
        ensure!(text.contains("line 2, column 13"), "{text:?}");
        fixture
            .site
            .set_config(SiteConfig::Status(StatusCode::BAD_GATEWAY));
        fixture.open("/").await?;
        let text = fixture
            .setup_page()
            .wait_for_title("The configuration could not be loaded")
            .await?;
        ensure!(text.contains("502"), "{text:?}");
        Ok(())
    })
}
