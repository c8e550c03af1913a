//! Everything that can go wrong between a click and an answer, as one type.

use thiserror::Error;

use crate::aws::identity_pool::IdentityPoolError;
use crate::aws::sigv4::SigningError;
use crate::http::TransportError;
use crate::oauth::callback::{AuthorizeError, MalformedCallback};
use crate::oauth::discovery::DiscoveryError;
use crate::oauth::id_token::IdTokenError;
use crate::oauth::jwks::JwksError;
use crate::oauth::tokens::{TokenError, TokenErrorCode};
use crate::store::StoreError;

/// Why a use case did not reach its end.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthError {
    /// The page is not in a secure context, where a sign-in must not start.
    #[error("the page was not loaded over https or from localhost")]
    InsecureContext,
    /// The browser gave no randomness.
    #[error("the browser gave no random numbers")]
    NoRandomness,
    /// The browser keeps nothing for this page.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The callback's parameters must not be used.
    #[error(transparent)]
    MalformedCallback(#[from] MalformedCallback),
    /// The user pool, or the person, said no.
    #[error("the sign-in was refused: {error:?}")]
    SignInRefused {
        /// The error code.
        error: AuthorizeError,
        /// Cognito's own words, if it sent any.
        description: Option<String>,
    },
    /// No sign-in of this tab waits for this `state`.
    #[error("no sign-in was started here with this state")]
    StateUnknown,
    /// The sign-in was started for another user pool than the one configured now.
    #[error("the sign-in was started for issuer {0}")]
    OtherIssuer(String),
    /// The token endpoint gave no tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The ID token is not acceptable.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    /// The provider did not say where its endpoints are.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// The provider did not say which keys it signs with.
    #[error(transparent)]
    Keys(#[from] JwksError),
    /// The answer to the last renewal got lost, so the refresh token may be spent and is not sent again.
    #[error("the answer to the last renewal got lost, and the refresh token may be spent")]
    RenewalUncertain,
    /// Another tab holds newer tokens and does not hand them over.
    #[error("another tab holds newer tokens and does not answer")]
    OtherTabSilent,
    /// Another user signed in, or the role changed, while the request waited for credentials.
    #[error("the session changed while credentials were requested")]
    SessionChanged,
    /// A tab with a newer release of the site has this session too, and renews it; this page has to be reloaded.
    #[error("a newer release of the site is open in another tab")]
    NewerRelease,
    /// The ID token does not offer this role.
    #[error("the ID token does not offer this role")]
    RoleNotOffered,
    /// The provider has no page for adding a passkey.
    #[error("the provider has no page for adding a passkey")]
    NoPasskeys,
    /// The route wants somebody who is signed in.
    #[error("this route can be called after signing in only")]
    SignInRequired,
    /// The session is over and there is no refresh token to renew it with.
    #[error("the session has expired")]
    SessionExpired,
    /// The route wants a signature, and no identity pool is configured to get credentials from.
    #[error("no identity pool is configured")]
    NoIdentityPool,
    /// The identity pool gave no credentials.
    #[error(transparent)]
    IdentityPool(#[from] IdentityPoolError),
    /// The request cannot be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The network failed.
    #[error("{during:?}: {source}")]
    Transport {
        /// On the way to what.
        during: Step,
        /// How.
        source: TransportError,
    },
}

/// Whom a request was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The user pool's token endpoint.
    TokenEndpoint,
    /// The provider's discovery document.
    Discovery,
    /// The provider's keys.
    Keys,
    /// The identity pool.
    IdentityPool,
    /// The API.
    Api,
}

impl AuthError {
    /// Whether signing in again is the way out.
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::SignInRequired
            | Self::SessionExpired
            | Self::StateUnknown
            | Self::OtherIssuer(_)
            | Self::MalformedCallback(_)
            | Self::SignInRefused { .. }
            | Self::IdToken(_)
            | Self::RenewalUncertain
            | Self::IdentityPool(
                IdentityPoolError::TokenExpired | IdentityPoolError::TokenInactive,
            )
            | Self::Token(TokenError::Refused {
                error: TokenErrorCode::InvalidGrant,
                ..
            }) => true,
            Self::InsecureContext
            | Self::NoRandomness
            | Self::Store(_)
            | Self::Token(_)
            | Self::Discovery(_)
            | Self::Keys(_)
            | Self::OtherTabSilent
            | Self::SessionChanged
            | Self::NewerRelease
            | Self::RoleNotOffered
            | Self::NoPasskeys
            | Self::NoIdentityPool
            | Self::IdentityPool(_)
            | Self::Signing(_)
            | Self::Transport { .. } => false,
        }
    }

    /// Whether the same thing may succeed when it is tried again, with nothing changed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { source, .. } => !matches!(source, TransportError::Refused { .. }),
            Self::IdentityPool(error) => {
                matches!(
                    error,
                    IdentityPoolError::Throttled | IdentityPoolError::Unexpected { status: 500.. }
                )
            }
            Self::Token(TokenError::Unexpected { status })
            | Self::Discovery(DiscoveryError::Unexpected { status })
            | Self::Keys(JwksError { status }) => matches!(status, 429 | 500..),
            Self::OtherTabSilent
            | Self::SessionChanged
            | Self::Signing(SigningError::Unavailable) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_code_needs_a_new_sign_in_and_a_broken_network_does_not() {
        let spent = AuthError::Token(TokenError::Refused {
            error: TokenErrorCode::InvalidGrant,
            description: None,
        });
        assert!(spent.needs_sign_in() && !spent.is_retryable());
        let network = AuthError::Transport {
            during: Step::Api,
            source: TransportError::Offline,
        };
        assert!(!network.needs_sign_in() && network.is_retryable());
        let client = AuthError::Token(TokenError::Refused {
            error: TokenErrorCode::InvalidClient,
            description: None,
        });
        assert!(!client.needs_sign_in() && !client.is_retryable());
    }
}
