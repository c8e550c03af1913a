//! `/user-metadata`, asked with events in the shape API Gateway sends (payload format 1.0).

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::sync::Mutex;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};
use users::{CloudError, Message, Subject, Topic};

const NAME: &str = "users";

/// A topic that notes what it is given, or is out of order.
#[derive(Debug, Default)]
struct NotedTopic {
    published: Mutex<Vec<(Option<String>, String)>>,
    out_of_order: bool,
}

impl Topic for NotedTopic {
    async fn publish(
        &self,
        subject: Option<&Subject>,
        message: &Message,
    ) -> Result<String, CloudError> {
        if self.out_of_order {
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
    let mut last = serde_json::Map::new();
    let mut all = serde_json::Map::new();
    for (name, value) in query {
        last.insert((*name).to_owned(), json!(value));
        let values = all.entry(*name).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(value));
    }
    json!({
        "resource": "/user-metadata",
        "path": "/user-metadata",
        "httpMethod": method,
        "headers": { "x-api-key": "a-key" },
        "multiValueHeaders": { "x-api-key": ["a-key"] },
        "queryStringParameters": if last.is_empty() { Value::Null } else { last.into() },
        "multiValueQueryStringParameters": if all.is_empty() { Value::Null } else { all.into() },
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "a1b2c3d4e5",
            "httpMethod": method,
            "identity": { "sourceIp": "203.0.113.7" },
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "resourcePath": "/user-metadata",
            "stage": "latest",
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

async fn respond(event: Value, topic: &NotedTopic) -> (i64, Value) {
    let request: ApiGatewayProxyRequest = serde_json::from_value(event).unwrap();
    let response = user_metadata::respond(&request, NAME, topic).await;
    (response.status_code, body(&response))
}

fn body(response: &ApiGatewayProxyResponse) -> Value {
    match &response.body {
        Some(Body::Text(text)) => serde_json::from_str(text).unwrap(),
        other => panic!("expected a text body, got {other:?}"),
    }
}

async fn get(query: &[(&str, &str)], topic: &NotedTopic) -> (i64, Value) {
    respond(event("GET", query, None), topic).await
}

async fn post(body: &Value, topic: &NotedTopic) -> (i64, Value) {
    respond(event("POST", &[], Some(&body.to_string())), topic).await
}

fn published(topic: NotedTopic) -> Vec<(Option<String>, String)> {
    topic.published.into_inner().unwrap()
}

const SIGN_UP: &str = r#"{"user_id":"7d2f","username":"alice","email":"alice@example.org"}"#;

#[tokio::test]
async fn a_get_publishes_the_message_with_its_subject() {
    let topic = NotedTopic::default();
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
        [(Some("sign-up".to_owned()), SIGN_UP.to_owned())]
    );
}

#[tokio::test]
async fn a_post_publishes_a_message_given_as_text_or_as_json() {
    let topic = NotedTopic::default();
    let as_json: Value = serde_json::from_str(SIGN_UP).unwrap();
    for message in [json!(SIGN_UP), as_json] {
        let (status, _) = post(&json!({ "topic": NAME, "message": message }), &topic).await;
        assert_eq!(status, 202);
    }
    assert_eq!(
        published(topic),
        [(None, SIGN_UP.to_owned()), (None, SIGN_UP.to_owned())]
    );
}

#[tokio::test]
async fn a_body_in_base64_is_read_like_any_other() {
    let topic = NotedTopic::default();
    let body = json!({ "topic": NAME, "subject": "", "message": SIGN_UP }).to_string();
    let mut event = event("POST", &[], Some(&BASE64_STANDARD.encode(body)));
    event["isBase64Encoded"] = json!(true);
    assert_eq!(respond(event, &topic).await.0, 202);
    assert_eq!(published(topic), [(None, SIGN_UP.to_owned())]);
}

#[tokio::test]
async fn nothing_goes_to_any_other_topic() {
    let topic = NotedTopic::default();
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
async fn a_query_that_is_missing_something_or_says_it_twice_is_refused() {
    let topic = NotedTopic::default();
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
async fn a_body_that_is_not_what_was_asked_for_is_refused() {
    let topic = NotedTopic::default();
    let bodies = [
        None,
        Some(""),
        Some("{"),
        Some("[]"),
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
async fn a_topic_that_is_out_of_order_is_a_503_without_details() {
    let topic = NotedTopic {
        out_of_order: true,
        ..NotedTopic::default()
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
        let topic = NotedTopic::default();
        let query = [("topic", topic_name.as_str()), ("subject", &subject), ("message", &message)];
        let (status, _) = runtime.block_on(get(&query, &topic));
        prop_assert!(status == 202 || status == 400);
        let (status, _) = runtime.block_on(respond(event("POST", &[], Some(&message)), &topic));
        prop_assert_eq!(status, 400);
    }
}
