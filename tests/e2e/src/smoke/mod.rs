//! Checks of a deployed system: a walk through everything that a user and the operator rely on, with a report of what
//! differs from what the project promises. `cargo xtask smoke` runs it against a site; the suite runs it against the local
//! cloud.

mod files;
mod gateway;
mod report;
mod walk;

use anyhow::{Context as _, Result};
use url::Url;

pub use report::{Check, Outcome, Report};

use crate::browser::{Browser, Options, Programs};
use crate::page_scripts::PageScripts;

/// What to check, and as which user.
#[derive(Clone)]
pub struct Target {
    /// The site, such as `https://app.example.com`.
    pub site: Url,
    /// The name of the test user, as typed at the hosted UI.
    pub user: String,
    /// The password of the test user.
    pub password: String,
    /// The browser that signs in.
    pub browser: Programs,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Target")
            .field("site", &self.site.as_str())
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// The address of `path` on the site; `path` starts with a slash.
    fn url(&self, path: &str) -> String {
        [self.origin().as_str(), path].concat()
    }

    /// The origin of the site, as browsers send it.
    fn origin(&self) -> String {
        self.site.origin().ascii_serialization()
    }
}

/// Walks through the system at `target` and adds each check to `report`. A check that needs an earlier one which failed is skipped.
///
/// # Errors
/// When the checks cannot be made at all: there is no TLS configuration, or the browser does not start.
pub async fn run(target: &Target, mut report: Report) -> Result<Report> {
    let site = files::check(target, &mut report).await?;
    let Some(config) = site else {
        report.skip(gateway::CHECKS, "there is no usable config.json");
        report.skip(walk::CHECKS, "there is no usable config.json");
        return Ok(report);
    };
    gateway::check(target, &config, &mut report).await?;
    let browser = Browser::start(&target.browser, Options::default(), PageScripts::default())
        .await
        .context("the browser is needed to sign in")?;
    let walked = walk::check(target, &config, &browser, &mut report).await;
    let closed = browser.close().await;
    walked.and(closed.map(drop))?;
    Ok(report)
}
