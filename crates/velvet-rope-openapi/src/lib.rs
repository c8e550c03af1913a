//! Reads API descriptions: OpenAPI 3.0 and 3.1, and Swagger 2.0, as JSON or YAML, as API Gateway exports them and as
//! others write them.
//!
//! ```
//! use velvet_rope_openapi::{Document, Limits, Method, Protection};
//!
//! # fn main() -> Result<(), velvet_rope_openapi::ReadError> {
//! let text = "
//! openapi: 3.0.1
//! info: { title: Pets, version: '1' }
//! servers:
//!   - url: https://abc123.execute-api.eu-central-1.amazonaws.com/{basePath}
//!     variables: { basePath: { default: /prod } }
//! paths:
//!   /pets/{id}:
//!     get:
//!       security: [{ sigv4: [] }]
//!       responses: { '200': { $ref: '#/components/responses/Pet' } }
//! components:
//!   securitySchemes:
//!     sigv4: { type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4 }
//! ";
//! let document = Document::parse(text, Limits::default())?;
//! assert_eq!(document.servers[0].url, "https://abc123.execute-api.eu-central-1.amazonaws.com/prod");
//! assert_eq!(document.servers[0].stage.as_deref(), Some("prod"));
//!
//! let operation = &document.operations[0];
//! assert_eq!((operation.method, operation.path.as_str()), (Method::Get, "/pets/{id}"));
//! assert_eq!(operation.protection, Protection::Iam);
//! assert!(operation.parameters[0].is_required, "the path variable, although the document does not declare it");
//!
//! // What is wrong does not hide what is right.
//! assert_eq!(
//!     document.problems[0].to_string(),
//!     "#/paths/~1pets~1{id}/get/responses/200: `#/components/responses/Pet` does not exist",
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Documents from strangers
//!
//! [`Limits`] bound the size of the text, the nesting, the values that YAML aliases copy, and the memory that `$ref`s
//! multiply. A document that exceeds a limit is refused with a [`ReadError`]. No text makes a function of this crate
//! panic, and the nesting of a text does not reach the stack: the text is read without recursion, and the tree of values is
//! never deeper than [`Limits::depth`].
//!
//! # Pauses
//!
//! [`Document::parse`] reads at once. [`Loader`] reads in steps, so that a page answers its user in between. The crate
//! uses no API of the browser and no clock; it compiles natively and for `wasm32-unknown-unknown`.
//!
//! # What is not read
//!
//! Webhooks and callbacks, links, response schemas, and `$ref`s to other documents, `$id`s and `$anchor`s. Failing
//! references are listed in [`Document::problems`].

mod error;
mod example;
mod limits;
mod loader;
mod model;
mod pointer;
mod read;
mod syntax;

pub use error::{Place, Problem, ProblemKind, ReadError};
pub use limits::Limits;
pub use loader::{Amount, Loader, Progress, utf8};
pub use model::{
    ApiKey, Body, Document, LambdaAuthorizer, Location, MediaType, Method, Operation, Parameter,
    Protection, Response, SchemaSummary, SchemeUse, SecurityScheme, Server, Tag, Version,
};
