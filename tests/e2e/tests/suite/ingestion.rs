//! User ingestion: whoever signs up appears on the start page, and no message is lost on the way.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::process::Command;
use url::Url;
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::axe::check;
use velvet_rope_e2e::browser::{ColorScheme, Locator, Role};
use velvet_rope_e2e::cloud::Cloud;
use velvet_rope_e2e::here;
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::stage::{Setup, Stage, Verdict, play, rehearse};
use velvet_rope_e2e::wait::eventually_within;

use crate::keyboard::fits;

const PASSWORD: &str = "carolPASS123";
/// The key that `cargo xtask` gives the API of a local cloud that servers tell of sign-ups.
const INGESTION_KEY: &str = "velvet-rope-local-ingestion-key";
/// A message is tried twice, ten seconds apart, before it is given up.
const GIVEN_UP_WITHIN: Duration = Duration::from_mins(2);

fn with_record() -> Setup {
    Setup::default()
        .parts()
        .config(|config| config["api"]["record_path"] = json!("/me"))
}

fn record(stage: &Stage) -> Locator<'_> {
    stage.browser.at(Role::Region, "Your record")
}

fn pool_of(stage: &Stage) -> &str {
    stage.config["user_pool"]["id"].as_str().unwrap_or_default()
}

/// Somebody whom the user pool knows and the backend does not.
struct Newcomer {
    name: String,
    email: String,
    sub: String,
}

impl Newcomer {
    /// Makes the user, and signs in at the start page.
    async fn signs_in(stage: &Stage, first_name: &str) -> Result<Self> {
        let name = format!("{first_name}{}", fastrand::u32(..));
        let email = format!("{name}@example.org");
        let aws = Aws::of(&stage.cloud);
        let sub = aws
            .add_user(pool_of(stage), &name, &email, PASSWORD)
            .await?;
        stage.open("/").await?;
        stage.header().start_sign_in().await?;
        stage.hosted_ui().sign_in(&name, PASSWORD).await?;
        stage.header().wait_for_user(&name).await?;
        Ok(Self { name, email, sub })
    }
}

/// What Cognito sends the trigger after a confirmed sign-up. The local cloud has no such trigger of its own.
fn confirmed_sign_up(pool: &str, name: &str, sub: &str, email: &str) -> Value {
    json!({
        "version": "1",
        "region": "eu-west-1",
        "userPoolId": pool,
        "userName": name,
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "site" },
        "triggerSource": "PostConfirmation_ConfirmSignUp",
        "request": { "userAttributes": {
            "sub": sub, "cognito:user_status": "CONFIRMED", "email_verified": "true", "email": email,
        } },
        "response": {},
    })
}

#[test]
fn a_new_user_sees_the_own_record_appear_without_doing_anything() -> Verdict {
    play(here!(), with_record(), async |stage| {
        let aws = Aws::of(&stage.cloud);
        let Newcomer { name, email, sub } = Newcomer::signs_in(stage, "carol").await?;
        record(stage)
            .text_with("There is no record of you yet")
            .await?;

        let event = confirmed_sign_up(pool_of(stage), &name, &sub, &email);
        let trigger = stage.cloud.output("PostConfirmationFunctionArn")?;
        let answer = aws.invoke(trigger, &event).await?;
        ensure!(answer == event, "Cognito wants its event back: {answer}");
        let shown = eventually_within(Duration::from_mins(1), "the record", async || {
            let shown = record(stage).text_with(&email).await;
            Ok(shown.ok())
        })
        .await?;
        for fact in [sub.as_str(), &name] {
            ensure!(shown.contains(fact), "{shown}");
        }
        for scheme in [ColorScheme::Light, ColorScheme::Dark] {
            stage.browser.prefer(scheme).await?;
            check(stage, "the own record").await?;
        }
        stage.browser.narrow_to(360).await?;
        fits(stage, "the own record").await?;
        Ok(())
    })
}

