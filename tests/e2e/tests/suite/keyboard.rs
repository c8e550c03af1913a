//! Working by keyboard alone, and on narrow screens.

use anyhow::{Result, bail, ensure};
use fantoccini::key::Key;
use velvet_rope_e2e::browser::Browser;
use velvet_rope_e2e::here;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play};

/// Presses Tab until the focus is on what has this name.
async fn tab_to(browser: &Browser, name: &str) -> Result<()> {
    let mut passed = Vec::new();
    for _ in 0..20 {
        browser.press(Key::Tab).await?;
        let focused = browser.focused().await?;
        if focused == name {
            return Ok(());
        }
        passed.push(focused);
    }
    bail!("Tab never reached {name:?}, only {passed:?}")
}

async fn has_focus(browser: &Browser, name: &str) -> Result<()> {
    let focused = browser.focused().await?;
    ensure!(
        focused == name,
        "expected the focus on {name:?}, it is on {focused:?}"
    );
    Ok(())
}

#[test]
fn the_user_menu_works_by_keyboard_and_the_focus_comes_back() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.sign_in().await?;
        let (browser, user) = (&stage.browser, &stage.cloud.demo_user);
        tab_to(browser, user).await?;
        browser.press(Key::Enter).await?;
        stage.header().sign_out().element().await?;
        has_focus(browser, user).await?;
        for label in ["Session", "Sign out", "Sign out everywhere", "Switch user"] {
            browser.press(Key::Tab).await?;
            has_focus(browser, label).await?;
        }
        browser.press(Key::Escape).await?;
        stage.header().sign_out().gone().await?;
        has_focus(browser, user).await?;
        browser.press(Key::Enter).await?;
        stage.header().sign_out().element().await?;
        tab_to(browser, "Sign out").await?;
        browser.press(Key::Enter).await?;
        stage.signed_out().heading().element().await?;
        Ok(())
    })
}

#[test]
fn a_route_is_called_by_keyboard_and_the_focus_stays() -> Verdict {
    play(here!(), Setup::direct(), async |stage| {
        stage.open("/").await?;
        stage.home().wait_for_guest().await?;
        tab_to(&stage.browser, "Call Open route").await?;
        stage.browser.press(Key::Enter).await?;
        stage.home().open_route().outcome().await?.ok()?;
        has_focus(&stage.browser, "Call Open route").await?;
        // Long answers scroll, so they can be reached too.
        stage.browser.press(Key::Tab).await?;
        has_focus(&stage.browser, "Answer").await
    })
}

#[test]
fn the_first_stop_of_the_keyboard_skips_to_the_content() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/").await?;
        stage.home().wait_for_guest().await?;
        stage.browser.press(Key::Tab).await?;
        has_focus(&stage.browser, "Skip to content").await?;
        stage.browser.press(Key::Enter).await?;
        stage.browser.press(Key::Tab).await?;
        has_focus(&stage.browser, "Call Open route").await
    })
}

#[test]
fn following_a_link_moves_the_focus_to_the_new_page() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        stage.open("/nowhere").await?;
        stage.not_found().heading().element().await?;
        tab_to(&stage.browser, "Go to the start page").await?;
        stage.browser.press(Key::Enter).await?;
        stage.home().wait_for_guest().await?;
        stage.browser.press(Key::Tab).await?;
        has_focus(&stage.browser, "Call Open route").await
    })
}

/// Fails when something on the page at hand is wider than the screen.
pub(crate) async fn fits(stage: &Stage, page: &str) -> Result<()> {
    let script = "
        const width = document.documentElement.clientWidth;
        const wide = [...document.querySelectorAll('body *')].filter(element => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && box.right > width + 1 && !element.closest('pre');
        });
        const scrolls = document.documentElement.scrollWidth > width;
        return [scrolls, width, ...wide.map(element => `${element.tagName}.${element.className}`)];";
    let outcome = stage.browser.run(script, Vec::new()).await?;
    ensure!(
        outcome[0] == false && outcome[2].is_null(),
        "{page} is wider than the screen: {outcome}"
    );
    Ok(())
}

#[test]
fn nothing_is_wider_than_a_narrow_screen() -> Verdict {
    play(here!(), Setup::default(), async |stage| {
        // 320 is what WCAG 2.2, 1.4.10 asks for.
        for width in [360, 320] {
            stage.browser.narrow_to(width).await?;
            stage.open("/").await?;
            stage.home().wait_for_guest().await?;
            stage.home().protected_route().call_refused().await?;
            fits(stage, "the start page with a notice").await?;
            stage.sign_in_from_here().await?;
            stage.home().open_route().call().await?.ok()?;
            stage.home().protected_route().call().await?.ok()?;
            stage
                .header()
                .user_menu(&stage.cloud.demo_user)
                .click()
                .await?;
            stage.header().sign_out().element().await?;
            fits(stage, "the start page with answers and the menu").await?;
            stage.header().sign_out().click().await?;
            stage.signed_out().heading().element().await?;
            fits(stage, "the signed-out page").await?;
        }
        Ok(())
    })
}
