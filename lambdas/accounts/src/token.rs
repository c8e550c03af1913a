//! The token of a session: 256 random bits, of which only the digest is kept. Whoever reads the table cannot call
//! anything with what is there.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Tells what it is, to people and to whatever searches files for secrets. A signed token cannot begin so, because
/// it begins with the base64 of a brace.
const PREFIX: &str = "vr_";

/// A token, signed or not, as the person gets it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccessToken(pub(crate) String);

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessToken([redacted])")
    }
}

/// A new token out of 32 random bytes.
pub(crate) fn opaque(random: &[u8; 32]) -> AccessToken {
    AccessToken(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random)))
}

/// What a session is kept under. One pass is enough: there is nothing to guess in 256 random bits.
pub(crate) fn digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_bearer_token_that_looks_like_no_signed_one() {
        let token = opaque(&[0xff; 32]).0;
        assert_eq!(token.len(), 3 + 43);
        assert!(token.starts_with("vr_") && !token.contains('.'));
    }

    #[test]
    fn the_digest_is_the_one_that_the_authorizer_looks_for() {
        // printf vr_abc | openssl dgst -sha256 -binary | base64
        assert_eq!(digest("vr_abc"), DIGEST_OF_VR_ABC);
    }

    const DIGEST_OF_VR_ABC: &str = "_5Jxnd7QmGrr98EAfMWVIK54F0TRmatJz-mVc1dl89I";
}
