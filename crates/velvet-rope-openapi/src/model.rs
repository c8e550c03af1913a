//! The model of an API description: what an app shows of it, and needs to call it.

use std::fmt;

use serde_json::Value;

use crate::error::Problem;
use crate::limits::Limits;

/// An API description.
#[derive(Clone, Debug)]
pub struct Document {
    /// The version of the specification.
    pub version: Version,
    /// The title of the API; empty if it has none.
    pub title: String,
    /// The description of the API, in `CommonMark`.
    pub description: Option<String>,
    /// The servers with their variables filled in. Empty if the document names none: the API is then served where the
    /// document is.
    pub servers: Vec<Server>,
    /// The tags that the document describes, then those that operations have in addition.
    pub tags: Vec<Tag>,
    /// The operations in the order of the document.
    pub operations: Vec<Operation>,
    /// The security schemes in the order of the document.
    pub security_schemes: Vec<SecurityScheme>,
    /// The number of members of `paths`, with those that are wrong and those without operations.
    pub path_count: usize,
    /// The number of webhooks (OpenAPI 3.1). They are requests of the API to its users and are not read.
    pub webhook_count: usize,
    /// What is wrong in the document.
    pub problems: Vec<Problem>,
    /// The number of problems beyond [`Limits::problems`].
    pub omitted_problems: usize,
    pub(crate) root: Value,
    pub(crate) limits: Limits,
}

/// The version of the specification that a document follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// [Swagger 2.0](https://spec.openapis.org/oas/v2.0.html).
    Swagger2,
    /// [OpenAPI 3.0](https://spec.openapis.org/oas/v3.0.4.html).
    OpenApi30,
    /// [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.1.html).
    OpenApi31,
}

/// A server of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The base URL without a slash at the end, with the stage. It may be relative to the URL of the document.
    pub url: String,
    /// Its description.
    pub description: Option<String>,
    /// The stage, if the host is that of an API Gateway (`{api}.execute-api.{region}.amazonaws.com`).
    pub stage: Option<String>,
}

/// A group of operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// Its description, in `CommonMark`.
    pub description: Option<String>,
}

/// One method of one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Unique in the document: the `operationId`, or method and path where that is absent or not unique.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The methods that the operation answers: for [`Method::Any`], all but those that the path has operations of.
    pub answers: Vec<Method>,
    /// The path template, such as `/pets/{id}` or `/files/{proxy+}`.
    pub path: String,
    /// Whether the last path variable takes the rest of the path, with slashes (`{proxy+}` of API Gateway).
    pub is_greedy: bool,
    /// One line about it.
    pub summary: Option<String>,
    /// Its description, in `CommonMark`.
    pub description: Option<String>,
    /// Whether it is deprecated.
    pub is_deprecated: bool,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// Its parameters with those of the path. A path variable without a declaration has one here.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<Body>,
    /// The responses.
    pub responses: Vec<Response>,
    /// What protects it.
    pub protection: Protection,
    /// Whether the gateway's API key (`x-api-key`) is among its security schemes. API Gateway then requires the key, with
    /// what [`protection`](Self::protection) says.
    pub uses_api_key: bool,
    /// The alternatives to authenticate, each with the schemes that are used together. API Gateway requires all of
    /// them. An empty alternative means that authentication is optional.
    pub security: Vec<Vec<SchemeUse>>,
    /// The servers of this operation, if they differ from those of the document.
    pub servers: Vec<Server>,
    /// The JSON pointer (RFC 6901) of the operation.
    pub pointer: String,
}

/// The method of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `PATCH`
    Patch,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `TRACE`
    Trace,
    /// `x-amazon-apigateway-any-method`: each method that API Gateway has and the path has no operation of.
    Any,
}

impl Method {
    /// The methods that API Gateway answers with `ANY`.
    pub const ANSWERED_BY_ANY: [Self; 7] = [
        Self::Delete,
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Patch,
        Self::Post,
        Self::Put,
    ];

