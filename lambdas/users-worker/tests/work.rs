//! The worker with batches as SQS sends them to Lambda, and a fake table in memory.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and a lock here cannot be poisoned otherwise"
)]

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_lambda_events::sqs::SqsEvent;
use lambda_testing::now;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::Timestamp;
use users::{CloudError, SignUp, Stored, UserId, UserTable};
use users_worker::work;

/// A fake table that refuses some users, like a throttled one.
#[derive(Debug, Default)]
struct Table {
    records: Mutex<BTreeMap<String, (SignUp, Option<Timestamp>)>>,
    refused: Vec<&'static str>,
}

impl UserTable for Table {
    async fn put(&self, sign_up: &SignUp, at: Option<Timestamp>) -> Result<Stored, CloudError> {
        let user_id = sign_up.user_id().as_str();
        if self.refused.contains(&user_id) {
            return Err(CloudError {
                service: "DynamoDB",
                reason: "ThrottlingException".to_owned(),
            });
        }
        let mut records = self.records.lock().unwrap();
        let known = records.get(user_id).and_then(|(_, at)| *at);
        if known.is_some_and(|known| at.is_none_or(|at| at < known)) {
            return Ok(Stored::Outdated);
        }
        records.insert(user_id.to_owned(), (sign_up.clone(), at));
        Ok(Stored::Written)
    }

    async fn get(&self, user_id: &UserId) -> Result<Option<SignUp>, CloudError> {
        let records = self.records.lock().unwrap();
        Ok(records
            .get(user_id.as_str())
            .map(|(sign_up, _)| sign_up.clone()))
    }
}

impl Table {
    fn users(&self) -> Vec<String> {
        self.records.lock().unwrap().keys().cloned().collect()
    }
}

/// When the messages of the tests were sent to the queue, in milliseconds since 1970.
const SENT: i64 = 1_700_000_000_000;

/// A message of alice with this name that was published so many milliseconds before it was sent to the queue.
fn renamed(username: &str, milliseconds_before: i64) -> String {
    let at = SENT - milliseconds_before;
    json!({ "user_id": "alice", "username": username, "published_at": at }).to_string()
}

fn sign_up(user_id: &str) -> String {
    json!({ "user_id": user_id, "username": user_id, "email": format!("{user_id}@example.org") })
        .to_string()
}

/// A batch whose messages have the ids `m0`, `m1` and so on.
fn batch(bodies: &[String]) -> SqsEvent {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| {
            json!({
                "messageId": format!("m{index}"),
                "receiptHandle": "a-handle",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1", "SenderId": "AIDAEXAMPLE",
                    "SentTimestamp": SENT.to_string(),
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:users",
                "awsRegion": "eu-west-1",
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

async fn failures(bodies: &[String], table: &Table) -> Vec<String> {
    let response = work(&batch(bodies), table).await;
    let failures = response.batch_item_failures.into_iter();
    failures.map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn writes_every_sign_up_of_a_batch() {
    let table = Table::default();
    let bodies = [sign_up("alice"), sign_up("bob")];
    assert_eq!(failures(&bodies, &table).await, Vec::<String>::new());
    assert_eq!(table.users(), ["alice", "bob"]);
}

#[tokio::test]
async fn a_message_that_comes_twice_makes_one_record() {
    let table = Table::default();
    let bodies = [sign_up("alice"), sign_up("alice")];
    assert!(failures(&bodies, &table).await.is_empty());
    let once = table.records.lock().unwrap().clone();
    assert!(failures(&bodies, &table).await.is_empty());
    assert_eq!(*table.records.lock().unwrap(), once);
    assert_eq!(table.users(), ["alice"]);
}

#[tokio::test]
async fn a_late_message_never_overwrites_a_newer_record() {
    let without_time = json!({ "user_id": "alice", "username": "without" }).to_string();
    for (messages, expected) in [
        (vec![renamed("new", 10), renamed("old", 20)], "new"),
        (vec![renamed("old", 20), renamed("new", 10)], "new"),
        (
            vec![
                renamed("new", 10),
                renamed("new", 10),
                renamed("old", 10_000),
            ],
            "new",
        ),
        // Without a time of its own, a message is as old as its place in the queue.
        (vec![renamed("old", 20), without_time.clone()], "without"),
        // A publisher whose clock is ahead cannot block later messages.
        (vec![renamed("ahead", -1_000_000), renamed("new", 0)], "new"),
    ] {
        let table = Table::default();
        for message in messages {
            assert!(failures(&[message], &table).await.is_empty());
        }
        let (stored, _) = table.records.lock().unwrap()["alice"].clone();
        assert_eq!(stored.username(), expected);
    }
}

#[tokio::test]
async fn a_message_without_any_time_overwrites_no_record_that_has_one() {
    let table = Table::default();
    failures(&[renamed("new", 10)], &table).await;
    let mut event = batch(&[json!({ "user_id": "alice", "username": "without" }).to_string()]);
    event.records[0].attributes.clear();
    assert!(work(&event, &table).await.batch_item_failures.is_empty());
    let (stored, at) = table.records.lock().unwrap()["alice"].clone();
    assert_eq!(stored.username(), "new");
    assert!(at.is_some_and(|at| at < now()));
}

#[tokio::test]
async fn a_user_without_an_email_address_is_stored() {
    let table = Table::default();
    let message = json!({ "user_id": "alice", "username": "Facebook_10204567" }).to_string();
    assert!(failures(&[message], &table).await.is_empty());
    let id = UserId::new("alice").unwrap();
    let stored = table.get(&id).await.unwrap().unwrap();
    assert_eq!(
        (stored.username(), stored.email()),
        ("Facebook_10204567", None)
    );
}

#[tokio::test]
async fn only_the_messages_that_failed_stay_in_the_queue() {
    let table = Table {
        refused: vec!["throttled"],
        ..Table::default()
    };
    let bodies = [
        sign_up("alice"),
        "no sign-up".to_owned(),
        sign_up("throttled"),
        sign_up("bob"),
        json!({ "user_id": "carol", "email": "carol@example.org" }).to_string(),
    ];
    assert_eq!(failures(&bodies, &table).await, ["m1", "m2", "m4"]);
    assert_eq!(table.users(), ["alice", "bob"]);
}

#[tokio::test]
async fn the_answer_has_the_shape_that_lambda_reads() {
    let response = work(&batch(&["no sign-up".to_owned()]), &Table::default()).await;
    assert_eq!(
        serde_json::to_value(&response).unwrap(),
        json!({ "batchItemFailures": [{ "itemIdentifier": "m0" }] })
    );
}

#[tokio::test]
async fn a_message_without_body_or_id_fails_the_batch_and_is_not_lost() {
    let event: SqsEvent = serde_json::from_value(json!({ "Records": [{}] })).unwrap();
    let response = work(&event, &Table::default()).await;
    let failures = response.batch_item_failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].item_identifier, "");
}

proptest! {
    #[test]
    fn any_message_is_either_written_or_reported(bodies in prop::collection::vec(any::<String>(), 0..10)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let table = Table::default();
        let failed = runtime.block_on(failures(&bodies, &table));
        let written = bodies.iter().filter(|body| SignUp::read(body).is_ok()).count();
        prop_assert_eq!(failed.len() + written, bodies.len());
    }
}
