//! `GET` and `POST /user-metadata`: whoever keeps users elsewhere tells of a sign-up here.
//!
//! API Gateway has checked the API key. The caller names a topic, but only the configured one is ever
//! published to, and only its name is accepted: no ARN, no other account, no phone number.

mod submission;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::{HeaderMap, StatusCode};
use lambda_common::{answer, refusal};
use serde_json::{Value, json};
use users::Topic;

use submission::Submission;

/// Answers one request by publishing its message to `topic`, which callers know as `topic_name`:
///
/// - 202 with the id of the message: it is on its way, and checked where it arrives
/// - 400 if a parameter is missing, repeated or malformed, or names another topic
/// - 503 if the topic does not take it now
pub async fn respond(
    request: &ApiGatewayProxyRequest,
    topic_name: &str,
    topic: &impl Topic,
) -> ApiGatewayProxyResponse {
    let (status, body) = publish(request, topic_name, topic).await;
    answer(status, HeaderMap::new(), &body)
}

async fn publish(
    request: &ApiGatewayProxyRequest,
    topic_name: &str,
    topic: &impl Topic,
) -> (StatusCode, Value) {
    let submission = match Submission::read(request) {
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
