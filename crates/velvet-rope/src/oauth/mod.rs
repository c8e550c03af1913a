//! OAuth 2.0 and OpenID Connect as Cognito user pools and other providers speak them, pure: requests and answers are
//! values, time and randomness are arguments.
//!
//! Each request is a pair of functions: one returns an [`HttpRequest`](crate::http::HttpRequest), the other reads the
//! [`HttpResponse`](crate::http::HttpResponse). `session` sends them. Nothing here reads a clock, storage or the
//! network, so each rule has a test with plain values.
//!
//! | Module | Standard |
//! |---|---|
//! | [`authorize`] | RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1 |
//! | [`pkce`] | RFC 7636 |
//! | [`callback`] | RFC 6749, section 4.1.2; RFC 9207 |
//! | [`tokens`] | RFC 6749, sections 4.1.3, 5 and 6 |
//! | [`id_token`] | OpenID Connect Core, sections 3.1.3.7 and 12.2 |
//! | [`jwks`] | RFC 7515, RFC 7517, RFC 7518 |
//! | [`discovery`] | OpenID Connect Discovery 1.0; RFC 8414 |
//! | [`logout`] | OpenID Connect RP-Initiated Logout 1.0; RFC 7009 |
//!
//! Only the authorization code grant with PKCE is implemented. The implicit grant and the password grant must not be
//! used (RFC 9700, sections 2.1.2 and 2.4).

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

pub use authorize::Entropy;
pub use callback::{AuthorizeError, Callback, MalformedCallback, PasskeyResult};
pub use discovery::{DiscoveryError, Endpoints};
pub use id_token::{Claims, IdTokenError};
pub use jwks::JwksError;
pub use logout::GLOBAL_SIGN_OUT_SCOPE;
pub use options::{Prompt, Screen, SignInOptions};
pub use tokens::{AccessToken, IdToken, RefreshToken, TokenError, TokenErrorCode, Tokens};
