//! Sessions of accounts of one's own, told by a token that says nothing: `lambdas/accounts` keeps them under the
//! digest of their token. A port; `dynamo.rs` has the one in DynamoDB.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use lambda_cloud::CloudError;
use ring::digest::{SHA256, digest};

use crate::{reason::Reason, time::Timestamp, token::Bearer};

/// Where sessions are kept.
pub trait Sessions {
    /// The session under that digest, whether or not it has ended.
    ///
    /// # Errors
    /// When nothing can be told about it.
    fn find(&self, digest: &str) -> impl Future<Output = Result<Option<KeptSession>, CloudError>>;
}

/// A session, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSession {
    /// Whose it is.
    pub subject: String,
    /// What it opens, with spaces between.
    pub scope: String,
    /// When it ends. A table deletes what has expired when it comes to it, which may be days later.
    pub expires: Timestamp,
}

/// No sessions: every token must be a signed one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSessions;

impl Sessions for NoSessions {
    async fn find(&self, _: &str) -> Result<Option<KeptSession>, CloudError> {
        Ok(None)
    }
}

impl<S: Sessions> Sessions for Option<S> {
    async fn find(&self, digest: &str) -> Result<Option<KeptSession>, CloudError> {
        match self {
            Some(sessions) => sessions.find(digest).await,
            None => Ok(None),
        }
    }
}

/// Whether a token cannot be a signed one, whose three parts have dots between them (RFC 7515 section 7.1).
pub(crate) fn is_opaque(token: &str) -> bool {
    !token.contains('.')
}

/// What the session of `token` is kept under.
pub(crate) fn token_digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

impl KeptSession {
    /// Whose it is and what it opens, if it has not ended.
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
    fn the_digest_is_the_one_that_the_accounts_keep() {
        // printf vr_abc | openssl dgst -sha256 -binary | base64
        assert_eq!(
            token_digest("vr_abc"),
            "_5Jxnd7QmGrr98EAfMWVIK54F0TRmatJz-mVc1dl89I"
        );
    }

    #[test]
    fn a_session_ends_in_the_second_that_it_names() {
        let session = KeptSession {
            subject: "user-1".to_owned(),
            scope: "openid profile".to_owned(),
            expires: Timestamp(1_000),
        };
        let bearer = session
            .check("https://issuer.example", Timestamp(999))
            .unwrap();
        assert_eq!(
            (bearer.subject, bearer.scopes),
            ("user-1", vec!["openid", "profile"])
        );
        let ended = session.check("https://issuer.example", Timestamp(1_000));
        assert_eq!(ended, Err(Reason::Expired));
    }
}
