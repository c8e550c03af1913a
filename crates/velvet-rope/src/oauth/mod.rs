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

pub use authorize::Entropy;
pub use callback::{AuthorizeError, Callback, MalformedCallback, PasskeyResult};
pub use discovery::{DiscoveryError, Endpoints};
pub use id_token::{Claims, IdTokenError};
pub use jwks::JwksError;
pub use logout::GLOBAL_SIGN_OUT_SCOPE;
pub use options::{Prompt, Screen, SignInOptions};
pub use tokens::{AccessToken, IdToken, RefreshToken, TokenError, TokenErrorCode, Tokens};