    /// The name in capitals; `ANY` for [`Method::Any`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Trace => "TRACE",
            Self::Any => "ANY",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A parameter outside the body.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it is sent.
    pub location: Location,
    /// Whether a request must have it.
    pub is_required: bool,
    /// Its description, in `CommonMark`.
    pub description: Option<String>,
    /// What it looks like.
    pub schema: SchemaSummary,
    /// An example of its value.
    pub example: Option<Value>,
    /// How lists and objects are written: `form`, `simple`, `label`, `matrix`, `spaceDelimited`, `pipeDelimited`,
    /// `deepObject`, or `tabDelimited` for `tsv` of Swagger 2.0.
    pub style: String,
    /// Whether each item or member is a parameter or part of its own.
    pub explode: bool,
    /// The media type, if the value is a document of its own, such as JSON.
    pub media_type: Option<String>,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// In place of `{name}` in the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie. A page cannot set it for another site.
    Cookie,
}

/// A schema in short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaSummary {
    /// The type: `string`, `array of integer`, `string | number`, `any`, or `one of`, `any of`.
    pub kind: String,
    /// The name of the schema, if it is one of the document's named schemas.
    pub name: Option<String>,
    /// The format, such as `date-time`.
    pub format: Option<String>,
    /// Whether null is valid too.
    pub is_nullable: bool,
    /// The valid values, a hundred at most; empty if they are not enumerated.
    pub values: Vec<Value>,
    /// The default.
    pub default: Option<Value>,
}

/// A request body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Whether a request must have it.
    pub is_required: bool,
    /// Its description, in `CommonMark`.
    pub description: Option<String>,
    /// The media types, of which a request has one.
    pub media_types: Vec<MediaType>,
}

/// One representation of a body. [`Document::example`] makes an example of it.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaType {
    /// The media type, such as `application/json`.
    pub name: String,
    /// What the body looks like.
    pub schema: SchemaSummary,
    pub(crate) source: SchemaSource,
}

/// Where the schema of a body is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SchemaSource {
    /// At `{pointer of the media type}/schema`, beside an `example`.
    MediaType(String),
    /// Made from the form parameters of Swagger 2.0.
    Form(Value),
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status: `200`, a range such as `4XX`, or `default`.
    pub status: String,
    /// Its description, in `CommonMark`.
    pub description: Option<String>,
}

/// What a request must have to be let through.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// Nothing.
    Open,
    /// An API key.
    ApiKey(ApiKey),
    /// A Signature Version 4 (`awsSigv4`, `AWS_IAM`).
    Iam,
    /// A token of a Cognito user pool.
    CognitoUserPool,
    /// What a Lambda authorizer accepts.
    LambdaAuthorizer(LambdaAuthorizer),
    /// A JSON web token, for the JWT authorizer of an HTTP API.
    Jwt,
    /// HTTP authentication of this scheme, in lower case: `bearer`, `basic`.
    Http(String),
    /// An access token of OAuth 2.0.
    OAuth2,
    /// A token of an OpenID Connect provider.
    OpenIdConnect,
    /// Something that the document does not define or that this crate does not know.
    Unknown,
}

/// Where an API key is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The name of the header, query parameter or cookie.
    pub name: String,
    /// Where it is sent; never [`Location::Path`].
    pub location: Location,
}

impl ApiKey {
    /// Whether it is the key of API Gateway: the header `x-api-key`.
    #[must_use]
    pub fn is_of_gateway(&self) -> bool {
        self.location == Location::Header && self.name.eq_ignore_ascii_case("x-api-key")
    }
}

/// What a Lambda authorizer receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LambdaAuthorizer {
    /// A token in one header.
    Token,
    /// The request.
    Request,
    /// The document does not say.
    Unknown,
}

/// A way to authenticate that the document defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityScheme {
    /// Its name in the document.
    pub name: String,
    /// What it requires.
    pub protection: Protection,
    /// Its description, in `CommonMark`.
    pub description: Option<String>,
}

/// A security scheme that an operation uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeUse {
    /// The name of the scheme. The document may not define it.
    pub name: String,
    /// The scopes that the token needs.
    pub scopes: Vec<String>,
    /// What the scheme requires.
    pub protection: Protection,
}
