//! The session: who is signed in, and with which tokens.
//!
//! [`Session`] has the tokens and stays inside the library and its watcher. [`AuthState`] is what an app shows.

use std::time::Duration;

use super::error::AuthError;
use crate::oauth::id_token::{Claims, IdTokenError, decode};
use crate::oauth::tokens::{AccessToken, Tokens};
use crate::time::Timestamp;

/// The session of a tab, with its tokens.
///
/// `session_store` is its only writer. Illegal combinations cannot be written: there are tokens exactly in the variants
/// that carry them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Not known yet: other tabs are asked for a session, or a stored one, given here, is being renewed.
    /// The first value on every page.
    Restoring(Option<Box<SignedIn>>),
    /// No user is signed in.
    SignedOut(SignedOutReason),
    /// A callback is being handled, or the browser is about to open the hosted UI.
    /// Set before the code is exchanged, so no view shows "signed out" in between.
    SigningIn,
    /// A user is signed in.
    SignedIn(Box<SignedIn>),
}

/// Why no user is signed in.
///
/// The app chooses its text by it. Only [`NotSignedIn`](Self::NotSignedIn) leads to an automatic sign-in
/// (`RequireAuth`): after the others the user decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedOutReason {
    /// No user has signed in yet.
    /// Neither storage nor another tab has a session; the provider may still have one.
    NotSignedIn,
    /// The user signed out.
    /// Here or in another tab.
    SignedOut,
    /// The session has expired: the provider does not renew it any more.
    /// The refresh token has expired or was revoked (`invalid_grant`), or there was none.
    Expired,
    /// The answer to a renewal was lost, and the refresh token may have been used.
    /// Setting `refresh_token_rotation` as in the app client makes it rare.
    RenewalLost,
    /// The user was inactive for as long as the configuration allows.
    /// The setting is `session.idle_minutes`.
    Idle,
    /// A sign-in or a renewal failed.
    /// While a user is signed in, a failed sign-in does not lead to it.
    Failed(AuthError),
}

/// The current auth state: [`Session`] without tokens. A renewal leaves it unchanged.
///
/// It starts as `Restoring`, unless storage has a session with valid tokens: then it starts as `SignedIn`. It changes
/// when a user signs in or out, in any tab, and when name or e-mail address change with a renewal.
///
/// # Examples
///
/// ```
/// use velvet_rope::{AuthState, SignedOutReason, User};
///
/// fn headline(state: &AuthState) -> String {
///     match state {
///         AuthState::Restoring | AuthState::SigningIn => "One moment…".to_owned(),
///         AuthState::SignedOut(SignedOutReason::Idle) => "You were signed out after a pause.".to_owned(),
///         AuthState::SignedOut(SignedOutReason::Failed(error)) if error.is_retryable() => "Try again.".to_owned(),
///         AuthState::SignedOut(_) => "Please sign in.".to_owned(),
///         AuthState::SignedIn(user) => format!("Hello, {}", user.name),
///     }
/// }
///
/// let user = User { sub: "7f3a".to_owned(), name: "Ada".to_owned(), email: None };
/// assert_eq!(headline(&AuthState::SignedIn(user)), "Hello, Ada");
/// assert_eq!(headline(&AuthState::SignedOut(SignedOutReason::NotSignedIn)), "Please sign in.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthState {
    /// Not known yet.
    /// Show neither "signed in" nor "signed out" yet. At most three seconds while other tabs are asked.
    Restoring,
    /// No user is signed in.
    SignedOut(SignedOutReason),
    /// A sign-in is in progress.
    /// Either the browser is leaving for the provider, or the code of a callback is being exchanged.
    SigningIn,
    /// A user is signed in.
    /// The tokens may have expired if the provider cannot be reached; calls then renew them or fail.
    SignedIn(User),
}

impl Session {
    /// The current auth state.
    /// A copy of its visible part.
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
    /// The tokens and what belongs to them, also while they are being restored.
    pub(super) fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) | Self::Restoring(Some(signed_in)) => Some(signed_in),
            Self::Restoring(None) | Self::SignedOut(_) | Self::SigningIn => None,
        }
    }

    /// The id of the session, also while it is being restored.
    pub(super) fn id(&self) -> Option<&str> {
        self.signed_in().map(|signed_in| signed_in.id.as_str())
    }

    /// What credentials are requested for: the session and the role.
    pub(super) fn subject(&self) -> Option<(&str, Option<&str>)> {
        let signed_in = self.signed_in()?;
        Some((&signed_in.id, signed_in.identity.role.value.as_deref()))
    }

    /// Whether the session has this access token. Two records with the same one are the same renewal.
    pub(super) fn has_token(&self, access_token: &AccessToken) -> bool {
        self.signed_in()
            .is_some_and(|signed_in| signed_in.tokens.access_token == *access_token)
    }
}

