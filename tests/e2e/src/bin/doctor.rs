//! The program behind `cargo xtask doctor`: `doctor SITE [CONFIG]`.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use velvet_rope_doctor::{Finding, report};
use velvet_rope_e2e::doctor::examine;

#[expect(clippy::print_stdout, reason = "the report is what the program is for")]
fn print(finding: &Finding) {
    print!("{}", report(std::slice::from_ref(finding)));
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let site = arguments
        .next()
        .context("the address of the site is missing")?;
    let site = site
        .parse()
        .with_context(|| format!("{site} is not the address of a site"))?;
    let read = |file: String| {
        std::fs::read_to_string(&file).with_context(|| format!("could not read {file}"))
    };
    let config = arguments.next().map(read).transpose()?;
    Ok(if examine(&site, config, print).await? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
