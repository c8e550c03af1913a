//! The configuration: what `config.json` says, checked once and held in typed fields.
//!
//! The file is read at run time, so one build serves every environment. See `docs/configuration.md`.
//!
//! [`parse`] is the only way from a text to a [`Config`]: its result has passed every check. Addresses have a scheme
//! and the form that browsers send, regions are lower case, paths start with one slash. So no other module checks or
//! normalizes them again.
//!
//! Everything in the file is public, because the browser downloads it.

mod api;
mod check;
mod json;
mod provider;
#[cfg(any(test, feature = "split"))]
pub(crate) mod quick;
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
///
/// `load_config` reads it from the site; an app that has the text already calls [`parse`]. It does not change while a
/// page is open.
///
/// # Examples
///
/// ```
/// use velvet_rope::{RouteAuth, parse_config};
///
/// let config = parse_config(
///     r#"{
///         "region": "eu-west-1",
///         "user_pool": {
///             "id": "eu-west-1_AbCdEfGhI",
///             "client_id": "1example23456789abcdefghij",
///             "domain": "your-prefix.auth.eu-west-1.amazoncognito.com"
///         },
///         "api": {
///             "base_url": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest",
///             "routes": [{ "name": "Orders", "method": "GET", "path": "/orders", "auth": "bearer" }]
///         }
///     }"#,
/// )?;
/// assert_eq!(config.provider.sign_in_path, "/authenticated");
/// assert_eq!(config.api.region, "eu-west-1");
/// assert_eq!(config.api.routes[0].auth, RouteAuth::Bearer);
/// assert!(config.identity_pool.is_none());
/// # Ok::<(), velvet_rope::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The provider that users sign in with.
    pub provider: Provider,
    /// The identity pool that trades ID tokens for AWS credentials. Without it, IAM routes cannot be called.
    /// [`parse`] requires it if a route has [`RouteAuth::Iam`].
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
///
/// The client is public in the sense of RFC 6749, section 2.1: it has no secret, and PKCE takes the place of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The kind of provider, with the settings of that kind.
    pub kind: ProviderKind,
    /// The issuer. For a user pool, this is not the host of its endpoints.
    /// It is compared with the `iss` claim of every ID token. For [`ProviderKind::Oidc`], the discovery document may
    /// spell it with or without the slash at the end.
    pub issuer: String,
    /// The client's id.
    /// The `aud` claim of every ID token must contain it.
    pub client_id: String,
    /// Scopes to ask for; `openid` is always among them.
    /// By default `openid`, `email` and `profile`.
    pub scopes: Vec<String>,
    /// Path of the sign-in callback on this site.
    /// Together with the site's origin it is the `redirect_uri`, which must be registered with the provider. By default
    /// `/authenticated`.
    pub sign_in_path: String,
    /// Path on this site that the provider returns to after sign-out.
    /// It must be registered with the provider too, and differs from `sign_in_path`. By default `/signedout`.
    pub sign_out_path: String,
    /// The key under which an identity pool knows the provider: for a user pool, the issuer without its scheme.
    /// Source: Amazon Cognito Identity API Reference, `GetId`, parameter `Logins`.
    pub logins_key: String,
    /// Whether the provider rotates refresh tokens.
    /// It decides what the app does when the answer to a renewal is lost.
    pub rotation: Rotation,
    /// The identity provider behind the user pool that a sign-in goes to unless it names another.
    /// `None` for other providers, and where the hosted UI is to offer the choice.
    pub identity_provider_name: Option<String>,
}

/// Kinds of providers.
///
/// A user pool has known endpoints and does not need a discovery request. For any other provider the endpoints come
/// from its discovery document, which is loaded before the first sign-in of a tab, and again when it is a day old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// A Cognito user pool.
    Cognito {
        /// Address of the hosted UI, with scheme, without a slash at the end.
        /// Browsers are sent there to sign in and to sign out, and the token endpoint is there.
        domain: String,
        /// Address of the service `cognito-idp`, with scheme, without a slash at the end.
        /// Used for the signing keys and for signing out everywhere.
        endpoint: String,
        /// Address of the keys that sign the tokens.
        /// Below `endpoint`: `/<user pool id>/.well-known/jwks.json`.
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
///
/// Only for [`ProviderKind::Oidc`]; a user pool has its own endpoint `/logout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutStyle {
    /// OpenID Connect RP-Initiated Logout: the `end_session_endpoint` of the discovery document.
    /// Without that endpoint in the document it is like [`LogoutStyle::None`].
    EndSession,
    /// Auth0's `/v2/logout`.
    /// Auth0 publishes `end_session_endpoint` only if the settings of the tenant enable it.
    Auth0,
    /// Not at all: only this site forgets.
    None,
}

/// Whether each renewal replaces the refresh token (RFC 9700, section 4.14.2).
///
/// With rotation, a provider takes the second use of a refresh token for theft and ends the session. So the app must
/// know whether it may send a token again whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It does not: a refresh token may be sent again.
    Off,
    /// It does, and the old one may be sent again for so long; zero is never.
    On {
        /// The grace period.
        /// Counted from the first request; at most 60 seconds, as AWS allows.
        grace: Duration,
    },
    /// Not configured: taken for on without grace until an answer shows that it is off.
    Unknown,
}

