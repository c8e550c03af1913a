//! The ID token: its claims and their checks (OpenID Connect Core, section 3.1.3.7; Amazon Cognito
//! Developer Guide, "Verifying JSON web tokens").
//!
//! Its signature is checked elsewhere: that takes the provider's keys and the browser's cryptography.
//!
//! The claims are used for display, for the choice of a role and for the times of renewal. They give no access to
//! anything: the identity pool and the API check tokens themselves.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::authorize::PendingSignIn;
use super::encoding::{base64url, from_base64url};
use super::options::Prompt;
use super::tokens::{AccessToken, IdToken};
use crate::config::{Provider, ProviderKind};
use crate::json;
use crate::time::Timestamp;

/// How far this device's clock and the issuer's may differ before a token counts as wrong.
/// The session first corrects the clock by the time of the provider; this is what remains.
pub const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);

/// The claims that the client uses.
///
/// [`decode`] reads them without checks; [`validate`] or [`validate_renewed`] checks them. Times are those of the
/// provider's clock. Empty texts count as missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The issuer.
    /// Compared character by character.
    pub iss: String,
    /// The clients that the token is for.
    /// A list of one if the token has a text.
    pub aud: Vec<String>,
    /// The user's immutable id.
    /// Unique within the issuer, and the only claim that identifies a user: names and e-mail addresses change and are
    /// reused.
    pub sub: String,
    /// When the token expires.
    pub exp: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// The nonce of the sign-in.
    pub nonce: Option<String>,
    /// `id` for an ID token.
    /// Written by user pools only; it distinguishes ID tokens from access tokens of the same pool.
    pub token_use: Option<String>,
    /// The user name in the pool.
    /// The claim `cognito:username`.
    pub username: Option<String>,
    /// The full name, if the pool has one.
    pub name: Option<String>,
    /// The e-mail address, if the scopes cover it.
    /// Whether the user has proven to own it is the claim `email_verified`, which is not read here.
    pub email: Option<String>,
    /// The client that asked, where there are several audiences.
    pub azp: Option<String>,
    /// When the user last authenticated.
    /// A step-up compares it with the start of the sign-in.
    pub auth_time: Option<Timestamp>,
    /// Ties the access token to this token.
    /// The left half of the SHA-256 of the access token, as base64url.
    pub at_hash: Option<String>,
    /// The groups of the user pool that the user is in.
    /// The claim `cognito:groups`.
    pub groups: Vec<String>,
    /// The roles that the user may choose from in an identity pool, as ARNs.
    /// The claim `cognito:roles`. Source: Amazon Cognito Developer Guide, "Using role-based access control".
    pub roles: Vec<String>,
    /// The role that an identity pool gives without a choice.
    /// The claim `cognito:preferred_role`.
    pub preferred_role: Option<String>,
}

impl Claims {
    /// From the issue of the token to its expiry.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.exp.since(self.iat)
    }
}

/// Why an ID token is not accepted.
///
/// At a sign-in it makes the sign-in fail; at a renewal it ends the session. The texts contain issuers, client ids and
/// times, and never the token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdTokenError {
    /// It is not a JSON Web Token with the claims that OpenID Connect demands.
    /// The text says which part.
    #[error("the ID token cannot be read: {0}")]
    Malformed(&'static str),
    /// Another issuer.
    #[error("the ID token was issued by {found}, expected {expected}")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The token's.
        found: String,
    },
    /// Another client.
    #[error("the ID token is for client {found}, expected {expected}")]
    Audience {
        /// The configured client id.
        expected: String,
        /// The token's, joined.
        found: String,
    },
    /// Another kind of token, such as an access token.
    #[error("the token says that it is for {found:?}, expected \"id\"")]
    TokenUse {
        /// What it says.
        found: Option<String>,
    },
    /// The nonce of another sign-in, or none.
    #[error("the ID token does not belong to this sign-in: its nonce differs")]
    Nonce,
    /// It has expired.
    #[error("the ID token expired at {exp}, and it is {now}")]
    Expired {
        /// When it expired.
        exp: Timestamp,
        /// The time on this device.
        now: Timestamp,
    },
    /// It comes from the future: this device's clock is behind.
    #[error("the ID token was issued at {iat}, and it is {now}")]
    IssuedInFuture {
        /// When it was issued.
        iat: Timestamp,
        /// The time on this device.
        now: Timestamp,
    },
    /// The token belongs to another user than the one who has to be signed in: at a renewal (OpenID Connect Core, section
    /// 12.2), or at a step-up.
    #[error("the ID token belongs to another user")]
    Subject,
    /// The user had to authenticate again, and did not.
    /// The claim `auth_time` is missing or older than the start of the sign-in.
    #[error("the person did not sign in again")]
    NotReauthenticated,
    /// Another algorithm than RS256, cut to 20 characters.
    #[error("the ID token is signed with {0}, expected RS256")]
    Algorithm(String),
    /// The provider publishes no key with that ID.
    #[error("the ID token is signed with a key that the provider does not publish")]
    UnknownKey,
    /// The header has no key ID, and the provider publishes several keys that fit (OpenID Connect Core, section 10.1).
    #[error("the ID token names no key, and the provider publishes several")]
    UnnamedKey,
    /// The signature is wrong.
    /// Checked with each key of that ID.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// The access token is not the one that came with the ID token (OpenID Connect Core, section 3.1.3.8).
    #[error("the access token does not belong to the ID token")]
    AccessTokenHash,
}

