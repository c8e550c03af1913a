//! The to-do list of the user who asks:
//!
//! - `GET` and `POST /todos`, `PUT` and `DELETE /todos/{id}`: JSON
//! - `GET` and `PUT /todos/{id}/attachment`: bytes
//!
//! API Gateway has checked the signature and adds the identity of the caller, which is the key of all records. Nothing else
//! in a request selects a list, so a user cannot reach that of another.

mod dynamo;
mod request;
mod respond;
mod todos;

pub use dynamo::DynamoTodos;
pub use request::{
    InvalidRequest, MAX_ATTACHMENT_BYTES, MAX_NAME_CHARACTERS, MAX_TITLE_CHARACTERS,
};
pub use respond::{MAX_TODOS, respond};
pub use todos::{Content, File, Todo, TodoId, Todos};
