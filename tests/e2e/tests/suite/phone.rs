//! The app on a phone: narrow screens, touch targets, the forms of password managers, and the app as it is installed.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use serde_json::{Value, json};
use velvet_rope_e2e::browser::Capability;
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::test_name;

use crate::keyboard::fits;

/// The widths of common phones, in CSS pixels.
const WIDTHS: [u32; 2] = [360, 390];

const PASSWORD: &str = "correct horse battery";

/// The side of a touch target, in CSS pixels (WCAG 2.2, 2.5.5).
const TARGET: u32 = 44;

/// The controls that are too small for a finger. A link inside a sentence may be (WCAG 2.2, 2.5.5, "inline"), and a label is part of
/// the target of its field.
const SMALL_TARGETS: &str = "
    const side = arguments[0];
    const isInline = element => element.matches('a')
        && getComputedStyle(element).display === 'inline'
        && element.closest('p, li, dd, td, .notice');
    const selector = 'a[href], button, input, select, textarea, summary, [role=tab], [role=button], [tabindex=\"0\"]:not(pre)';
    return [...document.querySelectorAll(selector)]
        .filter(element => element.checkVisibility({ visibilityProperty: true }) && !isInline(element))
        .filter(element => !element.matches('.visually-hidden, .skip-link:not(:focus)'))
        .map(element => element.matches('[type=radio], [type=checkbox]') ? element.closest('label') ?? element : element)
        .map(element => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < side - 0.5 || box.height < side - 0.5))
        .map(({ element, box }) =>
            `${element.tagName}.${element.className} ${element.innerText.trim()} ${box.width}x${box.height}`);";

/// The size that the on-screen keyboard leaves of a small phone, in CSS pixels.
const BESIDE_KEYBOARD: (u32, u32) = (390, 420);

/// Moves the focus through all fields of `main` and back, and returns those that are not in view then or that something covers.
/// Of a tall one, the beginning counts; a few pixels at the end are not what a user needs (Firefox and WebKit leave them out of view).
const COVERED: &str = "
    const done = arguments[0];
    const nextFrame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const isInView = element => {
        const box = element.getBoundingClientRect();
        const height = Math.min(box.height, innerHeight / 2);
        return [box.top + height / 4, box.top + height / 2].every(y => {
            const top = document.elementFromPoint(box.left + box.width / 2, y);
            return element.contains(top);
        });
    };
    (async () => {
        const controls = [...document.querySelectorAll('main :is(input, textarea, select)')]
            .filter(element => element.checkVisibility({ visibilityProperty: true }) && !element.disabled)
            .filter(element => !element.matches('.visually-hidden, [type=file]'));
        const covered = [];
        for (const element of [...controls, ...controls.toReversed()]) {
            element.focus();
            await nextFrame();
            if (!isInView(element)) {
                const { top, bottom } = element.getBoundingClientRect();
                covered.push(`${element.tagName} ${element.name}, ${top} to ${bottom} of ${innerHeight}`);
            }
        }
        done([controls.length, innerHeight, covered]);
    })();";

/// The on-screen keyboard leaves each field of the page in view that has the focus.
async fn none_is_covered(fixture: &Fixture, page: &str) -> Result<()> {
    let client = fixture.browser.client();
    let outcome = client.execute_async(COVERED, Vec::new()).await?;
    let (fields, height, covered): (u32, u32, Vec<String>) = serde_json::from_value(outcome)?;
    ensure!(height == BESIDE_KEYBOARD.1, "the viewport is {height} high");
    ensure!(fields > 0, "{page} has no fields");
    ensure!(covered.is_empty(), "covered on {page}: {covered:#?}");
    Ok(())
}

