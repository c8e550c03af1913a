//! Temporary AWS credentials from an identity pool. They are held in memory only.
//!
//! `GetCredentialsForIdentity` issues them ([`identity_pool`](super::identity_pool)); they sign requests with Signature
//! Version 4. They are never stored and never sent to another tab: a new tab requests its own.

use std::time::Duration;

use crate::secret::secret;
use crate::time::Timestamp;

secret!(
    /// The key that signs.
    ///
    /// It signs and is never sent.
    SecretAccessKey
);
secret!(
    /// Goes along with each signed request and says which role was assumed.
    ///
    /// Sent as `X-Amz-Security-Token`.
    SessionToken
);

/// Credentials this near to their expiry are replaced before they are used: a request must still be
/// inside their lifetime when it arrives.
/// It also covers what remains of a wrong clock.
pub const RENEWAL_MARGIN: Duration = Duration::from_mins(2);

/// Credentials for one identity.
///
/// They are valid for an hour, for the role that the identity pool chose or that the user chose among the roles of the
/// ID token. [`Client::credentials`](crate::Client::credentials) returns them, for a request that the library does not
/// make itself. `Debug` does not print the two secrets.
///
/// # Examples
///
/// ```
/// use velvet_rope::Timestamp;
/// use velvet_rope::aws::credentials::{Credentials, SecretAccessKey, SessionToken};
///
/// let credentials = Credentials {
///     identity_id: "eu-west-1:00000000-1111-2222-3333-444444444444".to_owned(),
///     access_key_id: "ASIAEXAMPLE".to_owned(),
///     secret_access_key: SecretAccessKey::new("wJalrXUtnFEMI"),
///     session_token: Some(SessionToken::new("token")),
///     expiration: Timestamp(3_600),
/// };
/// assert!(credentials.are_fresh(Timestamp(0)));
/// // Two minutes before the expiry they are replaced.
/// assert!(!credentials.are_fresh(Timestamp(3_480)));
/// assert!(!format!("{credentials:?}").contains("wJalrXUtnFEMI"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The identity in the identity pool that they belong to.
    /// `<region>:<uuid>`. An IAM policy can refer to it as `${cognito-identity.amazonaws.com:sub}`.
    pub identity_id: String,
    /// Names the key; not a secret.
    /// It starts with `ASIA` for temporary credentials.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: SecretAccessKey,
    /// The session token; identity pools always send one, long-lived keys have none.
    pub session_token: Option<SessionToken>,
    /// When they expire.
    /// By the clock of AWS.
    pub expiration: Timestamp,
}

impl Credentials {
    /// Whether they may still be used at `now`, with [`RENEWAL_MARGIN`] to spare.
    ///
    /// `now` is the corrected time, not that of the device.
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
