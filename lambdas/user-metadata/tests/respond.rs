//! `/user-metadata` with events as API Gateway sends them (payload format 1.0).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Mutex;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_testing::{json_body, now, proxy_event, proxy_request};
use proptest::prelude::*;
use serde_json::{Value, json};
use users::{CloudError, Message, Subject, Topic};

const NAME: &str = "users";

/// A fake topic that records the messages, or fails.
#[derive(Debug, Default)]
struct FakeTopic {
    published: Mutex<Vec<(Option<String>, String)>>,
    fails: bool,
}

impl Topic for FakeTopic {
    async fn publish(
        &self,
        subject: Option<&Subject>,
        message: &Message,
    ) -> Result<String, CloudError> {
        if self.fails {
            return Err(CloudError {
                service: "SNS",
                reason: "KMSDisabled".to_owned(),
            });
        }
        let subject = subject.map(|subject| subject.as_str().to_owned());
        let mut published = self.published.lock().unwrap();
        published.push((subject, message.as_str().to_owned()));
        Ok(format!("message-{}", published.len()))
    }
}

fn event(method: &str, query: &[(&str, &str)], body: Option<&str>) -> Value {
    let mut all = serde_json::Map::new();
    for (name, value) in query {
        let values = all.entry(*name).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(value));
    }
    let mut event = proxy_event(method, "/user-metadata");
    if !all.is_empty() {
        let last = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)));
        event["queryStringParameters"] = last.collect::<serde_json::Map<_, _>>().into();
        event["multiValueQueryStringParameters"] = all.into();
    }
    event["body"] = json!(body);
    event
}

async fn respond(event: Value, topic: &FakeTopic) -> (i64, Value) {
    let request = proxy_request(event);
    let response = user_metadata::respond(&request, NAME, topic, now()).await;
    (response.status_code, json_body(&response))
}

async fn get(query: &[(&str, &str)], topic: &FakeTopic) -> (i64, Value) {
    respond(event("GET", query, None), topic).await
}

async fn post(body: &Value, topic: &FakeTopic) -> (i64, Value) {
    respond(event("POST", &[], Some(&body.to_string())), topic).await
}

fn published(topic: FakeTopic) -> Vec<(Option<String>, String)> {
    topic.published.into_inner().unwrap()
}

const SIGN_UP: &str = r#"{"user_id":"7d2f","username":"alice","email":"alice@example.org"}"#;
/// The same with the time of the tests.
const PUBLISHED: &str = r#"{"published_at":1700000000000,"user_id":"7d2f","username":"alice","email":"alice@example.org"}"#;

#[tokio::test]
async fn a_get_publishes_the_message_with_its_subject() {
    let topic = FakeTopic::default();
    let query = [
        ("topic", NAME),
        ("subject", "sign-up"),
        ("message", SIGN_UP),
    ];
    assert_eq!(
        get(&query, &topic).await,
        (202, json!({ "message_id": "message-1" }))
    );
    assert_eq!(
        published(topic),
        [(Some("sign-up".to_owned()), PUBLISHED.to_owned())]
    );
}

#[tokio::test]
async fn a_post_publishes_a_message_given_as_text_or_as_json() {
    let topic = FakeTopic::default();
    let as_json: Value = serde_json::from_str(SIGN_UP).unwrap();
    for message in [json!(SIGN_UP), as_json] {
        let (status, _) = post(&json!({ "topic": NAME, "message": message }), &topic).await;
        assert_eq!(status, 202);
    }
    assert_eq!(
        published(topic),
        [(None, PUBLISHED.to_owned()), (None, PUBLISHED.to_owned())]
    );
}

#[tokio::test]
async fn a_body_in_base64_is_read_like_any_other() {
    let topic = FakeTopic::default();
    let body = json!({ "topic": NAME, "subject": "", "message": SIGN_UP }).to_string();
    let mut event = event("POST", &[], Some(&BASE64_STANDARD.encode(body)));
    event["isBase64Encoded"] = json!(true);
    assert_eq!(respond(event, &topic).await.0, 202);
    assert_eq!(published(topic), [(None, PUBLISHED.to_owned())]);
}

