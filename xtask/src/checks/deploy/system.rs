//! The system's stack: created, updated, declined, and destroyed.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::Check;
use crate::aws::functions::bucket::CodeBucket;

const STACK: &str = "velvet-rope-try";
const UNCHANGED: &str = "nothing to change";

pub(super) async fn run(check: &mut Check) -> Result<()> {
    creates_and_updates(check).await?;
    refuses(check).await?;
    destroys(check).await
}

async fn creates_and_updates(check: &mut Check) -> Result<()> {
    let output = deploy(check, "3").await?;
    ensure!(
        !output.contains(UNCHANGED),
        "a new stack has nothing to change"
    );
    let first = read(check)?;
    check.passed("a first deployment creates the stack and writes the configuration");

    let output = deploy(check, "3").await?;
    ensure!(output.contains(UNCHANGED), "a second run changes something");
    ensure!(
        read(check)? == first,
        "a second run writes another configuration"
    );
    check.passed("a second run changes nothing");

    let mut edited = first.clone();
    edited["session"]["idle_minutes"] = json!(20);
    write(check, &edited)?;
    let output = deploy(check, "4").await?;
    ensure!(
        !output.contains(UNCHANGED),
        "a changed parameter changes nothing"
    );
    ensure!(
        read(check)? == edited,
        "an update loses the user's settings or the API key"
    );
    let rate = check.parameter(STACK, "UsageRate").await?;
    ensure!(rate.as_deref() == Some("4"), "the parameter is {rate:?}");
    check.passed("an update changes the parameter and keeps the API key and the user's settings");
    Ok(())
}

async fn refuses(check: &mut Check) -> Result<()> {
    let unknown = ["--yes", "--parameter", "UsageRat=4"];
    let output = check.refused(STACK, &unknown).await?;
    ensure!(output.contains("it has SiteUrl, "), "{output}");
    let short = ["--yes", "--parameter", "ApiKeyValue=short"];
    let output = check.refused(STACK, &short).await?;
    ensure!(output.contains("ApiKeyValue"), "{output}");
    check.passed("a parameter that the template does not accept is refused with a reason");

    let declined = "velvet-rope-declined";
    let output = check.refused(declined, &[]).await?;
    ensure!(output.contains("--yes"), "{output}");
    ensure!(
        !check.has_stack(declined).await?,
        "a stack was created without approval"
    );
    check.passed("without approval nothing is deployed, and the planned stack is removed");
    Ok(())
}

async fn destroys(check: &mut Check) -> Result<()> {
    check.destroy(STACK, &["--code-bucket"]).await?;
    ensure!(!check.has_stack(STACK).await?, "the stack is still there");
    ensure!(
        !CodeBucket::of(&check.target).exists().await?,
        "the bucket is still there"
    );
    check.destroy(STACK, &["--code-bucket"]).await?;
    check.passed("the stack and its bucket are deleted, and deleting them again is no failure");
    Ok(())
}

async fn deploy(check: &Check, rate: &str) -> Result<String> {
    let rate = format!("UsageRate={rate}");
    let site = ["--yes", "--site-url", "https://app.example.com"];
    let arguments = [&site[..], &["--parameter", &rate]].concat();
    check.deploy(STACK, &arguments).await
}

fn read(check: &Check) -> Result<Value> {
    let text = std::fs::read_to_string(check.config()).context("there is no configuration")?;
    serde_json::from_str(&text).context("the configuration is no JSON")
}

fn write(check: &Check, config: &Value) -> Result<()> {
    let text = serde_json::to_string(config).context("could not write JSON")?;
    std::fs::write(check.config(), text).context("could not write the configuration")
}