/// Reads the claims of an ID token without validating them.
///
/// # Errors
/// [`IdTokenError::Malformed`] when it is not a JSON Web Token or lacks a claim that it must have.
///
/// ```
/// use velvet_rope::oauth::id_token::{IdTokenError, decode};
/// use velvet_rope::oauth::IdToken;
///
/// // {"iss":"https://id.example.com","aud":"app","sub":"7","exp":1700003600,"iat":1700000000}
/// let payload = concat!(
///     "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIiwiYXVkIjoiYXBwIiwic3ViIjoiNyIs",
///     "ImV4cCI6MTcwMDAwMzYwMCwiaWF0IjoxNzAwMDAwMDAwfQ"
/// );
/// let claims = decode(&IdToken::new(format!("e30.{payload}.c2ln")))?;
/// assert_eq!(claims.sub, "7");
/// assert_eq!(claims.lifetime().as_secs(), 3_600);
/// # Ok::<(), IdTokenError>(())
/// ```
pub fn decode(id_token: &IdToken) -> Result<Claims, IdTokenError> {
    read_claims(&payload(id_token)?).ok_or(IdTokenError::Malformed(
        "its payload lacks iss, aud, sub, exp or iat",
    ))
}

/// Every claim with its value, in the order of the token, for display.
/// A text is returned without quotes, any other value as JSON. Empty if the token cannot be read.
#[must_use]
pub fn list_claims(id_token: &IdToken) -> Vec<(String, String)> {
    let payload = payload(id_token).unwrap_or_default();
    let claims = payload.as_object().into_iter().flatten();
    claims
        .map(|(name, value)| {
            let text = value.as_str().map(str::to_owned);
            (name.clone(), text.unwrap_or_else(|| json::write(value)))
        })
        .collect()
}

/// The second of the three parts (RFC 7519, section 7.2), decoded.
fn payload(id_token: &IdToken) -> Result<Value, IdTokenError> {
    let malformed = IdTokenError::Malformed;
    let parts: Vec<&str> = id_token.secret().split('.').collect();
    let [_, payload, _] = parts[..] else {
        return Err(malformed("it does not have three parts"));
    };
    let bytes = from_base64url(payload).ok_or(malformed("its payload is not base64url"))?;
    json::bytes(&bytes).ok_or(malformed("its payload is not JSON"))
}

/// `None` if a claim is missing that OpenID Connect Core, section 2, requires.
fn read_claims(payload: &Value) -> Option<Claims> {
    Some(Claims {
        iss: json::text(payload, "iss")?,
        aud: read_audience(payload.get("aud")?)?,
        sub: json::text(payload, "sub")?,
        exp: json::time(payload, "exp")?,
        iat: json::time(payload, "iat")?,
        nonce: json::text(payload, "nonce"),
        token_use: json::text(payload, "token_use"),
        username: json::text(payload, "cognito:username"),
        name: json::text(payload, "name"),
        email: json::text(payload, "email"),
        azp: json::text(payload, "azp"),
        auth_time: json::time(payload, "auth_time"),
        at_hash: json::text(payload, "at_hash"),
        groups: json::texts(payload, "cognito:groups"),
        roles: json::texts(payload, "cognito:roles"),
        preferred_role: json::text(payload, "cognito:preferred_role"),
    })
}

/// One client or a list of them (RFC 7519, section 4.1.3).
fn read_audience(aud: &Value) -> Option<Vec<String>> {
    match aud {
        Value::Array(clients) => clients
            .iter()
            .map(|client| client.as_str().map(str::to_owned))
            .collect(),
        client => client.as_str().map(|client| vec![client.to_owned()]),
    }
}

