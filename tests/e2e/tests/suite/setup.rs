//! A site without a configuration, or with one that cannot be used.

use anyhow::ensure;
use http::StatusCode;
use serde_json::json;
use velvet_rope_e2e::here;
use velvet_rope_e2e::site::SiteConfig;
use velvet_rope_e2e::stage::{Setup, Verdict, play};

#[test]
fn a_site_without_a_configuration_tells_how_to_get_one() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        for config in [
            SiteConfig::Status(StatusCode::NOT_FOUND),
            SiteConfig::IndexPage,
        ] {
            stage.site.set_config(config);
            stage.open("/").await?;
            let text = stage
                .setup_page()
                .titled("There is no configuration yet")
                .await?;
            for part in [
                "/config.json",
                "cargo xtask start",
                "public/config.example.json",
            ] {
                ensure!(text.contains(part), "expected {part:?} in {text:?}");
            }
        }
        stage
            .site
            .set_config(SiteConfig::Json(stage.config.clone()));
        stage.setup_page().load_again().click().await?;
        stage.home().wait_for_guest().await
    })
}

#[test]
fn every_mistake_of_a_configuration_is_listed_by_its_key() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        let mut config = stage.config.clone();
        config["region"] = json!("Ireland");
        config["user_pool"]["client_id"] = json!("");
        config["api"]["base_url"] = json!("http://example.com");
        config["api"]["routes"][1]["auth"] = json!("magic");
        config["sesion"] = json!({});
        stage.site.set_config(SiteConfig::Json(config));
        stage.open("/").await?;
        stage
            .setup_page()
            .titled("The configuration has 5 mistakes")
            .await?;
        let mistakes = stage.setup_page().mistakes().await?;
        for (key, found) in [
            ("region", "Ireland"),
            ("user_pool.client_id", "\"\""),
            ("api.base_url", "http://example.com"),
            ("api.routes[1].auth", "magic"),
            ("sesion", "{}"),
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
fn a_configuration_that_is_no_json_and_a_failing_server_are_told_apart() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage
            .site
            .set_config(SiteConfig::Text("{\n  \"region\": ,".to_owned()));
        stage.open("/").await?;
        let text = stage
            .setup_page()
            .titled("The configuration is not valid JSON")
            .await?;
        ensure!(text.contains("line 2, column 13"), "{text:?}");
        stage
            .site
            .set_config(SiteConfig::Status(StatusCode::BAD_GATEWAY));
        stage.open("/").await?;
        let text = stage
            .setup_page()
            .titled("The configuration could not be loaded")
            .await?;
        ensure!(text.contains("502"), "{text:?}");
        Ok(())
    })
}
