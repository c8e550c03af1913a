//! The errors of sign-in, renewal and calls, as one type.
//!
//! The texts of `Display` are for developers: they name the standard's terms and contain no secret. Texts for users
//! belong to the app, which matches on the variants (`src/messages` here).

use thiserror::Error;

use crate::aws::identity_pool::IdentityPoolError;
use crate::aws::sigv4::SigningError;
use crate::http::TransportError;
use crate::later::PartUnavailable;
use crate::oauth::callback::{AuthorizeError, MalformedCallback};
use crate::oauth::discovery::DiscoveryError;
use crate::oauth::id_token::IdTokenError;
use crate::oauth::jwks::JwksError;
use crate::oauth::tokens::{TokenError, TokenErrorCode};
use crate::store::StoreError;

/// Why an operation failed.
///
/// Sign-in, renewal, credentials and calls share it, because each of them can fail by what another one needs: a call
/// may need credentials, and credentials may need new tokens. It is `Clone` and comparable, so that it can be part of a
/// state.
///
/// # Examples
///
/// ```
/// use velvet_rope::{AuthError, Step, TransportError};
///
/// fn advice(error: &AuthError) -> &'static str {
///     match error {
///         AuthError::InsecureContext => "Open this page over https.",
///         AuthError::NewerRelease => "Reload this page.",
///         error if error.needs_sign_in() => "Please sign in again.",
///         error if error.is_retryable() => "Please try again in a minute.",
///         _ => "Something is misconfigured.",
///     }
/// }
///
/// assert_eq!(advice(&AuthError::SessionExpired), "Please sign in again.");
/// let offline = AuthError::Transport { during: Step::Api, source: TransportError::Offline };
/// assert_eq!(advice(&offline), "Please try again in a minute.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthError {
    /// The page is not in a secure context; a sign-in must not start there.
    /// Web Cryptography and Web Locks exist in secure contexts only.
    #[error("the page was not loaded over https or from localhost")]
    InsecureContext,
    /// The browser returned no random numbers.
    #[error("the browser gave no random numbers")]
    NoRandomness,
    /// The browser stores nothing for this page.
    /// A sign-in needs storage for its callback.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The parameters of the callback are malformed.
    /// Usually another site than the provider has opened the callback address.
    #[error(transparent)]
    MalformedCallback(#[from] MalformedCallback),
    /// The provider refused the sign-in, or the user cancelled it.
    #[error("the sign-in was refused: {error:?}")]
    SignInRefused {
        /// The error code.
        error: AuthorizeError,
        /// The provider's description, if it sent one.
        description: Option<String>,
    },
    /// No pending sign-in of this tab has this `state`.
    /// The callback was opened again, in another browser, or more than 15 minutes after the start; or it was forged.
    #[error("no sign-in was started here with this state")]
    StateUnknown,
    /// The sign-in was started for another issuer than the configured one.
    /// The configuration changed during the sign-in, or the callback came from another server (RFC 9207).
    #[error("the sign-in was started for issuer {0}")]
    OtherIssuer(String),
    /// The token endpoint returned no tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The ID token is not valid.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    /// The discovery document could not be used.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// The key set of the provider could not be read.
    #[error(transparent)]
    Keys(#[from] JwksError),
    /// The answer to the last renewal was lost. The refresh token may have been used and is not sent again.
    /// The current tokens are used until they expire; see [`Rotation`](crate::config::Rotation).
    #[error("the answer to the last renewal was lost, and the refresh token may have been used")]
    RenewalUncertain,
    /// Another tab has newer tokens and does not send them.
    /// It may be frozen by the browser. The renewal is tried again.
    #[error("another tab has newer tokens and does not answer")]
    OtherTabSilent,
    /// Another user signed in, or the role changed, while the request waited for credentials.
    /// The call was not made; the same call may succeed now.
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
    /// The operation requires a signed-in user.
    /// Nothing was sent.
    #[error("this requires a signed-in user")]
    SignInRequired,
    /// The session has expired and cannot be renewed.
    #[error("the session has expired")]
    SessionExpired,
    /// The route requires a signature, and no identity pool is configured that issues credentials.
    /// [`parse`](crate::config::parse) reports a configured route of this kind as a mistake; an app can build one
    /// itself.
    #[error("no identity pool is configured")]
    NoIdentityPool,
    /// The identity pool returned no credentials.
    #[error(transparent)]
    IdentityPool(#[from] IdentityPoolError),
    /// The request cannot be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A part of the app that the operation needs could not be loaded.
    #[error(transparent)]
    PartUnavailable(#[from] PartUnavailable),
    /// The request was not answered.
    #[error("{during:?}: {source}")]
    Transport {
        /// Where the request was sent.
        during: Step,
        /// What failed.
        source: TransportError,
    },
}

/// The recipient of a request.
///
/// A page uses it to name the setting that a blocked request depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The token endpoint.
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
    /// Whether the user has to sign in again.
    ///
    /// Offer a sign-in button then.
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
            | Self::PartUnavailable(_)
            | Self::Transport { .. } => false,
        }
    }

    /// Whether the same operation may succeed if it is repeated unchanged.
    ///
    /// Offer "Try again" then. An error can be neither retryable nor repaired by a sign-in: those are mistakes of the
    /// setup.
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
            | Self::PartUnavailable(_)
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
