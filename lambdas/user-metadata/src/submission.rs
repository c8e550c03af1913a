//! The submission of a caller: in the query of a GET or in the JSON body of a POST.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::http::Method;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_common::read_json_object;
use serde::Deserialize;
use serde_json::Value;
use time::Timestamp;
use users::{InvalidMessage, InvalidSubject, Message, Subject};

/// A message to publish, with the topic that the caller named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// The name of the topic.
    pub(crate) topic: String,
    /// The subject of the message.
    pub(crate) subject: Option<Subject>,
    /// The message. The worker checks it, in one place for all publishers.
    pub(crate) message: Message,
}

/// What is wrong with a submission, for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SubmissionError {
    /// The method is not declared.
    #[error("the method must be GET or POST")]
    Method,
    /// A parameter is missing.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// A parameter is repeated, so that its value depends on the reader.
    #[error("the parameter {0} is there more than once")]
    Repeated(&'static str),
    /// The body is not the expected JSON.
    #[error(
        "the body must be a JSON object with topic, message (a string or JSON) and, if wanted, \
         subject, and nothing else"
    )]
    Body,
    #[error(transparent)]
    Subject(#[from] InvalidSubject),
    #[error(transparent)]
    Message(#[from] InvalidMessage),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    topic: String,
    #[serde(default)]
    subject: Option<String>,
    message: Value,
}

impl Submission {
    pub(crate) fn read(
        request: &ApiGatewayProxyRequest,
        now: Timestamp,
    ) -> Result<Self, SubmissionError> {
        match request.http_method {
            Method::GET => Self::from_query(request, now),
            Method::POST => Self::from_body(request, now),
            _ => Err(SubmissionError::Method),
        }
    }

    fn from_query(
        request: &ApiGatewayProxyRequest,
        now: Timestamp,
    ) -> Result<Self, SubmissionError> {
        let topic = parameter(request, "topic")?.ok_or(SubmissionError::Missing("topic"))?;
        let message = parameter(request, "message")?.ok_or(SubmissionError::Missing("message"))?;
        Self::new(topic, parameter(request, "subject")?, message, now)
    }

    fn from_body(
        request: &ApiGatewayProxyRequest,
        now: Timestamp,
    ) -> Result<Self, SubmissionError> {
        let body = request.body.as_deref().unwrap_or_default();
        let posted: Result<Posted, _> = if request.is_base64_encoded {
            let bytes = BASE64_STANDARD.decode(body);
            read_json_object(&bytes.map_err(|_| SubmissionError::Body)?)
        } else {
            read_json_object(body.as_bytes())
        };
        let Posted {
            topic,
            subject,
            message,
        } = posted.map_err(|_| SubmissionError::Body)?;
        let message = match message {
            Value::String(text) => text,
            json => json.to_string(),
        };
        Self::new(topic, subject, message, now)
    }

    fn new(
        topic: String,
        subject: Option<String>,
        message: String,
        now: Timestamp,
    ) -> Result<Self, SubmissionError> {
        let subject = subject.filter(|subject| !subject.is_empty());
        Ok(Self {
            topic,
            subject: subject.map(Subject::try_from).transpose()?,
            message: Message::published_at(message, now)?,
        })
    }
}

fn parameter(
    request: &ApiGatewayProxyRequest,
    name: &'static str,
) -> Result<Option<String>, SubmissionError> {
    let values = request.multi_value_query_string_parameters.all(name);
    match values.unwrap_or_default().as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        _ => Err(SubmissionError::Repeated(name)),
    }
}
