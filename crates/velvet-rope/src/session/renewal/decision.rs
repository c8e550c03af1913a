//! What a renewal does next, and what the answer of the token endpoint means for it. Pure.
//!
//! The same function decides before the first request, after each wait and for each tab, so its rules are tested as a
//! table of situations.

use std::time::Duration;

use crate::config::Rotation;
use crate::http::{HttpResponse, TransportError};
use crate::oauth::tokens::{
    RefreshToken, RenewalResponse, TokenError, TokenErrorCode, parse_renewal_response,
};
use crate::session::error::AuthError;
use crate::session::error::Step;
use crate::session::state::SignedIn;
use crate::session::state::SignedOutReason;
use crate::session::tabs::PATIENCE;
use crate::time::Timestamp;

/// How long another tab may take to report that it did not use the refresh token. It releases the lock before all
/// others have received that.
const NOTE_PATIENCE: Duration = Duration::from_secs(1);

/// What the decision depends on. The renewal lock is held, so no other tab changes the tokens.
pub(super) struct Situation<'a> {
    /// The session whose tokens are to be renewed, as the caller saw it.
    pub(super) seen: &'a SignedIn,
    /// The session of this tab now.
    pub(super) current: Option<&'a SignedIn>,
    /// The highest revision of `seen` that a tab claims to have.
    pub(super) claimed: u64,
    /// Whether the other tabs have been asked for the session.
    pub(super) asked: bool,
    /// How long this renewal has waited for a revision.
    pub(super) waited: Duration,
    /// How long it has waited for the withdrawal of a note.
    pub(super) waited_for_note: Duration,
    /// Whether a newer release of the site has the session `seen` too.
    pub(super) shared_with_newer_release: bool,
    /// What is known of refresh-token rotation.
    pub(super) rotation: Rotation,
    /// The time on this device.
    pub(super) device: Timestamp,
    /// The time, as far as it is known.
    pub(super) now: Timestamp,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// There are newer tokens already, or another session.
    Done(Box<SignedIn>),
    /// Ask the other tabs for the session.
    Ask,
    /// Wait until another tab has sent this revision.
    WaitForRevision(u64),
    /// Wait until the tab that noted that it sent the refresh token withdraws the note.
    WaitForNote,
    /// Send the refresh token.
    Send(Box<SignedIn>, RefreshToken),
    /// There will be no new tokens.
    GiveUp(GiveUp),
}

/// Why there are no new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GiveUp {
    /// No user is signed in any more.
    SignedOut,
    /// Another tab has newer tokens and does not send them.
    OtherTabSilent,
    /// A newer release of the site renews this session, and writes records that this release does not understand.
    NewerRelease,
    /// There is no refresh token.
    NoRefreshToken {
        /// Whether the tokens in use have expired.
        expired: bool,
    },
    /// The refresh token was sent before and may have been used.
    MaybeUsed {
        /// Whether the tokens in use have expired.
        expired: bool,
    },
}

impl GiveUp {
    /// The error for the caller.
    pub(super) fn error(self) -> AuthError {
        match self {
            Self::SignedOut => AuthError::SignInRequired,
            Self::OtherTabSilent => AuthError::OtherTabSilent,
            Self::NewerRelease => AuthError::NewerRelease,
            Self::MaybeUsed { expired: false } => AuthError::RenewalUncertain,
            Self::NoRefreshToken { .. } | Self::MaybeUsed { expired: true } => {
                AuthError::SessionExpired
            }
        }
    }

    /// Why the session ends, if it does: its tokens have expired and cannot be renewed.
    pub(super) fn ends(self) -> Option<SignedOutReason> {
        match self {
            Self::NoRefreshToken { expired: true } => Some(SignedOutReason::Expired),
            Self::MaybeUsed { expired: true } => Some(SignedOutReason::RenewalLost),
            Self::SignedOut
            | Self::OtherTabSilent
            | Self::NewerRelease
            | Self::NoRefreshToken { expired: false }
            | Self::MaybeUsed { expired: false } => None,
        }
    }
}

