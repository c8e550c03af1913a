//! What the app knows about who is using it.

use super::error::AuthError;
use crate::oauth::id_token::{Claims, IdTokenError, decode};
use crate::oauth::tokens::Tokens;

/// Who is using the app. Exactly one of these holds at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Not known yet: a kept session is being renewed.
    Restoring,
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
    /// The session came to its end.
    Expired,
    /// A sign-in or a renewal failed.
    Failed(AuthError),
}

/// Who is using the app, as far as it may be shown: [`Session`] without tokens. A renewal leaves it unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
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
    pub fn who(&self) -> Who {
        match self {
            Self::Restoring => Who::Restoring,
            Self::SignedOut(reason) => Who::SignedOut(reason.clone()),
            Self::SigningIn => Who::SigningIn,
            Self::SignedIn(signed_in) => Who::SignedIn(signed_in.user()),
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// What the ID token says of the person.
    pub claims: Claims,
    /// The tokens.
    pub tokens: Tokens,
}

impl SignedIn {
    /// Somebody with these tokens. The claims are read, not judged.
    ///
    /// # Errors
    /// When the ID token cannot be read.
    pub fn new(tokens: Tokens) -> Result<Self, IdTokenError> {
        Ok(Self {
            claims: decode(&tokens.id_token)?,
            tokens,
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