#[test]
fn the_on_screen_keyboard_covers_nothing_that_has_the_focus() -> TestResult {
    let setup = Setup::default()
        .config(with_accounts)
        .needs(Capability::NarrowViewport);
    browser_test(test_name!(), setup, async |fixture| {
        let (width, height) = BESIDE_KEYBOARD;
        fixture.browser.set_viewport(width, height).await?;
        fixture.open("/account").await?;
        fixture.account_page().sign_in().form().element().await?;
        none_is_covered(fixture, "the page of accounts").await?;
        fixture.open("/console").await?;
        fixture.console().choose("GET /no-auth").await?;
        for button in ["Add to the query", "Add a header"] {
            fixture.console().button(button).click().await?;
        }
        none_is_covered(fixture, "the API console").await
    })
}

/// The controls of the current page that are too small.
async fn small_targets(fixture: &Fixture, page: &str) -> Result<Vec<String>> {
    let small = fixture
        .browser
        .evaluate(SMALL_TARGETS, vec![json!(TARGET)])
        .await?;
    let small: Vec<String> = serde_json::from_value(small)?;
    let on_page = |control: String| format!("{control} on {page}");
    Ok(small.into_iter().map(on_page).collect())
}

fn with_accounts(config: &mut Value) {
    config["accounts"] = json!({});
}

#[test]
fn each_control_is_large_enough_for_a_finger() -> TestResult {
    let setup = Setup::default().config(with_accounts).touch_screen();
    browser_test(test_name!(), setup, async |fixture| {
        fixture.browser.set_viewport_width(WIDTHS[1]).await?;
        fixture.open("/").await?;
        let script = "return matchMedia('(pointer: coarse)').matches;";
        let is_coarse = fixture.browser.evaluate(script, Vec::new()).await?;
        ensure!(is_coarse == true, "the browser has no coarse pointer");
        let mut small = Vec::new();
        let card = fixture.home().protected_route();
        card.call_expecting_notice().await?;
        small.extend(small_targets(fixture, "the start page of a guest").await?);
        fixture.open("/account").await?;
        fixture.account_page().sign_in().form().element().await?;
        small.extend(small_targets(fixture, "the forms of an account").await?);
        fixture.sign_in().await?;
        fixture.home().protected_route().call().await?.ok()?;
        let user = &fixture.environment.demo_user;
        fixture.header().user_menu(user).click().await?;
        fixture.header().sign_out().element().await?;
        small.extend(small_targets(fixture, "the start page with the menu").await?);
        fixture.open("/session").await?;
        fixture.session_page().heading().element().await?;
        small.extend(small_targets(fixture, "the session page").await?);
        fixture.open("/console").await?;
        let console = fixture.console();
        console.choose("GET /require-auth").await?;
        console.send_and_wait("200").await?;
        small.extend(small_targets(fixture, "the API console").await?);
        fixture.open("/signedout").await?;
        fixture.signed_out().still_signed_in().element().await?;
        small.extend(small_targets(fixture, "the signed-out page").await?);
        ensure!(small.is_empty(), "too small: {small:#?}");
        Ok(())
    })
}

#[test]
fn every_page_of_a_sign_in_fits_a_phone() -> TestResult {
    let setup = Setup::default()
        .config(with_accounts)
        .needs(Capability::NarrowViewport);
    browser_test(test_name!(), setup, async |fixture| {
        for width in WIDTHS {
            fixture.browser.set_viewport_width(width).await?;
            fixture.open("/account").await?;
            fixture.account_page().sign_in().form().element().await?;
            fits(fixture, "the forms of an account").await?;
            fixture
                .open("/authenticated?error=invalid_scope&error_description=nope")
                .await?;
            fixture
                .callback()
                .notice("The app client lacks a scope")
                .await?;
            fits(fixture, "the callback page").await?;
            fixture.sign_in().await?;
            fixture.home().protected_route().call().await?.ok()?;
            fits(fixture, "the start page").await?;
            fixture.open("/session").await?;
            fixture.session_page().heading().element().await?;
            fits(fixture, "the session page").await?;
            let user = &fixture.environment.demo_user;
            fixture.header().start_sign_out(user).await?;
            fixture.signed_out().heading().element().await?;
            fits(fixture, "the signed-out page").await?;
        }
        Ok(())
    })
}