#[test]
fn a_user_whom_nobody_told_of_may_look_again() -> Verdict {
    let setup = with_record().limit(Duration::from_mins(3));
    play(here!(), setup, async |stage| {
        let aws = Aws::of(&stage.cloud);
        let Newcomer { name, email, sub } = Newcomer::signs_in(stage, "dave").await?;
        record(stage).text_with("no record of you yet").await?;
        let message = json!({ "user_id": sub, "username": name, "email": email });
        tell(
            &stage.cloud,
            &json!({ "topic": "users", "message": message }),
        )
        .await?;
        eventually_within(
            Duration::from_mins(1),
            "the record in the table",
            async || {
                let users = aws
                    .column(stage.cloud.output("UsersTable")?, "user_id")
                    .await?;
                Ok(users.contains(&sub).then_some(()))
            },
        )
        .await?;
        if !record(stage)
            .text_with(&name)
            .await
            .is_ok_and(|text| text.contains(&email))
        {
            record(stage).at(Role::Button, "Look again").click().await?;
            record(stage).text_with(&email).await?;
        }
        Ok(())
    })
}

/// Tells of a sign-up as another server does.
async fn tell(cloud: &Cloud, submission: &Value) -> Result<()> {
    let address = Url::parse(cloud.output("UserMetadataUrl")?)?;
    let host = address.host_str().context("no host")?;
    let id = host.split('.').next().unwrap_or_default();
    let request = Request::post(format!("{}{}", cloud.cloud_url, address.path()))
        .header(
            "Host",
            format!("{id}.execute-api.localhost:{}", cloud.cloud_port),
        )
        .header("x-api-key", INGESTION_KEY)
        .header("Content-Type", "application/json")
        .body(Full::from(submission.to_string()))?;
    let answer = Client::default().send(request).await?;
    ensure!(answer.status().as_u16() == 202, "{answer:?}");
    Ok(())
}

/// What `cargo xtask redrive` prints.
async fn redrive(cloud: &Cloud) -> Result<String> {
    let output = Command::new(&cloud.xtask)
        .args(["redrive", "--endpoint", &cloud.cloud_url])
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}

#[test]
fn a_poisoned_message_is_kept_and_what_was_refused_by_mistake_arrives_when_redriven() -> Verdict {
    rehearse(here!(), Duration::from_mins(6), async |cloud| {
        let aws = Aws::of(cloud);
        let (queue, dead) = (
            cloud.output("WorkerQueueUrl")?,
            cloud.output("WorkerDeadLetterQueueUrl")?,
        );
        aws.drain(dead).await?;
        let poison = format!("{{\"no\":\"sign-up {}\"}}", fastrand::u32(..));
        aws.publish(cloud.output("SignUpTopicArn")?, &poison)
            .await?;
        let given_up = async || {
            eventually_within(GIVEN_UP_WITHIN, "the dead letter", async || {
                let length = aws.queue_length(dead).await?;
                Ok((length == 1 && aws.queue_length(queue).await? == 0).then_some(()))
            })
            .await
        };
        given_up().await?;

        // As if the table had refused it for too long.
        let id = format!("late-{}", fastrand::u32(..));
        let late = json!({ "user_id": id, "username": "late", "email": "late@example.org" });
        aws.send_message(dead, &late.to_string()).await?;
        let said = redrive(cloud).await?;
        ensure!(said.contains("2 messages"), "{said}");
        eventually_within(GIVEN_UP_WITHIN, "the late sign-up", async || {
            let users = aws.column(cloud.output("UsersTable")?, "user_id").await?;
            Ok(users.contains(&id).then_some(()))
        })
        .await?;

        given_up().await?;
        let kept = aws.drain(dead).await?;
        ensure!(kept == [poison], "{kept:?}");
        let said = redrive(cloud).await?;
        ensure!(said.contains("empty"), "{said}");
        Ok(())
    })
}
