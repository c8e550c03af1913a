//! The trigger, fed with events as Cognito documents them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Mutex;

use post_confirmation::{Failure, Outcome, publish, user_id};
use proptest::prelude::*;
use serde_json::{Value, json};
use users::{CloudError, Field, InvalidSignUp, Message, SignUp, Subject, Topic};

const SUB: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

#[derive(Debug, Default)]
struct NotedTopic {
    published: Mutex<Vec<String>>,
    out_of_order: bool,
}

impl Topic for NotedTopic {
    async fn publish(&self, _: Option<&Subject>, message: &Message) -> Result<String, CloudError> {
        if self.out_of_order {
            return Err(out_of_order());
        }
        let mut published = self.published.lock().unwrap();
        published.push(message.as_str().to_owned());
        Ok("a-message-id".to_owned())
    }
}

fn out_of_order() -> CloudError {
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
async fn publishes_the_three_members_of_a_confirmed_sign_up() {
    let topic = NotedTopic::default();
    let event = event("PostConfirmation_ConfirmSignUp", &alice());
    let outcome = publish(&event, &topic).await;
    assert_eq!(outcome, Ok(Outcome::Published("a-message-id".to_owned())));
    let published = topic.published.into_inner().unwrap();
    assert_eq!(published.len(), 1);
    assert_eq!(
        SignUp::read(&published[0]),
        SignUp::new(SUB, "alice", "alice@example.org")
    );
}

#[tokio::test]
async fn a_new_password_is_no_sign_up() {
    let topic = NotedTopic::default();
    let event = event("PostConfirmation_ConfirmForgotPassword", &alice());
    assert_eq!(publish(&event, &topic).await, Ok(Outcome::NoSignUp));
    assert!(topic.published.into_inner().unwrap().is_empty());
}

#[tokio::test]
async fn says_what_kept_a_sign_up_from_being_published() {
    let working = NotedTopic::default();
    let broken = NotedTopic {
        out_of_order: true,
        ..NotedTopic::default()
    };
    let trigger = "PostConfirmation_ConfirmSignUp";
    assert_eq!(
        publish(&event(trigger, &alice()), &broken).await,
        Err(Failure::NotPublished(out_of_order()))
    );
    assert_eq!(
        publish(&event(trigger, &json!({ "sub": SUB })), &working).await,
        Err(Failure::User(InvalidSignUp::Refused(Field::Email)))
    );
    assert_eq!(
        publish(&event("PostConfirmation_Unheard", &alice()), &working).await,
        Err(Failure::Event)
    );
    assert_eq!(publish(&json!({}), &working).await, Err(Failure::Event));
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
        let topic = NotedTopic::default();
        for trigger in [trigger.as_str(), "PostConfirmation_ConfirmSignUp"] {
            let event = event(trigger, &json!({ "sub": value.clone(), "email": value.clone(), name.clone(): value.clone() }));
            let _ = runtime.block_on(publish(&event, &topic));
            let _ = user_id(&event);
        }
    }
}
