//! The port to what is kept: accounts, attempts to sign in, and sessions. `dynamo.rs` has the one in DynamoDB.

use std::fmt;
use std::future::Future;

use lambda_cloud::CloudError;

use crate::{credentials::AccountName, time::Timestamp};

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// What it is called.
    pub name: AccountName,
    /// What it is called in tokens: random, and the same for ever.
    pub subject: String,
    /// The password, hashed.
    pub password_hash: String,
    /// When it was registered.
    pub since: Timestamp,
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Account")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Attempts to sign in with one name since the last that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub count: u32,
    /// Until when no other may be made.
    pub rests_until: Timestamp,
    /// When all of them are forgotten.
    pub forgotten: Timestamp,
}

/// A session, which the authorizer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The digest of its token.
    pub digest: String,
    /// Whose it is.
    pub subject: String,
    /// What it opens, with spaces between.
    pub scope: String,
    /// When it began.
    pub since: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// Where all of that is kept.
pub trait Tables {
    /// The account of that name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn account(
        &self,
        name: &AccountName,
    ) -> impl Future<Output = Result<Option<Account>, CloudError>>;

    /// Keeps a new account. `false` when there is one of that name, which stays as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    fn create(&self, account: &Account) -> impl Future<Output = Result<bool, CloudError>>;

    /// The attempts that are counted under that digest.
    ///
    /// # Errors
    /// When they cannot be read.
    fn attempts(&self, digest: &str) -> impl Future<Output = Result<Option<Attempts>, CloudError>>;

    /// Counts one more than `before`. `false` when somebody else did so in between.
    ///
    /// # Errors
    /// When they cannot be written.
    fn count(
        &self,
        digest: &str,
        before: Option<Attempts>,
        after: Attempts,
    ) -> impl Future<Output = Result<bool, CloudError>>;

    /// Forgets the attempts under that digest.
    ///
    /// # Errors
    /// When they cannot be written.
    fn forget(&self, digest: &str) -> impl Future<Output = Result<(), CloudError>>;

    /// Keeps a new session.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin(&self, session: &Session) -> impl Future<Output = Result<(), CloudError>>;

    /// Ends the session under that digest, if there is one.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end(&self, digest: &str) -> impl Future<Output = Result<(), CloudError>>;
}
