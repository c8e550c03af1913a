//! `cargo xtask smoke`: checks a deployed system from outside, as a user and as the operator.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};

use super::site_check;
use crate::{
    aws::{
        cloudformation::stack::{self, StackClient},
        connection::{options::Connection, target::Target},
        system::{user::User, user_pool},
    },
    support::{
        process, report,
        tools::{self, browser::Browser},
        workspace::Workspace,
    },
};

/// The environment variable with the password of the user that `--user` names.
const PASSWORD: &str = "VELVET_ROPE_SMOKE_PASSWORD";

/// Which system to check, and as which user.
#[derive(Debug, clap::Args)]
pub(crate) struct Smoke {
    /// The address of the site, such as <https://app.example.com>
    #[arg(long, value_name = "URL")]
    url: String,
    #[command(flatten)]
    connection: Connection,
    /// Sign in as this user, with the password in the variable `VELVET_ROPE_SMOKE_PASSWORD`, in place of a user that is
    /// created in the user pool of the stack and deleted afterwards
    #[arg(long)]
    user: Option<String>,
}

impl Smoke {
    /// Runs the checks, prints each, and returns whether all of them passed.
    ///
    /// # Errors
    /// When the stack has no user pool, the user cannot be created, or the checks cannot be made at all.
    pub(crate) async fn run(self) -> Result<bool> {
        let workspace = Workspace::find().await?;
        let browser = tools::browser::ensure().await?;
        if let Some(name) = self.user.clone() {
            let password = std::env::var(PASSWORD)
                .with_context(|| format!("set {PASSWORD} to the password of {name}"))?;
            return self.check(&workspace, &browser, &name, &password).await;
        }
        let target = self.connection.open().await?;
        let pool = self.user_pool(&target).await?;
        let user = User {
            name: "velvet-rope-smoke",
            email: "velvet-rope-smoke@example.com",
            password: &random_password()?,
        };
        user_pool::ensure(&target.sdk_config, &pool, &user).await?;
        let checked = self
            .check(&workspace, &browser, user.name, user.password)
            .await;
        user_pool::delete(&target.sdk_config, &pool, user.name).await?;
        checked
    }

    async fn user_pool(&self, target: &Target) -> Result<String> {
        let name = &self.connection.stack;
        let existing = StackClient::new(target, name).describe().await?;
        let existing = existing
            .with_context(|| format!("there is no stack {name} in {}", target.location.shown()))?;
        let pool = stack::outputs(&existing).remove("UserPoolId");
        pool.with_context(|| format!("the stack {name} has no output UserPoolId"))
    }

    async fn check(
        &self,
        workspace: &Workspace,
        browser: &Browser,
        user: &str,
        password: &str,
    ) -> Result<bool> {
        report::line(format_args!("==> Check {}", self.url));
        let mut command = site_check::program(workspace, "smoke").await?;
        command
            .env("VELVET_ROPE_SMOKE_URL", &self.url)
            .env("VELVET_ROPE_SMOKE_USER", user)
            .env(PASSWORD, password)
            .env("CHROMIUM", &browser.chromium)
            .env("CHROMEDRIVER", &browser.chromedriver);
        let mut counts = Counts::default();
        let status = process::run_reading(command, |line| {
            counts.add(line);
            report::line(line);
        })
        .await?;
        if counts.all() == 0 {
            bail!("the checks ended before the first of them ({status})");
        }
        report::line(counts.words());
        Ok(status.success() && counts.different == 0)
    }
}

/// How the checks came out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    ok: usize,
    different: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, line: &str) {
        match line.split_whitespace().next() {
            Some("ok") => self.ok += 1,
            Some("DIFFERS") => self.different += 1,
            Some("skipped") => self.skipped += 1,
            _ => {}
        }
    }

    fn all(&self) -> usize {
        self.ok + self.different + self.skipped
    }

    fn words(&self) -> String {
        format!(
            "\n{} ok, {} differ, {} skipped",
            self.ok, self.different, self.skipped
        )
    }
}

/// A password that any policy takes: 128 random bits, with a character of each kind.
fn random_password() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).context("the system has no randomness")?;
    let mut password = "aA1!".to_owned();
    for byte in bytes {
        let _ = write!(password, "{byte:02x}");
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_kind_of_line() {
        let mut counts = Counts::default();
        for line in [
            "ok       config.json",
            "DIFFERS  security headers: none",
            "         a second line",
            "skipped  bearer call: no such route is configured",
        ] {
            counts.add(line);
        }
        let expected = Counts {
            ok: 1,
            different: 1,
            skipped: 1,
        };
        assert_eq!(counts, expected);
    }

    #[test]
    fn passwords_differ_and_have_a_character_of_each_kind() {
        let (one, other) = (random_password().unwrap(), random_password().unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with("aA1!") && one.len() == 36);
    }
}