/// A session with tokens.
///
/// [`SignedIn::new`] creates it from the answer of the token endpoint; renewals and other tabs replace it by one with a
/// higher revision. All tabs of a site have the same one, apart from [`renewed_here`](Self::renewed_here).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Identifies this session among all of this browser; not a secret.
    /// The `state` of the sign-in that it began with.
    pub id: String,
    /// Counts the changes of the tokens; of two records of a session, the one with the higher revision is used.
    /// It begins with 1; a renewal raises it by 2: for the stored refresh token, and for the validated tokens.
    pub revision: u64,
    /// When the user signed in, by the provider's clock: of two sessions the later one is used, whatever happens to the
    /// clock of this device in between.
    pub since: Timestamp,
    /// The claims of the ID token.
    /// Of the last sign-in or renewal that brought an ID token.
    pub claims: Claims,
    /// The tokens.
    pub tokens: Tokens,
    /// When the tokens were issued, as far as it is known.
    /// By the provider's clock.
    pub issued: Timestamp,
    /// When the first of the tokens expires.
    /// The earlier of `exp` of the ID token and the lifetime of the access token.
    pub expires: Timestamp,
    /// When, by this device's clock, the refresh token was sent without an answer that could be read. The provider may
    /// have replaced it then.
    /// See `notes`.
    pub renewal_sent: Option<Timestamp>,
    /// Identifies that request.
    pub renewal_tag: u64,
    /// Whether renewals replace the refresh token, once that is known.
    /// A renewal shows it: with rotation its answer has a refresh token.
    pub rotates: Option<bool>,
    /// Role and identity, which change independently of the tokens.
    pub identity: Identity,
    /// Whether this tab fetched the tokens; the other tabs received them from it.
    pub renewed_here: bool,
}

/// Role and identity of a session. Each has a revision of its own, so that a tab with newer tokens does not undo a change
/// that it has missed, and a change of the one does not undo a change of the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The role that the user chose among `claims.roles`, as an ARN.
    /// Its value is `None` while the identity pool chooses.
    pub role: Versioned,
    /// The identity in the identity pool, once it is known.
    /// `<region>:<uuid>`.
    pub id: Versioned,
}

/// A text that tabs change independently of each other. Of two, the greater one is used; the order of the fields matters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Versioned {
    /// Counts the changes.
    pub revision: u64,
    /// The text.
    pub value: Option<String>,
}

impl Versioned {
    /// Changes the text and counts the change.
    pub(super) fn set(&mut self, value: Option<String>) {
        self.revision += 1;
        self.value = value;
    }
}

impl Identity {
    /// The newer role and the newer identity of both.
    pub(super) fn merged(&self, other: &Self) -> Self {
        Self {
            role: self.role.clone().max(other.role.clone()),
            id: self.id.clone().max(other.id.clone()),
        }
    }
}

impl SignedIn {
    /// A new session with these tokens. The claims are read and not validated. The access token expires `lifetime` after
    /// `now`.
    ///
    /// `id` must be unguessable and unique: the `state` of the sign-in is.
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
            issued: claims.iat,
            expires: first_expiry(&claims, lifetime, now),
            claims,
            tokens,
            renewal_sent: None,
            renewal_tag: 0,
            rotates: None,
            identity: Identity::default(),
            renewed_here: true,
        })
    }

    /// Whether the ID token was issued together with the access token. A renewal may bring the latter alone.
    pub(super) fn has_current_id_token(&self) -> bool {
        self.issued == self.claims.iat
    }

    /// The user, for display.
    /// Blank names are skipped.
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
    /// At least one second.
    #[must_use]
    pub fn renewal_margin(&self) -> Duration {
        let lifetime = self.expires.since(self.issued);
        Duration::from_secs((lifetime.as_secs() / 5).clamp(1, 300))
    }

    /// When the tokens are to be renewed, if they can be.
    /// `None` without a refresh token.
    #[must_use]
    pub fn renews_at(&self) -> Option<Timestamp> {
        let margin = i64::try_from(self.renewal_margin().as_secs()).unwrap_or_default();
        let refreshable = self.tokens.refresh_token.is_some();
        refreshable.then(|| self.expires.shifted(-margin))
    }
}

/// When the first of the tokens expires.
/// A lifetime that is unknown does not count: then the ID token decides.
#[must_use]
pub(super) fn first_expiry(
    claims: &Claims,
    lifetime: Option<Duration>,
    now: Timestamp,
) -> Timestamp {
    lifetime.map_or(claims.exp, |lifetime| claims.exp.min(now.plus(lifetime)))
}

/// A user, for display.
///
/// Made from the claims of the ID token. It is for display: an API must read the user from the token or the signature
/// of a request. The profile is as old as the last renewal.
///
/// # Examples
///
/// ```
/// use velvet_rope::User;
///
/// /// The name, and the address where it says more than the name.
/// fn label(user: &User) -> String {
///     match &user.email {
///         Some(email) if *email != user.name => format!("{} <{email}>", user.name),
///         _ => user.name.clone(),
///     }
/// }
///
/// let user = User {
///     sub: "7f3a".to_owned(),
///     name: "Ada".to_owned(),
///     email: Some("ada@example.com".to_owned()),
/// };
/// assert_eq!(label(&user), "Ada <ada@example.com>");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The immutable id.
    /// The claim `sub`. Use it as a key for data of the user; the other two can change.
    pub sub: String,
    /// The full name, else the user name, else the e-mail address, else the id.
    /// Never empty.
    pub name: String,
    /// The e-mail address, if known.
    /// Not necessarily verified.
    pub email: Option<String>,
}
