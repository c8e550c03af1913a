//! Proof Key for Code Exchange (RFC 7636), method S256 only: the other method hides nothing.
//!
//! The verifier proves that the code is exchanged by the browser that started the sign-in. A code that is stolen from
//! the address, a log or the history is worthless without it.

use sha2::{Digest, Sha256};

use super::encoding::base64url;
use crate::secret::secret;

secret!(
    /// The secret that proves to the token endpoint that the client which started the sign-in sends the code.
    CodeVerifier
);

impl CodeVerifier {
    /// A verifier of 43 characters from 32 random bytes (RFC 7636, section 4.1).
    ///
    /// Its characters are those of base64url, all of which the grammar of the RFC allows.
    #[must_use]
    pub fn from_entropy(bytes: [u8; 32]) -> Self {
        Self::new(base64url(&bytes))
    }

    /// `BASE64URL(SHA256(ASCII(code_verifier)))` (RFC 7636, section 4.2).
    ///
    /// The example is that of RFC 7636, appendix B:
    ///
    /// ```
    /// use velvet_rope::oauth::pkce::CodeVerifier;
    ///
    /// let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    /// assert_eq!(verifier.code_challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    /// ```
    #[must_use]
    pub fn code_challenge(&self) -> String {
        base64url(&Sha256::digest(self.secret().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_rfc_7636_appendix_b() {
        let bytes = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = CodeVerifier::from_entropy(bytes);
        assert_eq!(
            verifier.secret(),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert_eq!(
            verifier.code_challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
