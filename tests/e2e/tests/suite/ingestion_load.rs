//! A thousand sign-ups at once.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use velvet_rope_e2e::aws::Aws;
use velvet_rope_e2e::environment::Environment;
use velvet_rope_e2e::fixture::{Resource, TestResult, cloud_test};
use velvet_rope_e2e::test_name;
use velvet_rope_e2e::wait::eventually_within;

const DISTINCT: usize = 780;
const DUPLICATES: usize = 200;
const MALFORMED: usize = 20;
/// Concurrent requests.
const AT_ONCE: usize = 50;
const SETTLED_WITHIN: Duration = Duration::from_mins(5);

/// The published messages, in random order, and the malformed ones among them.
struct Load {
    users: BTreeSet<String>,
    malformed: BTreeSet<String>,
    all: Vec<String>,
}

fn load() -> Load {
    let run = fastrand::u32(..);
    let user = |number: usize| format!("load-{run}-{number}");
    let message = |number: usize| {
        let id = user(number);
        json!({ "user_id": id, "username": id, "email": format!("{id}@example.org") }).to_string()
    };
    let malformed = |number: usize| match number % 4 {
        0 => format!("not JSON, {run}, {number}"),
        1 => json!({ "user_id": user(number + DISTINCT), "email": "a@example.org" }).to_string(),
        2 => json!({ "user_id": user(number + DISTINCT), "username": "a", "email": "nowhere" })
            .to_string(),
        _ => json!({ "user_id": "", "username": "a", "email": "a@example.org", "n": number })
            .to_string(),
    };
    let malformed: BTreeSet<_> = (0..MALFORMED).map(malformed).collect();
    let valid = (0..DISTINCT).map(message);
    let again = (0..DUPLICATES).map(|number| message(number * DISTINCT / DUPLICATES));
    let mut all: Vec<_> = valid.chain(again).chain(malformed.clone()).collect();
    fastrand::shuffle(&mut all);
    Load {
        users: (0..DISTINCT).map(user).collect(),
        malformed,
        all,
    }
}

async fn publish_all(aws: &Aws, environment: &Environment, messages: &[String]) -> Result<()> {
    let topic = environment.output("SignUpTopicArn")?;
    stream::iter(messages)
        .map(async |message| aws.publish(topic, message).await)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
}

#[test]
fn a_thousand_sign_ups_store_each_user_once_and_dead_letter_each_malformed_message() -> TestResult {
    cloud_test(
        test_name!(),
        Duration::from_mins(8),
        Resource::DeadLetters,
        async |environment| {
            let aws = Aws::new(environment);
            let (queue, dead) = (
                environment.output("WorkerQueueUrl")?,
                environment.output("WorkerDeadLetterQueueUrl")?,
            );
            aws.drain(dead).await?;
            let table = environment.output("UsersTable")?;
            let before: BTreeSet<_> = aws.column(table, "user_id").await?.into_iter().collect();
            let Load {
                users,
                malformed,
                all,
            } = load();
            ensure!(all.len() == 1_000, "{} messages", all.len());
            publish_all(&aws, environment, &all).await?;
            eventually_within(SETTLED_WITHIN, "the queue to be worked off", async || {
                let waiting = aws.queue_length(queue).await?;
                let set_aside = aws.queue_length(dead).await?;
                Ok((waiting == 0 && set_aside >= MALFORMED).then_some(()))
            })
            .await?;

            let rows = aws.column(table, "user_id").await?;
            let after: BTreeSet<_> = rows.iter().cloned().collect();
            ensure!(rows.len() == after.len(), "a user is there twice");
            let new: BTreeSet<_> = after.difference(&before).cloned().collect();
            ensure!(
                new == users,
                "{} users are there, {} were expected",
                new.len(),
                users.len()
            );
            let dead_letters = aws.drain(dead).await?;
            ensure!(dead_letters.len() == MALFORMED, "{dead_letters:?}");
            let dead_letters: BTreeSet<_> = dead_letters.into_iter().collect();
            ensure!(dead_letters == malformed, "{dead_letters:?}");
            Ok(())
        },
    )
}
