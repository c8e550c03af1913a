//! The configuration: what `config.json` says, checked once and held in typed fields.
//!
//! The file is read at run time, so one build serves every environment. See `docs/configuration.md`.

mod check;
mod read;
mod reader;

pub use read::parse;

use thiserror::Error;

use crate::http::Method;

/// Everything the client has to know about the system it talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The user pool that people sign in to.
    pub user_pool: UserPool,
    /// The identity pool that trades ID tokens for AWS credentials. Without it, IAM routes cannot be called.
    pub identity_pool: Option<IdentityPool>,
    /// The API and its routes.
    pub api: Api,
    /// Where the session is kept between page loads.
    pub storage: StorageKind,
}

/// A Cognito user pool and the app client in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPool {
    /// What the `iss` claim of its tokens must say; not the host of its endpoints.
    pub issuer: String,
    /// The app client's id.
    pub client_id: String,
    /// Address of the hosted UI, with scheme, without a slash at the end.
    pub domain: String,
    /// Scopes to ask for; `openid` is always among them.
    pub scopes: Vec<String>,
    /// Path of the sign-in callback on this site.
    pub sign_in_path: String,
    /// Path that Cognito returns to after sign-out.
    pub sign_out_path: String,
}

impl UserPool {
    /// The key under which an identity pool knows this user pool: the issuer without its scheme.
    #[must_use]
    pub fn logins_key(&self) -> &str {
        self.issuer.strip_prefix("https://").unwrap_or(&self.issuer)
    }
}

/// A Cognito identity pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPool {
    /// Its id, `region:uuid`.
    pub id: String,
    /// Address of the service, with scheme, without a slash at the end.
    pub endpoint: String,
}

/// An API Gateway stage and the routes to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Address of the stage, with scheme, without a slash at the end.
    pub base_url: String,
    /// The API key for the usage plan, sent as `x-api-key`.
    pub key: Option<String>,
    /// The region to sign for.
    pub region: String,
    /// The service to sign for, `execute-api` unless something stands in front.
    pub service: String,
    /// The routes, in the order in which they are shown.
    pub routes: Vec<Route>,
}

/// A route of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What people call it; unique.
    pub name: String,
    /// The request method.
    pub method: Method,
    /// Path and query below the stage, percent-encoded as on the wire, starting with a slash.
    pub path: String,
    /// How the gateway protects it.
    pub auth: RouteAuth,
}

/// How the gateway protects a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteAuth {
    /// By the API key alone, if at all.
    Open,
    /// By `AWS_IAM`: the request must carry a Signature Version 4.
    Iam,
    /// By an authorizer that reads `Authorization: Bearer` with the access token.
    Bearer,
}

/// Where the session is kept between page loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// The tab's `sessionStorage`: survives a reload, gone with the tab.
    Session,
    /// `localStorage`: survives a restart of the browser.
    Local,
    /// Nowhere: a reload signs out.
    Memory,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The text is not JSON.
    #[error("not valid JSON at line {line}, column {column}")]
    NotJson {
        /// Line of the first mistake, from 1.
        line: usize,
        /// Column of the first mistake, from 1.
        column: usize,
    },
    /// The JSON does not say what a configuration has to say.
    #[error("{} mistakes", .0.len())]
    Mistakes(Vec<Mistake>),
}

/// One mistake in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key, with dots and indices: `api.routes[1].path`.
    pub key: String,
    /// What should stand there.
    pub expected: String,
    /// What stands there, shortened; `None` when the key is missing.
    pub found: Option<String>,
}