/// Decides what to do next.
///
/// In this order: is there still a session; does a newer release renew it; has another tab newer tokens; was the
/// refresh token sent; are there newer tokens by now; is there a refresh token.
pub(super) fn decide(situation: &Situation<'_>) -> Decision {
    let Situation { seen, claimed, .. } = *situation;
    let Some(current) = situation.current else {
        return Decision::GiveUp(GiveUp::SignedOut);
    };
    if current.id == seen.id && situation.shared_with_newer_release {
        return Decision::GiveUp(GiveUp::NewerRelease);
    }
    if current.id == seen.id && current.revision < claimed {
        return if situation.waited >= PATIENCE {
            Decision::GiveUp(GiveUp::OtherTabSilent)
        } else if situation.asked {
            Decision::WaitForRevision(claimed)
        } else {
            Decision::Ask
        };
    }
    let may_send = may_send(current, situation.rotation, situation.device);
    if !may_send && situation.waited_for_note < NOTE_PATIENCE {
        return Decision::WaitForNote;
    }
    // A new refresh token whose tokens could not be validated is a higher revision, and no renewal.
    if current.id != seen.id || current.tokens.access_token != seen.tokens.access_token {
        return Decision::Done(Box::new(current.clone()));
    }
    let expired = situation.now >= current.expires;
    match &current.tokens.refresh_token {
        None => Decision::GiveUp(GiveUp::NoRefreshToken { expired }),
        Some(_) if !may_send => Decision::GiveUp(GiveUp::MaybeUsed { expired }),
        Some(token) => Decision::Send(Box::new(current.clone()), token.clone()),
    }
}

/// Whether the refresh token may be sent: never twice, unless the provider allows it.
pub(super) fn may_send(signed_in: &SignedIn, rotation: Rotation, device: Timestamp) -> bool {
    let Some(sent) = signed_in.renewal_sent else {
        return true;
    };
    match rotation {
        Rotation::Off => true,
        Rotation::On { grace } => device >= sent && device < sent.plus(grace),
        Rotation::Unknown => signed_in.rotates == Some(false),
    }
}

/// What became of a refresh token that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// There are new tokens; they are not validated yet.
    Tokens(RenewalResponse),
    /// The request failed, and it is certain that the refresh token was not used.
    NotUsed(AuthError),
    /// The request failed, and the refresh token may have been used.
    MaybeUsed(AuthError),
    /// The provider has ended the session.
    Ended,
}

/// Reads the answer of the token endpoint. A refresh token was certainly not used if the request did not leave, or if
/// the endpoint refused it.
pub(super) fn read_answer(sent: &Result<HttpResponse, TransportError>) -> Answer {
    let response = match sent {
        Ok(response) => response,
        Err(source) => {
            let error = AuthError::Transport {
                during: Step::TokenEndpoint,
                source: source.clone(),
            };
            return match source {
                TransportError::Offline | TransportError::Refused { .. } => Answer::NotUsed(error),
                TransportError::Unreachable { .. } | TransportError::TimedOut { .. } => {
                    Answer::MaybeUsed(error)
                }
            };
        }
    };
    match parse_renewal_response(response) {
        Ok(tokens) => Answer::Tokens(tokens),
        Err(TokenError::Refused {
            error: TokenErrorCode::InvalidGrant,
            ..
        }) => Answer::Ended,
        Err(
            error @ (TokenError::Refused { .. } | TokenError::Unexpected { status: 429 | 503 }),
        ) => Answer::NotUsed(error.into()),
        Err(
            error @ (TokenError::Unexpected { .. }
            | TokenError::NoIdToken
            | TokenError::TokenType(_)),
        ) => Answer::MaybeUsed(error.into()),
    }
}

#[cfg(test)]
mod tests;
