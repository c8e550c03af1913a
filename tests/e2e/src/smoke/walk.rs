//! The walk of a user through the site, in Chromium.

use anyhow::{Context as _, Result, ensure};
use fantoccini::Locator as Css;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use velvet_rope::config::{Config, RouteAuth};

use super::{Report, Target};
use crate::browser::Browser;
use crate::pages::{Header, Home, SessionPage};
use crate::wait::eventually;

const SIGN_IN: &str = "sign-in through the hosted UI";
const OPEN: &str = "open call";
const SIGNED: &str = "signed call";
const BEARER: &str = "bearer call";
const RENEWAL: &str = "renewal of the tokens";
const SIGN_OUT: &str = "sign-out";
const CONSOLE: &str = "no warning of the site on the browser's console";
/// The names of the checks.
pub(super) const CHECKS: &[&str] = &[SIGN_IN, OPEN, SIGNED, BEARER, RENEWAL, SIGN_OUT, CONSOLE];

/// Signs in, calls one route of each kind, renews and signs out.
pub(super) async fn check(
    target: &Target,
    config: &Config,
    browser: &Browser,
    report: &mut Report,
) -> Result<()> {
    let signed_in = report.run(SIGN_IN, sign_in(target, browser)).await;
    if signed_in {
        for (name, auth) in [
            (OPEN, RouteAuth::Open),
            (SIGNED, RouteAuth::Iam),
            (BEARER, RouteAuth::Bearer),
        ] {
            let route = config.api.routes.iter().find(|route| route.auth == auth);
            if let Some(route) = route {
                report.run(name, call(browser, &route.name)).await;
            } else {
                report.skip(&[name], "no such route is configured");
            }
        }
        report.run(RENEWAL, renew(target, browser)).await;
        report
            .run(SIGN_OUT, sign_out(target, config, browser))
            .await;
    } else {
        report.skip(
            &[OPEN, SIGNED, BEARER, RENEWAL, SIGN_OUT],
            "the user is not signed in",
        );
    }
    report
        .run(CONSOLE, async {
            let mut lines = browser.console().await?;
            // Pages of the provider write there too.
            lines.retain(|line| line.contains(&target.origin()));
            ensure!(lines.is_empty(), "{}", lines.join("\n"));
            Ok(String::new())
        })
        .await;
    Ok(())
}

async fn sign_in(target: &Target, browser: &Browser) -> Result<String> {
    browser.open(&target.url("/")).await?;
    Header::new(browser).sign_in().click().await?;
    eventually("the hosted UI", async || {
        let elsewhere = browser.url().await?.origin() != target.site.origin();
        Ok(elsewhere.then_some(()))
    })
    .await?;
    let host = browser
        .url()
        .await?
        .host_str()
        .unwrap_or_default()
        .to_owned();
    // Managed login asks for the name first and for the password on the next page; the classic hosted UI has one form,
    // which it holds twice, once for narrow windows.
    fill(browser, "username", &target.user).await?;
    if visible(browser, "password").await?.is_none() {
        press_enter(browser, "username").await?;
    }
    fill(browser, "password", &target.password).await?;
    press_enter(browser, "password").await?;
    eventually("the signed-in page", async || {
        let url = browser.url().await?;
        ensure!(
            url.origin() == target.site.origin(),
            "the browser is still at {}",
            url.host_str().unwrap_or_default()
        );
        Ok(Some(()))
    })
    .await?;
    // First, because a page that still loads has no button either.
    Home::new(browser).heading().element().await?;
    Header::new(browser).sign_in().wait_until_gone().await?;
    Ok(format!("at {host}"))
}

/// The input of this name that the user sees.
async fn visible(browser: &Browser, name: &str) -> Result<Option<Element>> {
    let css = format!("input[name=\"{name}\"]");
    for element in browser.client().find_all(Css::Css(&css)).await? {
        if element.is_displayed().await.unwrap_or_default() {
            return Ok(Some(element));
        }
    }
    Ok(None)
}

async fn fill(browser: &Browser, name: &str, text: &str) -> Result<()> {
    let input = eventually(&format!("an input named {name}"), async || {
        visible(browser, name).await
    })
    .await?;
    input.clear().await?;
    // The error of a failed command could repeat the text.
    input
        .send_keys(text)
        .await
        .ok()
        .with_context(|| format!("could not type into {name}"))
}

async fn press_enter(browser: &Browser, name: &str) -> Result<()> {
    let input = visible(browser, name).await?;
    let input = input.with_context(|| format!("no input named {name}"))?;
    Ok(input.send_keys(&char::from(Key::Enter).to_string()).await?)
}

async fn call(browser: &Browser, route: &str) -> Result<String> {
    let outcome = Home::new(browser).card(route).call().await?;
    if let Some(notice) = &outcome.notice {
        anyhow::bail!("{route}: {}. {}", notice.title, notice.text);
    }
    let status = outcome.status.unwrap_or_default();
    ensure!(status.starts_with('2'), "{route} answered {status}");
    Ok(format!("{route}: {status}"))
}

async fn renew(target: &Target, browser: &Browser) -> Result<String> {
    browser.open(&target.url("/session")).await?;
    SessionPage::new(browser).heading().element().await?;
    SessionPage::new(browser).renew_now().await?;
    Ok(String::new())
}

async fn sign_out(target: &Target, config: &Config, browser: &Browser) -> Result<String> {
    browser.open(&target.url("/")).await?;
    Header::new(browser).open_user_menu().await?;
    Header::new(browser).sign_out().click().await?;
    browser
        .wait_for_url(&target.url(&config.provider.sign_out_path))
        .await?;
    Header::new(browser).wait_for_guest().await?;
    Ok(String::new())
}
