//! Keyboard operation, and narrow screens.

use anyhow::{Result, bail, ensure};
use fantoccini::key::Key;
use velvet_rope_e2e::browser::{Browser, Capability};
use velvet_rope_e2e::fixture::{Fixture, Setup, TestResult, browser_test};
use velvet_rope_e2e::test_name;

/// Presses Tab until the element with this name has the focus.
async fn tab_to(browser: &Browser, name: &str) -> Result<()> {
    let mut passed = Vec::new();
    for _ in 0..20 {
        browser.press(Key::Tab).await?;
        let focused = browser.focused_name().await?;
        if focused == name {
            return Ok(());
        }
        passed.push(focused);
    }
    bail!("Tab never reached {name:?}, only {passed:?}")
}

async fn has_focus(browser: &Browser, name: &str) -> Result<()> {
    let focused = browser.focused_name().await?;
    ensure!(
        focused == name,
        "expected the focus on {name:?}, it is on {focused:?}"
    );
    Ok(())
}

#[test]
fn the_user_menu_works_by_keyboard_and_the_focus_comes_back() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.sign_in().await?;
        let (browser, user) = (&fixture.browser, &fixture.environment.demo_user);
        tab_to(browser, user).await?;
        browser.press(Key::Enter).await?;
        fixture.header().sign_out().element().await?;
        has_focus(browser, user).await?;
        for label in ["Session", "Sign out", "Sign out everywhere", "Switch user"] {
            browser.press(Key::Tab).await?;
            has_focus(browser, label).await?;
        }
        browser.press(Key::Escape).await?;
        fixture.header().sign_out().wait_until_gone().await?;
        has_focus(browser, user).await?;
        browser.press(Key::Enter).await?;
        fixture.header().sign_out().element().await?;
        tab_to(browser, "Sign out").await?;
        browser.press(Key::Enter).await?;
        fixture.signed_out().heading().element().await?;
        Ok(())
    })
}

#[test]
fn a_route_is_called_by_keyboard_and_the_focus_stays() -> TestResult {
    browser_test(test_name!(), Setup::direct(), async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        tab_to(&fixture.browser, "Call Open route").await?;
        fixture.browser.press(Key::Enter).await?;
        fixture.home().open_route().outcome().await?.ok()?;
        has_focus(&fixture.browser, "Call Open route").await?;
        // Long responses scroll, so they can have the focus too.
        fixture.browser.press(Key::Tab).await?;
        has_focus(&fixture.browser, "Answer").await
    })
}

#[test]
fn the_first_stop_of_the_keyboard_skips_to_the_content() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/").await?;
        fixture.home().wait_for_guest().await?;
        fixture.browser.press(Key::Tab).await?;
        has_focus(&fixture.browser, "Skip to content").await?;
        fixture.browser.press(Key::Enter).await?;
        fixture.browser.press(Key::Tab).await?;
        has_focus(&fixture.browser, "Call Open route").await
    })
}

#[test]
fn following_a_link_moves_the_focus_to_the_new_page() -> TestResult {
    browser_test(test_name!(), Setup::default(), async |fixture| {
        fixture.open("/nowhere").await?;
        fixture.not_found().heading().element().await?;
        tab_to(&fixture.browser, "Go to the start page").await?;
        fixture.browser.press(Key::Enter).await?;
        fixture.home().wait_for_guest().await?;
        fixture.browser.press(Key::Tab).await?;
        has_focus(&fixture.browser, "Call Open route").await
    })
}

/// Fails when something on the current page is wider than the screen.
pub(crate) async fn fits(fixture: &Fixture, page: &str) -> Result<()> {
    let script = "
        const width = document.documentElement.clientWidth;
        const wide = [...document.querySelectorAll('body *')].filter(element => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && box.right > width + 1 && !element.closest('pre');
        });
        const scrolls = document.documentElement.scrollWidth > width;
        return [scrolls, width, ...wide.map(element => `${element.tagName}.${element.className}`)];";
    let outcome = fixture.browser.evaluate(script, Vec::new()).await?;
    ensure!(
        outcome[0] == false && outcome[2].is_null(),
        "{page} is wider than the screen: {outcome}"
    );
    Ok(())
}

#[test]
fn nothing_is_wider_than_a_narrow_screen() -> TestResult {
    browser_test(
        test_name!(),
        Setup::default().needs(Capability::NarrowestViewport),
        async |fixture| {
            // WCAG 2.2, 1.4.10 requires 320.
            for width in [360, 320] {
                fixture.browser.set_viewport_width(width).await?;
                fixture.open("/").await?;
                fixture.home().wait_for_guest().await?;
                fixture
                    .home()
                    .protected_route()
                    .call_expecting_notice()
                    .await?;
                fits(fixture, "the start page with a notice").await?;
                fixture.sign_in_from_here().await?;
                fixture.home().open_route().call().await?.ok()?;
                fixture.home().protected_route().call().await?.ok()?;
                fixture
                    .header()
                    .user_menu(&fixture.environment.demo_user)
                    .click()
                    .await?;
                fixture.header().sign_out().element().await?;
                fits(fixture, "the start page with answers and the menu").await?;
                fixture.header().sign_out().click().await?;
                fixture.signed_out().heading().element().await?;
                fits(fixture, "the signed-out page").await?;
            }
            Ok(())
        },
    )
}
