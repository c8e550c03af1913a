//! `GET` and `POST /user-metadata`: other servers publish sign-ups here.
//!
//! API Gateway has checked the API key. The caller names a topic, but only the name of the configured topic is accepted: no
//! ARN, no other account, no phone number.

mod submission;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::{HeaderMap, StatusCode};
use lambda_common::{answer, refusal};
use serde_json::{Value, json};
use time::Timestamp;
use users::Topic;

use submission::Submission;

/// Answers one request at `now` by publishing its message to `topic`, which callers know as `topic_name`:
///
/// - 202 with the id of the message: it was published, and the worker will check it
/// - 400 if a parameter is missing, repeated or malformed, or names another topic
/// - 503 if the topic fails
pub async fn respond(
    request: &ApiGatewayProxyRequest,
    topic_name: &str,
    topic: &impl Topic,
    now: Timestamp,
) -> ApiGatewayProxyResponse {
    let (status, body) = publish(request, topic_name, topic, now).await;
    answer(status, HeaderMap::new(), &body)
}

async fn publish(
    request: &ApiGatewayProxyRequest,
    topic_name: &str,
    topic: &impl Topic,
    now: Timestamp,
) -> (StatusCode, Value) {
    let submission = match Submission::read(request, now) {
        Ok(submission) => submission,
        Err(error) => return (StatusCode::BAD_REQUEST, refusal(&error.to_string())),
    };
    if submission.topic != topic_name {
        let message = format!("the topic must be {topic_name}");
        return (StatusCode::BAD_REQUEST, refusal(&message));
    }
    let published = topic
        .publish(submission.subject.as_ref(), &submission.message)
        .await;
    match published {
        Ok(message_id) => {
            tracing::info!(message_id, "published");
            (StatusCode::ACCEPTED, json!({ "message_id": message_id }))
        }
        Err(error) => {
            tracing::error!(%error, "not published");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                refusal("the message could not be published, try again"),
            )
        }
    }
}
