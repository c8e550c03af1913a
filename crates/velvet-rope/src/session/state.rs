//! What the app knows about who is using it.

use std::time::Duration;

use super::error::AuthError;
use crate::oauth::id_token::{Claims, IdTokenError, decode};
use crate::oauth::tokens::{AccessToken, Tokens};
use crate::time::Timestamp;

/// Who is using the app. Exactly one of these holds at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Not known yet: other tabs are asked for a session, or a kept one, given here, is being renewed.
    Restoring(Option<Box<SignedIn>>),
    /// Nobody is signed in.
    SignedOut(SignedOutReason),
    /// A callback is being answered, or the browser is about to leave for the hosted UI.
    SigningIn,
    /// Somebody is.
    SignedIn(Box<SignedIn>),
}

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedOutReason {
    /// Nobody has signed in yet.
    NotSignedIn,
    /// The person signed out.
    SignedOut,
    /// The session came to its end: the provider renews it no more.
    Expired,
    /// The answer to a renewal got lost, and the refresh token may be spent with it.
    RenewalLost,
    /// Nobody touched the page for as long as the configuration allows.
    Idle,
    /// A sign-in or a renewal failed.
    Failed(AuthError),
}

/// Who is using the app, as far as it may be shown: [`Session`] without tokens. A renewal leaves it unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthState {
    /// Not known yet.
    Restoring,
    /// Nobody.
    SignedOut(SignedOutReason),
    /// Somebody is about to be.
    SigningIn,
    /// A person.
    SignedIn(User),
}

impl Session {
    /// Who is using the app.
    #[must_use]
    pub fn state(&self) -> AuthState {
        match self {
            Self::Restoring(_) => AuthState::Restoring,
            Self::SignedOut(reason) => AuthState::SignedOut(reason.clone()),
            Self::SigningIn => AuthState::SigningIn,
            Self::SignedIn(signed_in) => AuthState::SignedIn(signed_in.user()),
        }
    }
}

impl Session {
    pub(super) fn has_token(&self, access_token: &AccessToken) -> bool {
        match self {
            Self::SignedIn(signed_in) | Self::Restoring(Some(signed_in)) => {
                signed_in.tokens.access_token == *access_token
            }
            _ => false,
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Names this session among all that this browser has had; not a secret.
    pub id: String,
    /// Counts the changes of the tokens; of two records of a session, the higher one holds.
    pub revision: u64,
    /// When the person signed in, by the provider's clock: of two sessions the later one holds, whatever happens to
    /// the clock of this device in between.
    pub since: Timestamp,
    /// What the ID token says of the person.
    pub claims: Claims,
    /// The tokens.
    pub tokens: Tokens,
    /// When the first of the tokens stops to be valid.
    pub expires: Timestamp,
    /// When, by this device's clock, the refresh token was last sent without an answer that could be read. The
    /// provider may have replaced it then.
    pub renewal_sent: Option<Timestamp>,
    /// Which sending that was; it can be taken back.
    pub renewal_tag: u64,
    /// Whether renewals replace the refresh token, once one has shown it.
    pub rotates: Option<bool>,
    /// The role chosen among `claims.roles`, as an ARN.
    pub role: Option<String>,
    /// The identity in the identity pool, once it is known.
    pub identity_id: Option<String>,
    /// Whether the tokens came to this tab first; the other tabs got them from it.
    pub renewed_here: bool,
}

impl SignedIn {
    /// Somebody who signs in with these tokens. The claims are read, not judged. The access token holds for
    /// `lifetime` from `now` on.
    ///
    /// # Errors
    /// When the ID token cannot be read.
    pub fn new(
        id: String,
        tokens: Tokens,
        lifetime: Option<Duration>,
        now: Timestamp,
    ) -> Result<Self, IdTokenError> {
        let claims = decode(&tokens.id_token)?;
        Ok(Self {
            id,
            revision: 1,
            since: claims.iat,
            expires: first_expiry(&claims, lifetime, now),
            claims,
            tokens,
            renewal_sent: None,
            renewal_tag: 0,
            rotates: None,
            role: None,
            identity_id: None,
            renewed_here: true,
        })
    }

    /// The person, as shown to people.
    #[must_use]
    pub fn user(&self) -> User {
        let Claims {
            sub,
            username,
            name,
            email,
            ..
        } = &self.claims;
        let display_name = [name, username, email]
            .into_iter()
            .flatten()
            .find(|text| !text.trim().is_empty());
        User {
            sub: sub.clone(),
            name: display_name.unwrap_or(sub).clone(),
            email: email.clone(),
        }
    }

    /// How long before their expiry the tokens are renewed: a fifth of their lifetime, at most five minutes.
    #[must_use]
    pub fn renewal_margin(&self) -> Duration {
        let lifetime = self.expires.since(self.claims.iat);
        Duration::from_secs((lifetime.as_secs() / 5).clamp(1, 300))
    }

    /// When the tokens are to be renewed, if they can be.
    #[must_use]
    pub fn renews_at(&self) -> Option<Timestamp> {
        let margin = i64::try_from(self.renewal_margin().as_secs()).unwrap_or_default();
        let refreshable = self.tokens.refresh_token.is_some();
        refreshable.then(|| self.expires.shifted(-margin))
    }
}

/// When the first of the tokens stops to be valid.
#[must_use]
pub(super) fn first_expiry(
    claims: &Claims,
    lifetime: Option<Duration>,
    now: Timestamp,
) -> Timestamp {
    lifetime.map_or(claims.exp, |lifetime| claims.exp.min(now.plus(lifetime)))
}

/// A person, as shown to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The immutable id.
    pub sub: String,
    /// The full name, else the user name, else the e-mail address, else the id.
    pub name: String,
    /// The e-mail address, if known.
    pub email: Option<String>,
}
