//! What a caller submits: in the query of a GET or in the JSON body of a POST.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::http::Method;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::Value;
use users::{InvalidMessage, InvalidSubject, Message, Subject};

/// A message to be published, with the topic that the caller named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// The name of the topic.
    pub(crate) topic: String,
    /// What the message is about.
    pub(crate) subject: Option<Subject>,
    /// What the worker will read. It is checked there, in one place for all publishers.
    pub(crate) message: Message,
}

/// What is wrong with a submission, for the caller to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SubmissionError {
    /// The method is none of those declared.
    #[error("the method must be GET or POST")]
    Method,
    /// A parameter is not there.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// A parameter is there twice, and may mean one thing here and another elsewhere.
    #[error("the parameter {0} is there more than once")]
    Repeated(&'static str),
    /// The body is nothing that can be read.
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
    pub(crate) fn read(request: &ApiGatewayProxyRequest) -> Result<Self, SubmissionError> {
        match request.http_method {
            Method::GET => Self::from_query(request),
            Method::POST => Self::from_body(request),
            _ => Err(SubmissionError::Method),
        }
    }

    fn from_query(request: &ApiGatewayProxyRequest) -> Result<Self, SubmissionError> {
        let topic = parameter(request, "topic")?.ok_or(SubmissionError::Missing("topic"))?;
        let message = parameter(request, "message")?.ok_or(SubmissionError::Missing("message"))?;
        Self::new(topic, parameter(request, "subject")?, message)
    }

    fn from_body(request: &ApiGatewayProxyRequest) -> Result<Self, SubmissionError> {
        let body = request.body.as_deref().unwrap_or_default();
        let posted: Result<Posted, _> = if request.is_base64_encoded {
            let bytes = BASE64_STANDARD.decode(body);
            serde_json::from_slice(&bytes.map_err(|_| SubmissionError::Body)?)
        } else {
            serde_json::from_str(body)
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
        Self::new(topic, subject, message)
    }

    fn new(
        topic: String,
        subject: Option<String>,
        message: String,
    ) -> Result<Self, SubmissionError> {
        let subject = subject.filter(|subject| !subject.is_empty());
        Ok(Self {
            topic,
            subject: subject.map(Subject::try_from).transpose()?,
            message: message.try_into()?,
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
