//! User ingestion: a sign-up appears on the start page, and no message is lost.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::process::Command;
use url::Url;
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::axe::check;
use velvet_rope_e2e::browser::{Capability, ColorScheme, Locator, Role};
use velvet_rope_e2e::environment::Environment;
use velvet_rope_e2e::fixture::{Fixture, Resource, Setup, TestResult, browser_test, cloud_test};
use velvet_rope_e2e::http::Client;
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually_within;

use crate::keyboard::fits;

const PASSWORD: &str = "carolPASS123";
/// The API key of the ingestion API on a local cloud.
const INGESTION_KEY: &str = "velvet-rope-local-ingestion-key";
/// A message is received twice, ten seconds apart, before it becomes a dead letter.
const GIVEN_UP_WITHIN: Duration = Duration::from_mins(2);

fn with_record() -> Setup {
    Setup::default()
        .parts()
        .config(|config| config["api"]["record_path"] = json!("/me"))
}

fn record(fixture: &Fixture) -> Locator<'_> {
    fixture.browser.get_by_role(Role::Region, "Your record")
}

fn pool_of(fixture: &Fixture) -> &str {
    fixture.config["user_pool"]["id"]
        .as_str()
        .unwrap_or_default()
}

/// A user in the user pool without a record in the backend.
struct Newcomer {
    name: String,
    email: String,
    sub: String,
}

impl Newcomer {
    /// Creates the user, and signs in on the start page.
    async fn signs_in(fixture: &Fixture, first_name: &str) -> Result<Self> {
        let name = format!("{first_name}{}", fastrand::u32(..));
        let email = format!("{name}@example.org");
        let aws = Aws::new(&fixture.environment);
        let sub = aws
            .add_user(pool_of(fixture), &name, &email, PASSWORD)
            .await?;
        fixture.open("/").await?;
        fixture.header().start_sign_in().await?;
        fixture.hosted_ui().sign_in(&name, PASSWORD).await?;
        fixture.header().wait_for_user(&name).await?;
        Ok(Self { name, email, sub })
    }
}

/// What Cognito sends the trigger after a confirmed sign-up. The local cloud does not run this trigger.
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
fn a_new_user_sees_the_record_appear_automatically() -> TestResult {
    browser_test(
        test_name!(),
        with_record()
            .needs(Capability::ColorScheme)
            .needs(Capability::NarrowViewport),
        async |fixture| {
            let aws = Aws::new(&fixture.environment);
            let Newcomer { name, email, sub } = Newcomer::signs_in(fixture, "carol").await?;
            record(fixture)
                .wait_for_text("There is no record of you yet")
                .await?;

            let event = confirmed_sign_up(pool_of(fixture), &name, &sub, &email);
            let trigger = fixture.environment.output("PostConfirmationFunctionArn")?;
            let answer = aws.invoke(trigger, &event).await?;
            ensure!(answer == event, "Cognito expects its event back: {answer}");
            let shown = eventually_within(Duration::from_mins(1), "the record", async || {
                let shown = record(fixture).wait_for_text(&email).await;
                Ok(shown.ok())
            })
            .await?;
            for fact in [sub.as_str(), &name] {
                ensure!(shown.contains(fact), "{shown}");
            }
            for scheme in [ColorScheme::Light, ColorScheme::Dark] {
                fixture.browser.emulate_color_scheme(scheme).await?;
                check(fixture, "the own record").await?;
            }
            fixture.browser.set_viewport_width(360).await?;
            fits(fixture, "the own record").await?;
            Ok(())
        },
    )
}

#[test]
fn a_user_without_a_record_can_look_again() -> TestResult {
    let setup = with_record().limit(Duration::from_mins(3));
    browser_test(test_name!(), setup, async |fixture| {
        let aws = Aws::new(&fixture.environment);
        let Newcomer { name, email, sub } = Newcomer::signs_in(fixture, "dave").await?;
        record(fixture)
            .wait_for_text("no record of you yet")
            .await?;
        let message = json!({ "user_id": sub, "username": name, "email": email });
        submit_sign_up(
            &fixture.environment,
            &json!({ "topic": "users", "message": message }),
        )
        .await?;
        eventually_within(
            Duration::from_mins(1),
            "the record in the table",
            async || {
                let users = aws
                    .column(fixture.environment.output("UsersTable")?, "user_id")
                    .await?;
                Ok(users.contains(&sub).then_some(()))
            },
        )
        .await?;
        if !record(fixture)
            .wait_for_text(&name)
            .await
            .is_ok_and(|text| text.contains(&email))
        {
            record(fixture)
                .get_by_role(Role::Button, "Look again")
                .click()
                .await?;
            record(fixture).wait_for_text(&email).await?;
        }
        Ok(())
    })
}

/// Submits a sign-up as another server does.
async fn submit_sign_up(environment: &Environment, submission: &Value) -> Result<()> {
    let address = Url::parse(environment.output("UserMetadataUrl")?)?;
    let host = address.host_str().context("no host")?;
    let id = host.split('.').next().unwrap_or_default();
    // The output has the address on AWS.
    let port = environment.cloud_port;
    let address = format!("http://{id}.execute-api.localhost:{port}{}", address.path());
    let request = Request::post(address)
        .header("x-api-key", INGESTION_KEY)
        .header("Content-Type", "application/json")
        .body(Full::from(submission.to_string()))?;
    let answer = Client::default().send(request).await?;
    ensure!(answer.status().as_u16() == 202, "{answer:?}");
    Ok(())
}

/// What `cargo xtask redrive` prints.
async fn redrive(environment: &Environment) -> Result<String> {
    let output = Command::new(&environment.xtask)
        .args(["redrive", "--endpoint", &environment.cloud_url])
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
fn a_poison_message_stays_in_the_dead_letter_queue_and_a_valid_one_is_redriven() -> TestResult {
    cloud_test(
        test_name!(),
        Duration::from_mins(6),
        Resource::DeadLetters,
        async |environment| {
            let aws = Aws::new(environment);
            let (queue, dead) = (
                environment.output("WorkerQueueUrl")?,
                environment.output("WorkerDeadLetterQueueUrl")?,
            );
            aws.drain(dead).await?;
            let poison = format!("{{\"no\":\"sign-up {}\"}}", fastrand::u32(..));
            aws.publish(environment.output("SignUpTopicArn")?, &poison)
                .await?;
            let given_up = async || {
                eventually_within(GIVEN_UP_WITHIN, "the dead letter", async || {
                    let length = aws.queue_length(dead).await?;
                    Ok((length == 1 && aws.queue_length(queue).await? == 0).then_some(()))
                })
                .await
            };
            given_up().await?;

            // As if the table had been unavailable for too long.
            let id = format!("late-{}", fastrand::u32(..));
            let late = json!({ "user_id": id, "username": "late", "email": "late@example.org" });
            aws.send_message(dead, &late.to_string()).await?;
            let said = redrive(environment).await?;
            ensure!(said.contains("2 messages"), "{said}");
            eventually_within(GIVEN_UP_WITHIN, "the late sign-up", async || {
                let users = aws
                    .column(environment.output("UsersTable")?, "user_id")
                    .await?;
                Ok(users.contains(&id).then_some(()))
            })
            .await?;

            given_up().await?;
            let kept = aws.drain(dead).await?;
            ensure!(kept == [poison], "{kept:?}");
            let said = redrive(environment).await?;
            ensure!(said.contains("empty"), "{said}");
            Ok(())
        },
    )
}
