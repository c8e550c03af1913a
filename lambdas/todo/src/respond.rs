//! One request, and the answer to it.

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::header::CONTENT_TYPE;
use aws_lambda_events::http::{HeaderValue, Method, StatusCode};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_cloud::CloudError;
use lambda_common::{AllowedOrigin, Caller, answer, refusal, route};
use serde_json::{Value, json};

use crate::request::{BYTES, InvalidRequest, accepts_bytes, read_content, read_file};
use crate::todos::{File, Todo, TodoId, Todos};

/// How many to-dos a user may have.
pub const MAX_TODOS: usize = 100;

/// An answer before it is written.
enum Reply {
    Json(StatusCode, Value),
    Bytes(File),
    NoContent,
}

/// Why there is no answer of another kind.
enum Refused {
    Caller,
    Route,
    Invalid(InvalidRequest),
    NotFound,
    TooMany,
    NotAcceptable,
    Cloud(CloudError),
}

impl From<InvalidRequest> for Refused {
    fn from(error: InvalidRequest) -> Self {
        Self::Invalid(error)
    }
}

impl From<CloudError> for Refused {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

/// Answers one request, for readers at `allowed_origin`. `new_id` is the id of a to-do that it may create.
///
/// - 200 with a to-do, all of them, or the bytes of an attachment; 201 with a new to-do; 204 after a deletion
/// - 400 or 413 with what is wrong with the request
/// - 403 if the caller has no identity in the identity pool, for example an IAM user
/// - 404 if the caller has no such to-do, or there is no such route
/// - 406 if the caller would not get the bytes of an attachment, because `accept` is not `application/octet-stream`
/// - 409 if the caller has too many to-dos for a new one
/// - 503 if the table fails
pub async fn respond(
    request: &ApiGatewayProxyRequest,
    todos: &impl Todos,
    new_id: TodoId,
    allowed_origin: &AllowedOrigin,
) -> ApiGatewayProxyResponse {
    let reply = match reply(request, todos, new_id).await {
        Ok(reply) => reply,
        Err(refused) => refused.into_reply(),
    };
    write(reply, allowed_origin)
}

async fn reply(
    request: &ApiGatewayProxyRequest,
    todos: &impl Todos,
    new_id: TodoId,
) -> Result<Reply, Refused> {
    let owner = Caller::from(request).identity_id.ok_or(Refused::Caller)?;
    let id = || {
        let id = request.path_parameters.get("id");
        id.and_then(|id| TodoId::parse(id)).ok_or(Refused::NotFound)
    };
    let found = |todo: Option<Todo>| todo.map(ok).ok_or(Refused::NotFound);
    match (route(request), &request.http_method) {
        ("/todos", &Method::GET) => Ok(ok(todos.list(owner).await?)),
        ("/todos", &Method::POST) => {
            let content = read_content(request)?;
            // Two requests at once may both be the last one that is allowed, which does no harm.
            if todos.count(owner).await? >= MAX_TODOS {
                return Err(Refused::TooMany);
            }
            todos.add(owner, &new_id, &content).await?;
            let todo = Todo {
                id: new_id,
                content,
                attachment: None,
            };
            Ok(Reply::Json(StatusCode::CREATED, json!(todo)))
        }
        ("/todos/{id}", &Method::PUT) => found(
            todos
                .replace(owner, &id()?, &read_content(request)?)
                .await?,
        ),
        ("/todos/{id}", &Method::DELETE) => {
            todos.remove(owner, &id()?).await?;
            Ok(Reply::NoContent)
        }
        ("/todos/{id}/attachment", &Method::PUT) => {
            found(todos.attach(owner, &id()?, &read_file(request)?).await?)
        }
        ("/todos/{id}/attachment", &Method::GET) => {
            if !accepts_bytes(request) {
                return Err(Refused::NotAcceptable);
            }
            let file = todos.attached(owner, &id()?).await?;
            file.map(Reply::Bytes).ok_or(Refused::NotFound)
        }
        _ => Err(Refused::Route),
    }
}

fn ok(body: impl serde::Serialize) -> Reply {
    Reply::Json(StatusCode::OK, json!(body))
}

impl Refused {
    fn into_reply(self) -> Reply {
        let (status, message) = match self {
            Self::Caller => (
                StatusCode::FORBIDDEN,
                "The caller has no identity in the identity pool".to_owned(),
            ),
            Self::Route => (StatusCode::NOT_FOUND, "Not Found".to_owned()),
            Self::Invalid(error @ InvalidRequest::TooLarge) => {
                (StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            Self::Invalid(error) => (StatusCode::BAD_REQUEST, error.to_string()),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no such to-do or attachment".to_owned(),
            ),
            Self::TooMany => (
                StatusCode::CONFLICT,
                format!("There are {MAX_TODOS} to-dos already; delete one first"),
            ),
            Self::NotAcceptable => (
                StatusCode::NOT_ACCEPTABLE,
                format!("Send accept: {BYTES} to get the bytes"),
            ),
            Self::Cloud(error) => {
                tracing::error!(%error, "the table failed");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The to-do list cannot be reached at the moment".to_owned(),
                )
            }
        };
        Reply::Json(status, refusal(&message))
    }
}

fn write(reply: Reply, allowed_origin: &AllowedOrigin) -> ApiGatewayProxyResponse {
    let headers = allowed_origin.headers();
    match reply {
        Reply::Json(status, body) => answer(status, headers, &body),
        Reply::NoContent => {
            let mut response = answer(StatusCode::NO_CONTENT, headers, &Value::Null);
            response.headers.remove(CONTENT_TYPE);
            response.body = None;
            response
        }
        Reply::Bytes(file) => {
            let mut response = answer(StatusCode::OK, headers, &Value::Null);
            let content_type = HeaderValue::from_static(BYTES);
            response.headers.insert(CONTENT_TYPE, content_type);
            response.body = Some(Body::Text(BASE64_STANDARD.encode(file.content)));
            response.is_base64_encoded = true;
            response
        }
    }
}
