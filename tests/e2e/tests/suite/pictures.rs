//! The pages of a signed-in user on wide and narrow screens, light and dark. With `VELVET_ROPE_WRITE_DOCS` set, the pictures in
//! `docs/` are made from them.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use velvet_rope_e2e::browser::{Capability, ColorScheme};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::test_name;

/// Pixels of a screen: width and height.
type Screen = (u32, u32);
const WIDE: Screen = (1280, 860);
const NARROW: Screen = (390, 844);

/// The pages, and the pictures in `docs/` that show them.
const PAGES: [(&str, &str); 4] = [
    ("/", "screenshot.png"),
    ("/console", "console.png"),
    ("/doctor", "doctor.png"),
    ("/session", ""),
];

const OVERFLOW: &str = "
    const { scrollWidth, clientWidth } = document.documentElement;
    scrollTo(0, 0);
    return scrollWidth - clientWidth;";

/// Opens a page and does what a picture is to show.
async fn show(fixture: &Fixture, path: &str) -> Result<()> {
    fixture.open(path).await?;
    let console = fixture.console();
    match path {
        "/" => {
            fixture.home().open_route().call().await?.ok()?;
            fixture.home().protected_route().call().await?.ok()?;
        }
        "/console" => {
            console.choose("GET /require-auth").await?;
            console.send_and_wait("200").await?;
            console.find(".json-tree").await?;
        }
        "/doctor" => console.wait_for_text(".doctor-summary", "checks.").await?,
        _ => {
            fixture.session_page().heading().element().await?;
        }
    }
    Ok(())
}

#[test]
fn every_page_of_a_user_fits_wide_and_narrow_screens() -> TestResult {
    // The local cloud has a role for guests.
    let setup = Setup::direct()
        .config(|config| config["identity_pool"]["guest_access"] = json!(true))
        .needs(Capability::NarrowViewport)
        .needs(Capability::ColorScheme);
    browser_test(test_name!(), setup, async |fixture| {
        let folder = fixture.environment.artifacts.join("pictures");
        fs::create_dir_all(&folder)?;
        let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let writes = env::var_os("VELVET_ROPE_WRITE_DOCS").is_some();
        fixture.sign_in().await?;
        for (path, picture) in PAGES {
            for ((columns, rows), width) in [(WIDE, "wide"), (NARROW, "narrow")] {
                fixture.browser.set_viewport(columns, rows).await?;
                show(fixture, path).await?;
                for (scheme, name) in [(ColorScheme::Dark, "dark"), (ColorScheme::Light, "light")] {
                    fixture.browser.emulate_color_scheme(scheme).await?;
                    let overflow = fixture.browser.evaluate(OVERFLOW, Vec::new()).await?;
                    ensure!(
                        overflow == json!(0),
                        "{path} on a {width} screen: {overflow}"
                    );
                    let shown = fixture.browser.client().screenshot().await?;
                    let page = path.trim_start_matches('/');
                    fs::write(folder.join(format!("{page}-{width}-{name}.png")), &shown)?;
                    if writes && !picture.is_empty() && (width, name) == ("wide", "light") {
                        fs::write(docs.join(picture), &shown).context(picture)?;
                    }
                }
            }
        }
        Ok(())
    })
}
