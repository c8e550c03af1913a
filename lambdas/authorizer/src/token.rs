//! Signed tokens in compact form (RFC 7515 section 7.1) and their claims.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation, dangerous, decode, errors::ErrorKind};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use time::{SignedDuration, Timestamp};

use crate::{jwks::VerificationKey, reason::Reason, settings::Issuer};

/// How far the clock of an issuer may be ahead of this one. There is no tolerance for expired tokens.
const CLOCK_SKEW: SignedDuration = SignedDuration::seconds(60);

/// The accepted algorithms (RFC 7518 section 3.1). Algorithms with a shared secret are left out on purpose: a public
/// key must never be used as one.
const ALGORITHMS: [(&str, Algorithm); 2] =
    [("RS256", Algorithm::RS256), ("ES256", Algorithm::ES256)];

/// A token before its signature is checked. Only its issuer and key id may be used, to find the key.
pub(crate) struct UnverifiedToken<'a> {
    text: &'a str,
    algorithm: Algorithm,
    key_id: String,
    issuer: String,
}

/// Members that are not used. Without this, serde would also read a JSON array as the members in order.
type OtherMembers = serde::de::IgnoredAny;

/// The members of a header (RFC 7515 section 4.1) that are used here. `jsonwebtoken` reads the header as well, but
/// has one error for everything that it cannot read.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    alg: Value,
    #[serde(default)]
    kid: Value,
    #[serde(default)]
    typ: Value,
    /// Whether there is a `crit`, with any content.
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
    #[serde(flatten)]
    _others: OtherMembers,
}

/// The claims of a token whose signature is valid. A claim may have any type; a claim that is repeated makes the token
/// unreadable (RFC 7519 section 4).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Claims {
    iss: Value,
    sub: Value,
    aud: Value,
    exp: Value,
    nbf: Value,
    client_id: Value,
    token_use: Value,
    scope: Value,
    scp: Value,
    permissions: Value,
    email: Value,
    #[serde(flatten)]
    _others: OtherMembers,
}

/// The user of an accepted token, with what the token grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer<'a> {
    pub(crate) subject: &'a str,
    pub(crate) scopes: Vec<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) issuer: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Reads header and issuer of a token.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Reason> {
        let claims: Claims = dangerous::insecure_decode_claims(text).map_err(|_| Reason::Format)?;
        let mut parts = text.split('.');
        let header = parts.next().ok_or(Reason::Format)?;
        // Exactly two more: claims and signature.
        if parts.count() != 2 {
            return Err(Reason::Format);
        }
        let header = BASE64_URL_SAFE_NO_PAD.decode(header);
        let header: Header = serde_json::from_slice(&header.map_err(|_| Reason::Format)?)
            .map_err(|_| Reason::Format)?;
        if header.crit {
            return Err(Reason::Extension);
        }
        if !is_access_token_type(&header.typ) {
            return Err(Reason::Type);
        }
        let accepted = ALGORITHMS.iter().find(|(name, _)| header.alg == *name);
        let (_, algorithm) = accepted.ok_or(Reason::Algorithm)?;
        Ok(Self {
            text,
            algorithm: *algorithm,
            key_id: text_of(&header.kid).ok_or(Reason::NoKeyId)?.to_owned(),
            issuer: text_of(&claims.iss).ok_or(Reason::Issuer)?.to_owned(),
        })
    }

    /// The `iss` that the token claims.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The `kid` of the header.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the signature with `key`.
    pub(crate) fn verify(&self, key: &VerificationKey) -> Result<Box<Claims>, Reason> {
        if self.algorithm != key.algorithm {
            return Err(Reason::Algorithm);
        }
        let mut signature_only = Validation::new(key.algorithm);
        // The claims are checked by `Claims::check`: `jsonwebtoken` would read the system clock.
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        signature_only.required_spec_claims.clear();
        match decode(self.text, &key.key, &signature_only) {
            Ok(token) => Ok(Box::new(token.claims)),
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidSignature => Reason::Signature,
                ErrorKind::InvalidAlgorithm | ErrorKind::InvalidKeyFormat => Reason::Algorithm,
                _ => Reason::Format,
            }),
        }
    }
}

