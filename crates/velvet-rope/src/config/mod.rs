//! The configuration: what `config.json` says, checked once and held in typed fields.
//!
//! The file is read at run time, so one build serves every environment. See `docs/configuration.md`.

mod api;
mod check;
mod provider;
mod read;
mod reader;

pub use check::{is_same_issuer, is_secure_address};
pub use read::parse;

/// The configuration that the repository ships as an example, for tests.
#[cfg(test)]
pub(crate) const EXAMPLE: &str = include_str!("../../../../public/config.example.json");

use std::time::Duration;

use thiserror::Error;

use crate::http::Method;

/// The settings of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The provider that users sign in with.
    pub provider: Provider,
    /// The identity pool that trades ID tokens for AWS credentials. Without it, IAM routes cannot be called.
    pub identity_pool: Option<IdentityPool>,
    /// The API and its routes.
    pub api: Api,
    /// API-managed accounts, if there are any.
    pub accounts: Option<Accounts>,
    /// How the session is stored and when it ends.
    pub session: SessionPolicy,
}

/// An OpenID Connect provider and the public client at it: a Cognito user pool with its app client, or any
/// other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The kind of provider, with the settings of that kind.
    pub kind: ProviderKind,
    /// The issuer. For a user pool, this is not the host of its endpoints.
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// Scopes to ask for; `openid` is always among them.
    pub scopes: Vec<String>,
    /// Path of the sign-in callback on this site.
    pub sign_in_path: String,
    /// Path on this site that the provider returns to after sign-out.
    pub sign_out_path: String,
    /// The key under which an identity pool knows the provider: for a user pool, the issuer without its scheme.
    pub logins_key: String,
    /// Whether the provider rotates refresh tokens.
    pub rotation: Rotation,
    /// The identity provider behind the user pool that a sign-in goes to unless it names another.
    pub identity_provider_name: Option<String>,
}

/// Kinds of providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// A Cognito user pool.
    Cognito {
        /// Address of the hosted UI, with scheme, without a slash at the end.
        domain: String,
        /// Address of the service `cognito-idp`, with scheme, without a slash at the end.
        endpoint: String,
        /// Address of the keys that sign the tokens.
        jwks_url: String,
    },
    /// Any other OpenID Connect provider, described by its discovery document.
    Oidc {
        /// How its own session is ended.
        logout: LogoutStyle,
        /// The API that access tokens are for, as Auth0 wants it named.
        audience: Option<String>,
    },
}

/// How a provider's own session is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutStyle {
    /// OpenID Connect RP-Initiated Logout: the `end_session_endpoint` of the discovery document.
    EndSession,
    /// Auth0's `/v2/logout`.
    Auth0,
    /// Not at all: only this site forgets.
    None,
}

/// Whether each renewal replaces the refresh token (RFC 9700, section 4.14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It does not: a refresh token may be sent again.
    Off,
    /// It does, and the old one may be sent again for so long; zero is never.
    On {
        /// The grace period.
        grace: Duration,
    },
    /// Not configured: taken for on without grace until an answer shows that it is off.
    Unknown,
}

/// How the session is stored and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Where the session is stored between page loads.
    pub storage: StorageKind,
    /// How long the user may be inactive in every tab before the session ends; `None` is without limit.
    pub idle_limit: Option<Duration>,
}

/// A Cognito identity pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPool {
    /// Its id, `region:uuid`.
    pub id: String,
    /// Address of the service, with scheme, without a slash at the end.
    pub endpoint: String,
    /// Whether users who are not signed in get credentials too.
    pub guest_access: bool,
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
    /// The service to sign for, usually `execute-api`.
    pub service: String,
    /// The routes, in the order in which they are shown.
    pub routes: Vec<Route>,
    /// The route, protected by `AWS_IAM`, that returns the caller's record.
    pub record: Option<Route>,
}

/// API-managed accounts, in addition to those of the provider: `lambdas/accounts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Address of the stage with `/register`, `/login` and `/logout`, without a slash at the end.
    pub base_url: String,
}

/// A route of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The name that users see; unique.
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

/// Where the session is stored between page loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// The tab's `sessionStorage`: survives a reload, gone with the last tab.
    Session,
    /// `localStorage`: survives a restart of the browser.
    Local,
    /// Nowhere: a reload asks the other tabs, then the provider.
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
    /// The expected value.
    pub expected: String,
    /// The value that was found, shortened; `None` when the key is missing.
    pub found: Option<String>,
}
