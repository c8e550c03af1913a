//! The program behind `cargo xtask smoke`, which sets its environment: the site, the test user and the browser.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use velvet_rope_e2e::browser::{Engine, Programs};
use velvet_rope_e2e::smoke::{Check, Report, Target, run};

#[expect(clippy::print_stdout, reason = "the report is what the program is for")]
fn print(check: &Check) {
    println!("{check}");
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set: run `cargo xtask smoke`"))
}

fn target() -> Result<Target> {
    let site = variable("VELVET_ROPE_SMOKE_URL")?;
    Ok(Target {
        site: site
            .parse()
            .with_context(|| format!("{site} is not the address of a site"))?,
        user: variable("VELVET_ROPE_SMOKE_USER")?,
        password: variable("VELVET_ROPE_SMOKE_PASSWORD")?,
        browser: Programs {
            engine: Engine::Chromium,
            browser: PathBuf::from(variable("CHROMIUM")?),
            driver: PathBuf::from(variable("CHROMEDRIVER")?),
            display: None,
            shell: None,
        },
    })
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let report = run(&target()?, Report::printing(print)).await?;
    Ok(if report.differences().next().is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
