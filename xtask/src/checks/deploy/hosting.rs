//! The system and its site on S3 and CloudFront: two stacks, and nothing changes in either without approval.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use aws_sdk_cloudformation::Client;

use super::{Check, Outcome, path};
use crate::{aws::cloudformation::stack::status, release::dist, support::report};

const STACK: &str = "velvet-rope-site";
const HOSTING: &str = "velvet-rope-site-hosting";
const POLICY: &str = "ContentSecurityPolicy";

/// A stack whose creation fails: two functions cannot have one name.
const BROKEN: &str = r#"{"Resources": {"One": FUNCTION, "Two": FUNCTION}}"#;
const FUNCTION: &str = r#"{"Type": "AWS::CloudFront::Function", "Properties": {"Name": "broken", "FunctionCode":
    "function handler(event) { return event.request; }", "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"}}}"#;

pub(super) async fn run(check: &mut Check) -> Result<()> {
    asks_before_either_stack(check).await?;
    replaces_a_stack_whose_creation_failed(check).await?;
    asks_before_publishing(check).await?;
    check.destroy(STACK, &[]).await
}

async fn asks_before_either_stack(check: &mut Check) -> Result<()> {
    let first = release(check, "first")?;
    let output = hosted(check, &first, &[]).await?.output;
    ensure!(output.contains("--yes"), "{output}");
    let stacks = check.stacks().await?;
    ensure!(stacks.is_empty(), "created without approval: {stacks:?}");
    check.passed("without approval neither the system nor its hosting is created");
    Ok(())
}

async fn replaces_a_stack_whose_creation_failed(check: &mut Check) -> Result<()> {
    let client = Client::new(&check.target.sdk_config);
    client
        .create_stack()
        .stack_name(HOSTING)
        .template_body(BROKEN.replace("FUNCTION", FUNCTION))
        .send()
        .await
        .context("could not create the broken stack")?;
    let step = report::step("Create a stack whose creation fails");
    let broken = check.client(HOSTING).settled(HOSTING, &step).await?;
    let broken = broken.context("the broken stack is gone")?;
    ensure!(
        status(&broken) == "ROLLBACK_COMPLETE",
        "the broken stack is {}",
        status(&broken)
    );
    let first = release(check, "first")?;
    let outcome = hosted(check, &first, &["--yes"]).await?;
    ensure!(outcome.succeeded, "the failed stack was not replaced");
    check.passed("a hosting stack whose creation failed is deleted and created again");

    let site_url = check.parameter(STACK, "SiteUrl").await?;
    let site_url = site_url.context("the system has no SiteUrl")?;
    ensure!(
        outcome
            .output
            .contains(&format!("The site is at {site_url}")),
        "{site_url}"
    );
    check.passed(
        "the hosting stack is named after the system's, which gets the address of the site",
    );
    Ok(())
}

async fn asks_before_publishing(check: &mut Check) -> Result<()> {
    let before = check.parameter(HOSTING, POLICY).await?;
    let second = release(check, "second")?;
    let output = hosted(check, &second, &[]).await?.output;
    ensure!(output.contains("--yes"), "{output}");
    let after = check.parameter(HOSTING, POLICY).await?;
    ensure!(
        after == before,
        "publishing changed the hosting stack without approval"
    );
    check.passed("a new release is not published without approval");

    let outcome = hosted(check, &second, &["--yes"]).await?;
    ensure!(outcome.succeeded, "the new release was not published");
    let after = check.parameter(HOSTING, POLICY).await?;
    ensure!(after != before, "the new release has the old headers");
    check.passed("with approval the release is published and the hosting stack has its headers");
    Ok(())
}

async fn hosted(check: &Check, dist: &Path, more: &[&str]) -> Result<Outcome> {
    let common = ["--hosting", "s3", "--dist", path(dist)?];
    check.try_deploy(STACK, &[&common, more].concat()).await
}

/// A release of two files, with a script in the page that is of this release alone.
fn release(check: &Check, name: &str) -> Result<PathBuf> {
    let folder = check.folder.join(name);
    let page = format!("<html><head><script>{name}()</script></head></html>");
    let files = [
        ("index.html", page.as_str()),
        ("app-0123456789abcdef.js", "let app;"),
    ];
    fs::create_dir_all(&folder)?;
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
        fs::write(
            folder.join(format!("{name}.br")),
            dist::brotli(text.as_bytes())?,
        )?;
    }
    Ok(folder)
}