#[test]
fn password_managers_find_the_fields_and_a_refusal_keeps_them() -> TestResult {
    let setup = Setup::direct().config(with_accounts);
    browser_test(test_name!(), setup, async |fixture| {
        fixture.open("/account").await?;
        let page = fixture.account_page();
        page.sign_in().form().element().await?;
        let attributes = "
            return [...document.querySelectorAll('form input')].map(input =>
                [input.form.ariaLabel, input.name, input.type, input.autocomplete]);";
        let found = fixture.browser.evaluate(attributes, Vec::new()).await?;
        let (known, new) = ("Sign in with an account", "Create an account");
        let expected = json!([
            [known, "username", "text", "username"],
            [known, "password", "password", "current-password"],
            [new, "username", "text", "username"],
            [new, "password", "password", "new-password"],
        ]);
        ensure!(found == expected, "{found:#}");

        let keep = "window.kept = [...document.querySelectorAll('form input')];";
        fixture.browser.evaluate(keep, Vec::new()).await?;
        let name = format!("alice.{:016x}", fastrand::u64(..));
        page.sign_in().send(&name, PASSWORD).await?;
        page.notice("The name or the password is wrong").await?;
        let same = "
            const now = [...document.querySelectorAll('form input')];
            return now.length === window.kept.length && now.every((input, index) => input === window.kept[index]);";
        let same = fixture.browser.evaluate(same, Vec::new()).await?;
        ensure!(same == true, "the fields were replaced");
        ensure!(page.sign_in().value("Password").await? == PASSWORD);
        Ok(())
    })
}

async fn file(fixture: &Fixture, path: &str) -> Result<(String, Bytes)> {
    let request = Request::get(fixture.site.direct_url(path)).body(Full::default())?;
    let answer = Client::default().send(request).await?;
    ensure!(answer.status().is_success(), "{path}: {}", answer.status());
    let kind = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .context("no type")?;
    Ok((kind.to_str()?.to_owned(), answer.into_body()))
}

/// Width and height of a PNG file, which its first chunk begins with.
fn dimensions(png: &[u8]) -> Option<(u32, u32)> {
    let number = |from: usize| {
        let bytes = png.get(from..from + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    Some((number(16)?, number(20)?))
}

#[test]
fn the_installed_app_has_its_icons_and_a_redirect_comes_back_into_it() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        let (kind, manifest) = file(fixture, "/manifest.webmanifest").await?;
        ensure!(kind == "application/manifest+json", "{kind}");
        let manifest: Value = serde_json::from_slice(&manifest)?;
        let scope = manifest["scope"].as_str().unwrap_or_default();
        for path in ["/authenticated", "/signedout", "/session"] {
            ensure!(path.starts_with(scope), "{path} is outside of {scope}");
        }
        ensure!(manifest["start_url"] == "/", "{manifest}");
        let icons = manifest["icons"].as_array().context("no icons")?;
        for icon in icons {
            let path = icon["src"].as_str().unwrap_or_default();
            let (kind, content) = file(fixture, path).await?;
            ensure!(icon["type"] == kind.as_str(), "{path} is {kind}");
            if let Some((width, height)) = dimensions(&content).filter(|_| kind == "image/png") {
                let sizes = format!("{width}x{height}");
                ensure!(icon["sizes"] == sizes.as_str(), "{path} is {sizes}");
            }
        }
        Ok(())
    })
}

#[test]
fn the_policy_lets_a_browser_read_the_manifest() -> TestResult {
    let setup = Setup::default().needs(Capability::DevTools);
    browser_test(test_name!(), setup, async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        let found = fixture
            .browser
            .devtools("Page.getAppManifest", json!({}))
            .await?;
        ensure!(found["errors"] == json!([]), "{found}");
        let address = fixture.site.url("/manifest.webmanifest");
        ensure!(found["url"] == address.as_str(), "{found}");
        ensure!(
            found["manifest"]["name"] == "Velvet Rope" || found["data"].is_string(),
            "{found}"
        );
        Ok(())
    })
}
