//! Sessions of API-managed accounts. Their tokens are random, so `lambdas/accounts` stores a record under the digest of
//! the token. A port; `dynamo.rs` implements it with DynamoDB.

use lambda_cloud::CloudError;
use time::Timestamp;

use crate::{reason::Reason, token::Bearer};

/// The store of sessions.
pub trait Sessions {
    /// The session under that digest, whether or not it has expired.
    ///
    /// # Errors
    /// When the store does not answer, or the record is damaged.
    fn find(&self, digest: &str)
    -> impl Future<Output = Result<Option<SessionRecord>, CloudError>>;
}

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The `sub` of the user.
    pub subject: String,
    /// The granted scopes, separated by spaces.
    pub scope: String,
    /// When the session expires. `DynamoDB` may delete an expired record days later.
    pub expires: Timestamp,
}

/// No sessions: every token must be a signed one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSessions;

impl Sessions for NoSessions {
    async fn find(&self, _: &str) -> Result<Option<SessionRecord>, CloudError> {
        Ok(None)
    }
}

impl<S: Sessions> Sessions for Option<S> {
    async fn find(&self, digest: &str) -> Result<Option<SessionRecord>, CloudError> {
        match self {
            Some(sessions) => sessions.find(digest).await,
            None => Ok(None),
        }
    }
}

/// Whether a token cannot be a signed one, which has three parts separated by dots (RFC 7515 section 7.1).
pub(crate) fn is_opaque(token: &str) -> bool {
    !token.contains('.')
}

impl SessionRecord {
    /// The user of the session and what it grants, if it has not expired.
    pub(crate) fn check<'a>(
        &'a self,
        issuer: &'a str,
        now: Timestamp,
    ) -> Result<Bearer<'a>, Reason> {
        if self.expires <= now {
            return Err(Reason::Expired);
        }
        Ok(Bearer {
            subject: Some(self.subject.as_str())
                .filter(|subject| !subject.is_empty())
                .ok_or(Reason::Subject)?,
            scopes: self.scope.split_ascii_whitespace().collect(),
            email: None,
            issuer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_expires_in_the_second_that_it_names() {
        let at = |seconds| Timestamp::from_seconds(seconds).unwrap();
        let session = SessionRecord {
            subject: "user-1".to_owned(),
            scope: "openid profile".to_owned(),
            expires: at(1_000),
        };
        let bearer = session.check("https://issuer.example", at(999)).unwrap();
        assert_eq!(
            (bearer.subject, bearer.scopes),
            ("user-1", vec!["openid", "profile"])
        );
        let ended = session.check("https://issuer.example", at(1_000));
        assert_eq!(ended, Err(Reason::Expired));
    }
}
