//! The worker, fed with batches in the shape that SQS sends them to Lambda, against a table in memory.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and a lock here cannot be poisoned otherwise"
)]

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_lambda_events::sqs::SqsEvent;
use proptest::prelude::*;
use serde_json::{Value, json};
use users::{CloudError, SignUp, UserId, UserTable};
use users_worker::work;

/// A table that refuses some users, as a throttled one would.
#[derive(Debug, Default)]
struct Table {
    records: Mutex<BTreeMap<String, SignUp>>,
    refused: Vec<&'static str>,
}

impl UserTable for Table {
    async fn put(&self, sign_up: &SignUp) -> Result<(), CloudError> {
        let user_id = sign_up.user_id().as_str();
        if self.refused.contains(&user_id) {
            return Err(CloudError {
                service: "DynamoDB",
                reason: "ThrottlingException".to_owned(),
            });
        }
        let mut records = self.records.lock().unwrap();
        records.insert(user_id.to_owned(), sign_up.clone());
        Ok(())
    }

    async fn get(&self, user_id: &UserId) -> Result<Option<SignUp>, CloudError> {
        Ok(self.records.lock().unwrap().get(user_id.as_str()).cloned())
    }
}

impl Table {
    fn users(&self) -> Vec<String> {
        self.records.lock().unwrap().keys().cloned().collect()
    }
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
                "attributes": { "ApproximateReceiveCount": "1", "SenderId": "AIDAEXAMPLE" },
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
        json!({ "user_id": "carol", "username": "carol" }).to_string(),
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
