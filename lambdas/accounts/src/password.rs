//! Password hashes: argon2id (RFC 9106) as PHC strings.
//!
//! Each hash contains its parameters, so accounts with older parameters can still sign in. The next sign-in replaces their
//! hash.

use argon2::{
    Algorithm, Argon2, Params, PasswordVerifier as _, Version,
    password_hash::{self, PasswordHasher as _},
};

use crate::credentials::Password;

/// RFC 9106 section 3.1 recommends 16 bytes.
pub(crate) const SALT_BYTES: usize = 16;

/// Salt and output of a hash that no password is known for.
const UNKNOWN: &str = "bm9ib2R5cyBzYWx0IA$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Hashes and verifies passwords.
#[derive(Debug, Clone)]
pub struct PasswordHashing {
    argon2: Argon2<'static>,
    parameters: String,
}

/// The result of comparing a password with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Another password.
    Different,
    /// The password, with the current parameters and in the current form.
    Equal,
    /// The password, but the hash should be replaced: it was made with other parameters, or of another Unicode form.
    EqualButOutdated,
}

/// Why a hash could not be made or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("argon2: {0}")]
pub struct HashError(password_hash::Error);

impl PasswordHashing {
    /// Argon2id with this memory (in KiB), this many passes and lanes.
    ///
    /// # Errors
    /// When argon2 does not support these parameters.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, HashError> {
        let params = Params::new(memory_kib, passes, lanes, None)
            .map_err(|_| HashError(password_hash::Error::ParamsInvalid))?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            parameters: format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}"),
        })
    }

    /// The beginning of every hash that is made with these parameters.
    #[must_use]
    pub fn parameters(&self) -> &str {
        &self.parameters
    }

    /// The hash of `password`.
    ///
    /// # Errors
    /// When argon2 fails, for example because there is not enough memory.
    pub fn hash(&self, password: &Password, salt: &[u8]) -> Result<String, HashError> {
        let hash = self
            .argon2
            .hash_password_with_salt(password.normalized().as_bytes(), salt);
        hash.map(|hash| hash.to_string()).map_err(HashError)
    }

    /// Compares `password` with `hash`.
    ///
    /// # Errors
    /// When the hash cannot be read or argon2 fails.
    pub fn compare(&self, password: &Password, hash: &str) -> Result<Comparison, HashError> {
        for form in password.forms() {
            match self.argon2.verify_password(form.as_bytes(), hash) {
                Ok(()) => {
                    let is_current = form == password.normalized()
                        && hash
                            .strip_prefix(self.parameters())
                            .is_some_and(|rest| rest.starts_with('$'));
                    return Ok(if is_current {
                        Comparison::Equal
                    } else {
                        Comparison::EqualButOutdated
                    });
                }
                Err(password_hash::Error::PasswordInvalid) => {}
                Err(error) => return Err(HashError(error)),
            }
        }
        Ok(Comparison::Different)
    }

    /// Takes as long as comparing `password` with a hash made with `parameters`, for a name without an account.
    ///
    /// # Errors
    /// When the parameters cannot be read or argon2 fails.
    pub fn compare_with_unknown(
        &self,
        password: &Password,
        parameters: &str,
    ) -> Result<(), HashError> {
        self.compare(password, &format!("{parameters}${UNKNOWN}"))
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashing() -> PasswordHashing {
        PasswordHashing::new(64, 1, 1).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::read(text).unwrap()
    }

    fn hash_of(text: &str) -> String {
        hashing().hash(&password(text), &[7; SALT_BYTES]).unwrap()
    }

    /// A hash as it was made before passwords were normalized.
    fn hash_as_typed(text: &str) -> String {
        let hash = hashing()
            .argon2
            .hash_password_with_salt(text.as_bytes(), &[7; SALT_BYTES]);
        hash.unwrap().to_string()
    }

    #[test]
    fn verifies_the_password_and_no_other() {
        let hash = hash_of("correct horse");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        for (text, expected) in [
            ("correct horse", Comparison::Equal),
            ("correct horsf", Comparison::Different),
            ("Correct horse", Comparison::Different),
        ] {
            assert_eq!(hashing().compare(&password(text), &hash), Ok(expected));
        }
    }

    #[test]
    fn the_salt_makes_two_hashes_of_one_password() {
        let other = hashing().hash(&password("correct horse"), &[1; SALT_BYTES]);
        assert_ne!(hash_of("correct horse"), other.unwrap());
    }

    #[test]
    fn all_unicode_forms_of_a_password_have_the_same_hash() {
        let composed = "\u{c4}pfel-und-N\u{fc}sse";
        for text in [
            "A\u{308}pfel-und-Nu\u{308}sse",
            // Full-width letters, a ligature, and a no-break space, which are other forms in NFKC alone.
            "\u{c4}\u{ff50}fel-und-N\u{fc}sse",
        ] {
            assert_eq!(
                hashing().compare(&password(text), &hash_of(composed)),
                Ok(Comparison::Equal),
                "{text}"
            );
            assert_eq!(
                hashing().compare(&password(composed), &hash_of(text)),
                Ok(Comparison::Equal),
                "{text}"
            );
        }
    }

    #[test]
    fn hashes_from_before_normalization_are_verified_and_outdated() {
        let (composed, decomposed) = ("\u{c4}pfel\u{fb01}-und", "A\u{308}pfel\u{fb01}-und");
        for old in [composed, decomposed] {
            for typed in [composed, decomposed] {
                assert_eq!(
                    hashing().compare(&password(typed), &hash_as_typed(old)),
                    Ok(Comparison::EqualButOutdated),
                    "{typed} {old}"
                );
            }
        }
        let ascii = hash_as_typed("correct horse");
        assert_eq!(
            hashing().compare(&password("correct horse"), &ascii),
            Ok(Comparison::Equal)
        );
    }

    #[test]
    fn a_hash_with_other_parameters_is_verified_and_outdated() {
        for (memory, passes) in [(128, 1), (64, 2), (640, 1)] {
            let changed = PasswordHashing::new(memory, passes, 1).unwrap();
            assert_eq!(
                changed.compare(&password("correct horse"), &hash_of("correct horse")),
                Ok(Comparison::EqualButOutdated)
            );
        }
    }

    #[test]
    fn a_name_without_an_account_is_compared_with_the_given_parameters() {
        let password = password("correct horse");
        let current = hashing();
        assert_eq!(
            current.compare_with_unknown(&password, current.parameters()),
            Ok(())
        );
        assert!(
            current
                .compare_with_unknown(&password, "$argon2id$v=19$m=1,t=1,p=1")
                .is_err()
        );
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        let compared = hashing().compare(&password("correct horse"), "$2b$10$abc");
        assert!(compared.is_err());
    }

    #[test]
    fn unsupported_parameters_are_refused() {
        assert!(PasswordHashing::new(1, 1, 1).is_err());
        assert!(PasswordHashing::new(64, 0, 1).is_err());
    }
}
