//! Temporary AWS credentials from an identity pool. They are held in memory only.

use std::time::Duration;

use crate::secret::secret;
use crate::time::Timestamp;

secret!(
    /// The key that signs.
    SecretAccessKey
);
secret!(
    /// Goes along with each signed request and says which role was assumed.
    SessionToken
);

/// Credentials this near to their expiry are replaced before they are used: a request must still be
/// inside their lifetime when it arrives.
pub const RENEWAL_MARGIN: Duration = Duration::from_mins(2);

/// Credentials for one identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The identity in the identity pool that they belong to.
    pub identity_id: String,
    /// Names the key; not a secret.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: SecretAccessKey,
    /// The session token; identity pools always send one, long-lived keys have none.
    pub session_token: Option<SessionToken>,
    /// When they expire.
    pub expiration: Timestamp,
}

impl Credentials {
    /// Whether they may still be used at `now`, with [`RENEWAL_MARGIN`] to spare.
    #[must_use]
    pub fn are_fresh(&self, now: Timestamp) -> bool {
        now.plus(RENEWAL_MARGIN) < self.expiration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            identity_id: "eu-west-1:1".into(),
            access_key_id: "ASIA".into(),
            secret_access_key: SecretAccessKey::new("hidden"),
            session_token: Some(SessionToken::new("hidden too")),
            expiration: Timestamp(1_000),
        }
    }

    #[test]
    fn are_fresh_until_shortly_before_their_expiry() {
        assert!(credentials().are_fresh(Timestamp(879)));
        assert!(!credentials().are_fresh(Timestamp(880)));
        assert!(!credentials().are_fresh(Timestamp(5_000)));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", credentials()).contains("hidden"));
    }
}
