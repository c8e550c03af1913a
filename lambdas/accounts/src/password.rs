//! Passwords as they are kept: argon2id (RFC 9106), in the form of the PHC string format.
//!
//! The parameters are part of each hash, so they can be raised without locking anybody out.

use argon2::{
    Algorithm, Argon2, Params, PasswordVerifier as _, Version,
    password_hash::{self, PasswordHasher as _},
};

use crate::credentials::Password;

/// RFC 9106 section 3.1 recommends 16 bytes.
pub(crate) const SALT_BYTES: usize = 16;

/// Hashes passwords and verifies them, always with the same effort.
#[derive(Debug, Clone)]
pub struct PasswordHashing {
    argon2: Argon2<'static>,
    /// What the password of an account that does not exist is compared with.
    nobodys: String,
}

/// Why there is no hash, or nothing to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("argon2: {0}")]
pub struct HashError(password_hash::Error);

impl PasswordHashing {
    /// Argon2id with so much memory (in KiB), so many passes and so many lanes.
    ///
    /// # Errors
    /// When argon2 cannot work with these.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, HashError> {
        let params = Params::new(memory_kib, passes, lanes, None)
            .map_err(|_| HashError(password_hash::Error::ParamsInvalid))?;
        // Salt and hash are those of nobody: a password that fits is not to be found.
        let nobodys = format!(
            "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}$bm9ib2R5cyBzYWx0IA$\
             AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
        );
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            nobodys,
        })
    }

    /// The hash of `password`, to be kept.
    ///
    /// # Errors
    /// When argon2 fails, such as for want of memory.
    pub fn hash(&self, password: &Password, salt: &[u8]) -> Result<String, HashError> {
        let hash = self
            .argon2
            .hash_password_with_salt(password.secret().as_bytes(), salt);
        hash.map(|hash| hash.to_string()).map_err(HashError)
    }

    /// Whether `password` is the one behind `hash`. Without a hash the effort is the same and the answer is no.
    ///
    /// # Errors
    /// When the hash cannot be read or argon2 fails.
    pub fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, HashError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobodys);
        match self
            .argon2
            .verify_password(password.secret().as_bytes(), hash)
        {
            Ok(()) => Ok(known),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(HashError(error)),
        }
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

    #[test]
    fn verifies_the_password_and_no_other() {
        let hash = hashing()
            .hash(&password("correct horse"), &[7; SALT_BYTES])
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert_eq!(
            hashing().verify(&password("correct horse"), Some(&hash)),
            Ok(true)
        );
        assert_eq!(
            hashing().verify(&password("correct horsf"), Some(&hash)),
            Ok(false)
        );
    }

    #[test]
    fn the_salt_makes_two_hashes_of_one_password() {
        let hash = |salt| {
            hashing()
                .hash(&password("correct horse"), &[salt; SALT_BYTES])
                .unwrap()
        };
        assert_ne!(hash(1), hash(2));
    }

    #[test]
    fn nobody_is_verified_with_the_effort_of_the_settings() {
        let hashing = hashing();
        assert_eq!(hashing.verify(&password("correct horse"), None), Ok(false));
        assert!(hashing.nobodys.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    }

    #[test]
    fn a_hash_of_other_parameters_is_still_verified() {
        let old = hashing()
            .hash(&password("correct horse"), &[7; SALT_BYTES])
            .unwrap();
        let raised = PasswordHashing::new(128, 2, 1).unwrap();
        assert_eq!(
            raised.verify(&password("correct horse"), Some(&old)),
            Ok(true)
        );
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        assert!(
            hashing()
                .verify(&password("correct horse"), Some("$2b$10$abc"))
                .is_err()
        );
    }

    #[test]
    fn argon2_refuses_parameters_that_are_none() {
        assert!(PasswordHashing::new(1, 1, 1).is_err());
        assert!(PasswordHashing::new(64, 0, 1).is_err());
    }
}
