//! What a request says: the content of a to-do, or a file.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::http::header::{ACCEPT, CONTENT_TYPE};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_common::read_json_object;

use crate::todos::{Content, File};

/// The longest title.
pub const MAX_TITLE_CHARACTERS: usize = 200;
/// The longest name of a file.
pub const MAX_NAME_CHARACTERS: usize = 100;
/// The largest file: a record of DynamoDB takes at most 400 KB.
pub const MAX_ATTACHMENT_BYTES: usize = 256 * 1024;

/// The type of all attachments. The template names it in `BinaryMediaTypes`, so that API Gateway hands on the bytes.
pub(crate) const BYTES: &str = "application/octet-stream";

/// What is wrong with a request, for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// The body is not the expected JSON.
    #[error(
        "the body must be a JSON object with title (a string) and, if wanted, done, and nothing else"
    )]
    Body,
    /// The title is empty or too long.
    #[error("the title must have 1 to {MAX_TITLE_CHARACTERS} characters")]
    Title,
    /// The body is not bytes.
    #[error("the content-type must be {BYTES}")]
    ContentType,
    /// The file is too large.
    #[error("an attachment must have at most {MAX_ATTACHMENT_BYTES} bytes")]
    TooLarge,
    /// The name of the file is missing, too long, or has a character that no name has.
    #[error("the parameter name must have 1 to {MAX_NAME_CHARACTERS} characters without / and \\")]
    Name,
}

/// The content of a to-do, from a JSON body.
pub(crate) fn read_content(request: &ApiGatewayProxyRequest) -> Result<Content, InvalidRequest> {
    let body = body(request).ok_or(InvalidRequest::Body)?;
    let read: Content = read_json_object(&body).map_err(|_| InvalidRequest::Body)?;
    let title = read.title.trim().to_owned();
    if (1..=MAX_TITLE_CHARACTERS).contains(&title.chars().count()) {
        Ok(Content { title, ..read })
    } else {
        Err(InvalidRequest::Title)
    }
}

/// A file, from a body of bytes and the parameter `name`.
pub(crate) fn read_file(request: &ApiGatewayProxyRequest) -> Result<File, InvalidRequest> {
    // Of any other type, API Gateway has replaced the bytes that are not UTF-8.
    let is_bytes = request
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|it| it == BYTES);
    if !is_bytes {
        return Err(InvalidRequest::ContentType);
    }
    let content = body(request).ok_or(InvalidRequest::ContentType)?;
    if content.len() > MAX_ATTACHMENT_BYTES {
        return Err(InvalidRequest::TooLarge);
    }
    let names = request.multi_value_query_string_parameters.all("name");
    let [name] = names.unwrap_or_default()[..] else {
        return Err(InvalidRequest::Name);
    };
    let is_name = (1..=MAX_NAME_CHARACTERS).contains(&name.chars().count())
        && !name.contains(|it: char| it.is_control() || it == '/' || it == '\\');
    if !is_name {
        return Err(InvalidRequest::Name);
    }
    Ok(File {
        name: name.to_owned(),
        content,
    })
}

/// Whether the caller gets the bytes of an answer. API Gateway decodes them only for this `accept`, and hands on base64
/// text to everyone else.
pub(crate) fn accepts_bytes(request: &ApiGatewayProxyRequest) -> bool {
    request.headers.get(ACCEPT).is_some_and(|it| it == BYTES)
}

fn body(request: &ApiGatewayProxyRequest) -> Option<Vec<u8>> {
    let body = request.body.as_deref().unwrap_or_default();
    if request.is_base64_encoded {
        BASE64_STANDARD.decode(body).ok()
    } else {
        Some(body.as_bytes().to_vec())
    }
}
