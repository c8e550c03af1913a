//! The trigger with events as Cognito documents them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Mutex;

use lambda_testing::now;
use post_confirmation::{Failure, Outcome, publish, user_id};
use proptest::prelude::*;
use serde_json::{Value, json};
use users::{CloudError, Field, InvalidSignUp, Message, SignUp, Subject, Topic};

const SUB: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

#[derive(Debug, Default)]
struct FakeTopic {
    published: Mutex<Vec<String>>,
    fails: bool,
}

impl Topic for FakeTopic {
    async fn publish(&self, _: Option<&Subject>, message: &Message) -> Result<String, CloudError> {
        if self.fails {
            return Err(failure());
        }
        let mut published = self.published.lock().unwrap();
        published.push(message.as_str().to_owned());
        Ok("a-message-id".to_owned())
    }
}

fn failure() -> CloudError {
    CloudError {
        service: "SNS",
        reason: "KMSDisabled".to_owned(),
    }
}

fn event(trigger: &str, attributes: &Value) -> Value {
    json!({
        "version": "1",
        "region": "eu-west-1",
        "userPoolId": "eu-west-1_AbCdEfGhI",
        "userName": "alice",
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "a-client" },
        "triggerSource": trigger,
        "request": { "userAttributes": attributes },
        "response": {},
    })
}

fn alice() -> Value {
    json!({
        "sub": SUB,
        "cognito:user_status": "CONFIRMED",
        "email_verified": "true",
        "email": "alice@example.org",
    })
}

#[tokio::test]
async fn publishes_a_confirmed_sign_up() {
    let topic = FakeTopic::default();
    let event = event("PostConfirmation_ConfirmSignUp", &alice());
    let outcome = publish(&event, &topic, now()).await;
    assert_eq!(outcome, Ok(Outcome::Published("a-message-id".to_owned())));
    let published = topic.published.into_inner().unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(
        SignUp::read(&published[0]),
        SignUp::new(SUB, "alice", Some("alice@example.org"))
            .map(|sign_up| sign_up.published_at(now()))
    );
}

#[tokio::test]
async fn a_user_without_an_email_address_is_published_without_one() {
    for attributes in [
        json!({ "sub": SUB, "cognito:user_status": "EXTERNAL_PROVIDER", "phone_number": "+41791234567" }),
        json!({ "sub": SUB, "email": "" }),
    ] {
        let topic = FakeTopic::default();
        let mut event = event("PostConfirmation_ConfirmSignUp", &attributes);
        event["userName"] = json!("Facebook_10204567");
        let outcome = publish(&event, &topic, now()).await;
        assert_eq!(outcome, Ok(Outcome::Published("a-message-id".to_owned())));
        let published = topic.published.into_inner().unwrap();
        let published: Value = serde_json::from_str(&published[0]).unwrap();
        assert_eq!(
            published,
            json!({ "user_id": SUB, "username": "Facebook_10204567", "published_at": 1_700_000_000_000_u64 })
        );
    }
}

#[tokio::test]
async fn a_new_password_is_not_a_sign_up() {
    let topic = FakeTopic::default();
    let event = event("PostConfirmation_ConfirmForgotPassword", &alice());
    assert_eq!(publish(&event, &topic, now()).await, Ok(Outcome::NoSignUp));
    assert!(topic.published.into_inner().unwrap().is_empty());
}

#[tokio::test]
async fn says_why_a_sign_up_was_not_published() {
    let working = FakeTopic::default();
    let broken = FakeTopic {
        fails: true,
        ..FakeTopic::default()
    };
    let trigger = "PostConfirmation_ConfirmSignUp";
    assert_eq!(
        publish(&event(trigger, &alice()), &broken, now()).await,
        Err(Failure::NotPublished(failure()))
    );
    assert_eq!(
        publish(&event(trigger, &json!({ "email": "a@b" })), &working, now()).await,
        Err(Failure::User(InvalidSignUp::Refused(Field::UserId)))
    );
    assert_eq!(
        publish(
            &event("PostConfirmation_Unheard", &alice()),
            &working,
            now()
        )
        .await,
        Err(Failure::Event)
    );
    assert_eq!(
        publish(&json!({}), &working, now()).await,
        Err(Failure::Event)
    );
    assert!(working.published.into_inner().unwrap().is_empty());
}

#[test]
fn finds_the_identifier_for_the_log_and_nothing_else() {
    let event = event("PostConfirmation_ConfirmSignUp", &alice());
    assert_eq!(user_id(&event), Some(SUB));
    assert_eq!(user_id(&json!({ "request": null })), None);
}

proptest! {
    #[test]
    fn any_event_has_an_outcome(trigger in any::<String>(), name in any::<String>(), value in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let topic = FakeTopic::default();
        for trigger in [trigger.as_str(), "PostConfirmation_ConfirmSignUp"] {
            let event = event(trigger, &json!({ "sub": value.clone(), "email": value.clone(), name.clone(): value.clone() }));
            let _ = runtime.block_on(publish(&event, &topic, now()));
            let _ = user_id(&event);
        }
    }
}
