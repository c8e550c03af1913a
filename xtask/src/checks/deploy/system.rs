//! The system's stack: created, updated, declined, and destroyed.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::Check;
use crate::aws::functions::bucket::CodeBucket;

const STACK: &str = "velvet-rope-try";
const UNCHANGED: &str = "nothing to change";

pub(super) async fn run(check: &mut Check) -> Result<()> {
    creates_and_updates(check).await?;
    serves_what_it_is_told(check).await?;
    serves_no_route_of_a_part_that_left(check).await?;
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

/// AWS serves a snapshot of the API, and takes a new one only for a new resource. The local cloud has no snapshots.
async fn serves_what_it_is_told(check: &mut Check) -> Result<()> {
    let before = snapshot(check).await?;
    let other_site = ["--yes", "--site-url", "https://other.example.com"];
    check.deploy(STACK, &other_site).await?;
    let after = snapshot(check).await?;
    ensure!(before != after, "the API still answers the old site");
    let output = check.deploy(STACK, &["--yes"]).await?;
    ensure!(output.contains(UNCHANGED), "a second run changes something");
    check.passed("another address of the site makes a new snapshot of the API, once");
    Ok(())
}

async fn serves_no_route_of_a_part_that_left(check: &mut Check) -> Result<()> {
    check
        .deploy(STACK, &["--yes", "--with", "authorizer"])
        .await?;
    let before = updates(check).await?;
    check.deploy(STACK, &["--yes", "--with", "none"]).await?;
    // CloudFormation deletes last: a snapshot without the routes of the part takes a second update.
    let updates = updates(check).await? - before;
    ensure!(updates == 2, "{updates} updates instead of 2");
    let output = check.deploy(STACK, &["--yes"]).await?;
    ensure!(output.contains(UNCHANGED), "a second run changes something");
    check.passed("the API is served without the routes of a part that was switched off");
    Ok(())
}

/// How many updates of the stack have ended well.
async fn updates(check: &Check) -> Result<usize> {
    let events = check.events(STACK).await?;
    let update = (STACK.to_owned(), "UPDATE_COMPLETE".to_owned());
    Ok(events.iter().filter(|event| **event == update).count())
}

/// The logical id of the snapshot that the stage serves.
async fn snapshot(check: &Check) -> Result<String> {
    let resources = check.client(STACK).resources().await?;
    let mut snapshots = resources
        .into_iter()
        .filter(|resource| resource.name.starts_with("ApiDeployment"));
    let snapshot = snapshots.next().context("the stack has no deployment")?;
    ensure!(snapshots.next().is_none(), "two deployments");
    Ok(snapshot.name)
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
