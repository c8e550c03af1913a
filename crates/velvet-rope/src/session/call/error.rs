//! Why a call was not answered.

use thiserror::Error;

use crate::gateway::RequestError;
use crate::http::TransportError;
use crate::session::error::AuthError;

/// What kept a call from being answered. A refusal by the gateway is not among them: it is an
/// [`Answer`](crate::Answer) with its [`Refusal`](crate::Refusal).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The request was not built correctly. Nothing was sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The session gave no credentials or token: sign-in required, the identity pool refused, a renewal failed, the
    /// request could not be signed.
    #[error(transparent)]
    Session(#[from] AuthError),
    /// The API did not answer: offline, unreachable, timed out.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The user signed out, or another user signed in, before the answer came.
    #[error("the session changed before the answer came")]
    SessionChanged,
    /// The app cancelled the call.
    #[error("the call was cancelled")]
    Cancelled,
}

impl CallError {
    /// Whether the user has to sign in again.
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        match self {
            Self::Session(error) => error.needs_sign_in(),
            Self::SessionChanged => true,
            Self::Request(_) | Self::Transport(_) | Self::Cancelled => false,
        }
    }

    /// Whether the same call may succeed if it is repeated unchanged.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Session(error) => error.is_retryable(),
            Self::Transport(error) => !matches!(error, TransportError::Refused { .. }),
            Self::Request(_) | Self::SessionChanged | Self::Cancelled => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_whether_a_sign_in_or_a_repetition_helps() {
        for (error, sign_in, retry) in [
            (CallError::Session(AuthError::SignInRequired), true, false),
            (CallError::Session(AuthError::OtherTabSilent), false, true),
            (CallError::SessionChanged, true, false),
            (CallError::Transport(TransportError::Offline), false, true),
            (CallError::Request(RequestError::Address), false, false),
            (CallError::Cancelled, false, false),
        ] {
            let found = (error.needs_sign_in(), error.is_retryable());
            assert_eq!(found, (sign_in, retry), "{error:?}");
        }
    }
}