/// How the session is stored and when it ends.
///
/// The section `session` of the file. Without it, the session is in the tab's storage and has no idle limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Where the session is stored between page loads.
    pub storage: StorageKind,
    /// How long the user may be inactive in every tab before the session ends; `None` is without limit.
    /// From 2 minutes to 24 hours. The user is warned one minute before the end.
    pub idle_limit: Option<Duration>,
}

/// A Cognito identity pool.
///
/// It exchanges ID tokens for temporary AWS credentials, with which the app signs calls to routes with
/// [`RouteAuth::Iam`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPool {
    /// Its id, `region:uuid`.
    /// The region in it is the region of the service.
    pub id: String,
    /// Address of the service, with scheme, without a slash at the end.
    /// By default that of Cognito Identity in the region of the pool.
    pub endpoint: String,
    /// Whether users who are not signed in get credentials too.
    /// The identity pool must allow unauthenticated identities too.
    pub guest_access: bool,
}

/// An API Gateway stage and the routes to offer.
///
/// Several stages need several configurations: one client calls one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Address of the stage, with scheme, without a slash at the end.
    /// It includes the name of the stage, except with a custom domain.
    pub base_url: String,
    /// The API key for the usage plan, sent as `x-api-key`.
    /// It counts the callers' requests and is no protection: every visitor can read it.
    pub key: Option<String>,
    /// The region to sign for.
    /// The `region` of the configuration, unless the API is in another one.
    pub region: String,
    /// The service to sign for, usually `execute-api`.
    pub service: String,
    /// The routes, in the order in which they are shown.
    /// Their names are unique.
    pub routes: Vec<Route>,
    /// The route, protected by `AWS_IAM`, that returns the caller's record.
    pub record: Option<Route>,
    /// Where an API description for the API console is: a path of the site, or an address.
    pub openapi: Option<String>,
}

/// API-managed accounts, in addition to those of the provider: `lambdas/accounts`.
///
/// Such an account is independent of a sign-in at the provider. See `docs/accounts.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Address of the stage with `/register`, `/login` and `/logout`, without a slash at the end.
    pub base_url: String,
}

/// A route of the API.
///
/// [`Client::call`](crate::Client::call) and `Auth::call` take one. Usually it comes from the configuration; an app can
/// also build one, for example with an id in the path.
///
/// # Examples
///
/// ```
/// use velvet_rope::{Method, Route, RouteAuth};
///
/// /// The id is a number, so the path needs no percent-encoding.
/// fn order(id: u64) -> Route {
///     Route {
///         name: format!("Order {id}"),
///         method: Method::Get,
///         path: format!("/orders/{id}?expand=items"),
///         auth: RouteAuth::Iam,
///     }
/// }
///
/// assert_eq!(order(5).path, "/orders/5?expand=items");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The name that users see; unique.
    pub name: String,
    /// The request method.
    pub method: Method,
    /// Path and query below the stage, percent-encoded as on the wire, starting with a slash.
    /// No fragment, no double slash and no dot segment: gateways normalize them before they check a signature.
    pub path: String,
    /// How the gateway protects it.
    pub auth: RouteAuth,
}

/// How the gateway protects a route.
///
/// It decides what the app adds to a request. If it differs from the setting in API Gateway, the gateway refuses the
/// call, and the [`Refusal`](crate::Refusal) says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteAuth {
    /// By the API key alone, if at all.
    /// The app adds the header `x-api-key`, if a key is configured. The user need not be signed in.
    Open,
    /// By `AWS_IAM`: the request must carry a Signature Version 4.
    /// With credentials of the identity pool: those of the user, or of a guest where `guest_access` is set.
    Iam,
    /// By an authorizer that reads `Authorization: Bearer` with the access token.
    /// Without a user signed in at the provider, the token of an API-managed account is sent, if there is one.
    Bearer,
}

/// Where the session is stored between page loads.
///
/// The choice is between comfort and the time in which another script of the site could read tokens from storage; see
/// `docs/security.md`. AWS credentials are in memory in every mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// The tab's `sessionStorage`: survives a reload, gone with the last tab.
    /// A new tab receives the session from an open one.
    Session,
    /// `localStorage`: survives a restart of the browser.
    Local,
    /// Nowhere: a reload asks the other tabs, then the provider.
    /// The provider must support `prompt=none` for that.
    Memory,
}

/// What is wrong with a configuration.
///
/// ```
/// use velvet_rope::{ConfigError, parse_config};
///
/// let Err(ConfigError::Mistakes(mistakes)) = parse_config(r#"{ "region": "Europe" }"#) else {
///     unreachable!("the file lacks almost everything");
/// };
/// let region = mistakes.iter().find(|mistake| mistake.key == "region").unwrap();
/// assert_eq!(region.expected, "an AWS region, like \"eu-west-1\"");
/// assert_eq!(region.found.as_deref(), Some("\"Europe\""));
/// ```
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
    /// In the order in which the sections are read; at least one.
    #[error("{} mistakes", .0.len())]
    Mistakes(Vec<Mistake>),
}

/// One mistake in a configuration.
///
/// An app shows all of them at once, so that the file can be corrected in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key, with dots and indices: `api.routes[1].path`.
    pub key: String,
    /// The expected value.
    /// For developers, in English: "an AWS region, like …".
    pub expected: String,
    /// The value that was found, shortened; `None` when the key is missing.
    /// As JSON, at most 60 characters.
    pub found: Option<String>,
}
