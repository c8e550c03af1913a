//! OAuth 2.0 and OpenID Connect as Cognito user pools and other providers speak them, pure: requests and answers are
//! values, time and randomness are arguments.

pub mod authorize;
pub mod callback;
pub mod discovery;
mod encoding;
pub mod id_token;
pub mod jwks;
pub mod logout;
pub mod options;
pub mod pkce;
pub mod tokens;
