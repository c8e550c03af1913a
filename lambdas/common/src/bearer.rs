//! The token of a request: reading it from the header, and the key under which a session is stored.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Why a request has no bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// There is no `Authorization` header, or it is empty.
    #[error("there is no Authorization header")]
    Missing,
    /// The header is not `Bearer` and one token.
    #[error("the Authorization header is not Bearer and a token")]
    Malformed,
}

/// The token in `Bearer TOKEN` (RFC 6750 section 2.1; the scheme in any case, RFC 9110 section 11.1).
///
/// # Errors
///
/// When there is no header, or it is not `Bearer` and one token.
pub fn bearer_token(header: Option<&str>) -> Result<&str, BearerError> {
    let header = header.map(str::trim).filter(|header| !header.is_empty());
    let (scheme, token) = header
        .ok_or(BearerError::Missing)?
        .split_once(' ')
        .ok_or(BearerError::Malformed)?;
    let token = token.trim_start_matches(' ');
    let is_token = !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if scheme.eq_ignore_ascii_case("bearer") && is_token {
        Ok(token)
    } else {
        Err(BearerError::Malformed)
    }
}

/// The key under which the session of an opaque token is stored: its SHA-256 in base64url. One round is enough, because
/// the token has 256 random bits.
#[must_use]
pub fn token_digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_scheme_in_any_case() {
        for header in [
            "Bearer a.b-c_d",
            "bearer a.b-c_d",
            "BEARER  a.b-c_d",
            " Bearer a.b-c_d ",
        ] {
            assert_eq!(bearer_token(Some(header)), Ok("a.b-c_d"), "{header}");
        }
    }

    #[test]
    fn a_missing_header_and_a_malformed_one_are_different_errors() {
        for header in [None, Some(""), Some("  ")] {
            assert_eq!(bearer_token(header), Err(BearerError::Missing));
        }
        for header in [
            "Bearer",
            "t",
            "Basic dTpw",
            "Bearer a b",
            "Bearer a,b",
            "Bearer é",
            "Bearer\tt",
        ] {
            assert_eq!(
                bearer_token(Some(header)),
                Err(BearerError::Malformed),
                "{header}"
            );
        }
    }

    #[test]
    fn a_session_is_stored_under_the_digest_of_its_token() {
        // printf vr_abc | openssl dgst -sha256 -binary | base64
        assert_eq!(
            token_digest("vr_abc"),
            "_5Jxnd7QmGrr98EAfMWVIK54F0TRmatJz-mVc1dl89I"
        );
    }
}