impl Claims {
    /// Checks that the token is an access token of `issuer`, for this API, and valid at `now`.
    pub(crate) fn check(&self, issuer: &Issuer, now: Timestamp) -> Result<Bearer<'_>, Reason> {
        if numeric_date(&self.exp).is_none_or(|expires| expires <= now) {
            return Err(Reason::Expired);
        }
        let is_early = |starts| starts > now.saturating_add(CLOCK_SKEW);
        if !self.nbf.is_null() && numeric_date(&self.nbf).is_none_or(is_early) {
            return Err(Reason::NotYetValid);
        }
        if !issuer.audiences.is_empty() && !self.is_for(&issuer.audiences) {
            return Err(Reason::Audience);
        }
        if !issuer.client_ids.is_empty()
            && !issuer.client_ids.iter().any(|id| self.client_id == **id)
        {
            return Err(Reason::Client);
        }
        // A claim of Cognito that says what the token is for. Other issuers do not have it.
        if !self.token_use.is_null() && self.token_use != "access" {
            return Err(Reason::TokenUse);
        }
        Ok(Bearer {
            subject: text_of(&self.sub)
                .filter(|subject| !subject.is_empty())
                .ok_or(Reason::Subject)?,
            scopes: self.scopes(),
            email: text_of(&self.email),
            issuer: text_of(&self.iss).ok_or(Reason::Issuer)?,
        })
    }

    /// The granted scopes: those of `scope` (RFC 9068 section 2.2.3), or of `scp` where `scope` names none (Okta and
    /// Entra ID), and the `permissions` of a role (Auth0).
    fn scopes(&self) -> Vec<&str> {
        let mut scopes = names(&self.scope);
        if scopes.is_empty() {
            scopes = names(&self.scp);
        }
        for permission in names(&self.permissions) {
            if !scopes.contains(&permission) {
                scopes.push(permission);
            }
        }
        scopes
    }

    /// Whether `aud`, a text or a list (RFC 7519 section 4.1.3), contains one of `audiences`.
    fn is_for(&self, audiences: &[String]) -> bool {
        let is_listed = |value: &Value| audiences.iter().any(|audience| value == audience.as_str());
        match &self.aud {
            Value::Array(values) => values.iter().any(is_listed),
            value => is_listed(value),
        }
    }
}

fn is_present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    OtherMembers::deserialize(deserializer).map(|_| true)
}

fn text_of(value: &Value) -> Option<&str> {
    value.as_str()
}

/// Whether `typ` is that of an access token: `at+jwt` (RFC 9068 section 2.1), `JWT`, or missing. Other types, such as
/// `logout+jwt`, are tokens for another purpose (RFC 8725 section 3.11).
fn is_access_token_type(typ: &Value) -> bool {
    let Value::String(typ) = typ else {
        return typ.is_null();
    };
    let typ = typ.to_ascii_lowercase();
    // RFC 7515 section 4.1.9: the prefix may be left out.
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    ["jwt", "at+jwt"].contains(&typ)
}

/// Names as one text with spaces, or as a list.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => text.split_ascii_whitespace().collect(),
        Value::Array(values) => {
            let texts = values.iter().filter_map(Value::as_str);
            texts.flat_map(str::split_ascii_whitespace).collect()
        }
        _ => Vec::new(),
    }
}

/// Reads a `NumericDate` (RFC 7519 section 2), which may have a fraction.
fn numeric_date(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_i64().or_else(|| {
        let seconds = SignedDuration::checked_seconds_f64(value.as_f64()?)?;
        Some(seconds.whole_seconds())
    })?;
    Timestamp::from_seconds(seconds).ok()
}

#[cfg(test)]
mod tests;