/// Checks the claims of a token that a sign-in brought. `now` is the time as far as it is known, `started` the
/// time of the same clock when the sign-in began.
///
/// The order is that of OpenID Connect Core, section 3.1.3.7: issuer, audience, kind of token, nonce, then subject and
/// `auth_time` of a step-up, then the times. The signature is checked before.
///
/// # Errors
/// The first check that fails.
pub fn validate(
    claims: &Claims,
    provider: &Provider,
    pending: &PendingSignIn,
    started: Timestamp,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    validate_source(claims, &pending.issuer, provider)?;
    if claims.nonce.as_ref() != Some(&pending.nonce) {
        return Err(IdTokenError::Nonce);
    }
    if pending
        .subject
        .as_ref()
        .is_some_and(|subject| *subject != claims.sub)
    {
        return Err(IdTokenError::Subject);
    }
    if pending.prompt == Some(Prompt::Login.as_str()) {
        let proven = claims.auth_time.ok_or(IdTokenError::NotReauthenticated)?;
        if proven.plus(CLOCK_TOLERANCE) < started {
            return Err(IdTokenError::NotReauthenticated);
        }
    }
    validate_times(claims, now)
}

/// Checks the claims of a token that a renewal brought: the same user as before, and the same nonce if it has
/// one; Cognito does not promise to repeat it (OpenID Connect Core, section 12.2).
///
/// The issuer is that of the previous token. `auth_time` is not compared: not every provider repeats it.
///
/// # Errors
/// The first check that fails.
pub fn validate_renewed(
    claims: &Claims,
    provider: &Provider,
    previous: &Claims,
    now: Timestamp,
) -> Result<(), IdTokenError> {
    validate_source(claims, &previous.iss, provider)?;
    if claims.sub != previous.sub {
        return Err(IdTokenError::Subject);
    }
    if claims.nonce.is_some() && previous.nonce.is_some() && claims.nonce != previous.nonce {
        return Err(IdTokenError::Nonce);
    }
    validate_times(claims, now)
}

/// Checks that an access token came together with an ID token, if the ID token has an `at_hash`: it is the left half
/// of the access token's SHA-256 (OpenID Connect Core, section 3.1.3.6).
///
/// # Errors
/// [`IdTokenError::AccessTokenHash`] when it did not.
pub fn validate_access_token(
    claims: &Claims,
    access_token: &AccessToken,
) -> Result<(), IdTokenError> {
    let digest = Sha256::digest(access_token.secret().as_bytes());
    let expected = base64url(&digest[..16]);
    match &claims.at_hash {
        Some(found) if *found != expected => Err(IdTokenError::AccessTokenHash),
        _ => Ok(()),
    }
}

/// Checks who issued the token, for whom, and as what. Only user pools say as what.
///
/// `azp` is required where the token has several audiences, and must then be this client.
///
/// # Errors
/// The first check that fails.
pub fn validate_source(
    claims: &Claims,
    issuer: &str,
    provider: &Provider,
) -> Result<(), IdTokenError> {
    if claims.iss != issuer {
        return Err(IdTokenError::Issuer {
            expected: issuer.to_owned(),
            found: claims.iss.clone(),
        });
    }
    let authorized = claims.azp.as_ref() == Some(&provider.client_id)
        || (claims.azp.is_none() && claims.aud.len() == 1);
    if !authorized || !claims.aud.contains(&provider.client_id) {
        let expected = provider.client_id.clone();
        return Err(IdTokenError::Audience {
            expected,
            found: claims.aud.join(", "),
        });
    }
    let is_user_pool = matches!(provider.kind, ProviderKind::Cognito { .. });
    if is_user_pool && claims.token_use.as_deref() != Some("id") {
        return Err(IdTokenError::TokenUse {
            found: claims.token_use.clone(),
        });
    }
    Ok(())
}

/// Both limits have the tolerance of [`CLOCK_TOLERANCE`].
fn validate_times(claims: &Claims, now: Timestamp) -> Result<(), IdTokenError> {
    if claims.exp.plus(CLOCK_TOLERANCE) <= now {
        return Err(IdTokenError::Expired {
            exp: claims.exp,
            now,
        });
    }
    if claims.iat > now.plus(CLOCK_TOLERANCE) {
        return Err(IdTokenError::IssuedInFuture {
            iat: claims.iat,
            now,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