#[tokio::test]
async fn nothing_goes_to_any_other_topic() {
    let topic = FakeTopic::default();
    for other in [
        "",
        "user",
        "Users",
        "users ",
        "arn:aws:sns:eu-west-1:111122223333:users",
        "arn:aws:sns:eu-west-1:444455556666:users",
        "+41791234567",
    ] {
        let refused = (400, json!({ "message": "the topic must be users" }));
        let query = [("topic", other), ("message", SIGN_UP)];
        assert_eq!(get(&query, &topic).await, refused, "{other}");
        let body = json!({ "topic": other, "message": SIGN_UP });
        assert_eq!(post(&body, &topic).await, refused, "{other}");
    }
    assert!(published(topic).is_empty());
}

#[tokio::test]
async fn a_query_with_a_missing_or_repeated_parameter_is_refused() {
    let topic = FakeTopic::default();
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], "the parameter topic is missing"),
        (&[("topic", NAME)], "the parameter message is missing"),
        (&[("message", "a")], "the parameter topic is missing"),
        (&[("topic", NAME), ("message", "")], "the message is empty"),
        (
            &[("topic", NAME), ("topic", "other"), ("message", "a")],
            "the parameter topic is there more than once",
        ),
        (
            &[("topic", NAME), ("subject", "two\nlines"), ("message", "a")],
            "the subject must have 1 to 99 characters and neither line breaks nor control \
             characters",
        ),
    ];
    for (query, message) in cases {
        let (status, body) = get(query, &topic).await;
        assert_eq!((status, body), (400, json!({ "message": message })));
    }
    assert!(published(topic).is_empty());
}

#[tokio::test]
async fn another_body_is_refused() {
    let topic = FakeTopic::default();
    let bodies = [
        None,
        Some(""),
        Some("{"),
        Some("[]"),
        Some(r#"["users",null,"a"]"#),
        Some(r#"{"topic":"users"}"#),
        Some(r#"{"topic":1,"message":"a"}"#),
        Some(r#"{"topic":"users","message":"a","TopicArn":"arn:aws:sns:::other"}"#),
        Some(r#"{"topic":"users","topic":"other","message":"a"}"#),
    ];
    for body in bodies {
        let (status, answer) = respond(event("POST", &[], body), &topic).await;
        assert_eq!(status, 400, "{body:?}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.starts_with("the body must be"), "{message}");
    }
    let mut broken = event("POST", &[], Some("no base64!"));
    broken["isBase64Encoded"] = json!(true);
    assert_eq!(respond(broken, &topic).await.0, 400);
    assert_eq!(respond(event("PUT", &[], Some("{}")), &topic).await.0, 400);
    assert!(published(topic).is_empty());
}

#[tokio::test]
async fn a_topic_that_fails_is_a_503_without_details() {
    let topic = FakeTopic {
        fails: true,
        ..FakeTopic::default()
    };
    let (status, body) = get(&[("topic", NAME), ("message", SIGN_UP)], &topic).await;
    assert_eq!(status, 503);
    assert_eq!(
        body,
        json!({ "message": "the message could not be published, try again" })
    );
}

proptest! {
    #[test]
    fn any_submission_gets_an_answer(topic_name in any::<String>(), subject in any::<String>(), message in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let topic = FakeTopic::default();
        let query = [("topic", topic_name.as_str()), ("subject", &subject), ("message", &message)];
        let (status, _) = runtime.block_on(get(&query, &topic));
        prop_assert!(status == 202 || status == 400);
        let (status, _) = runtime.block_on(respond(event("POST", &[], Some(&message)), &topic));
        prop_assert_eq!(status, 400);
    }
}
