//! OAuth 2.0 and OpenID Connect as a Cognito user pool speaks them, pure: requests and answers are
//! values, time and randomness are arguments.

pub mod authorize;
pub mod callback;
mod encoding;
pub mod id_token;
pub mod logout;
pub mod pkce;
pub mod tokens;
