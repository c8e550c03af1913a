//! A port: accounts, wrong passwords and sessions. `dynamo.rs` implements it with DynamoDB.

use std::fmt;
use std::future::Future;

use lambda_cloud::CloudError;
use time::Timestamp;

use crate::credentials::AccountName;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The name that the user signs in with.
    pub name: AccountName,
    /// The `sub` in tokens: random, and never changed.
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

/// Attempts to sign in since the last successful one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// The number of attempts.
    pub count: u32,
    /// No other attempt is allowed before this time.
    pub locked_until: Timestamp,
    /// When the record expires.
    pub expires: Timestamp,
}

/// A session, which the authorizer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The digest of its token.
    pub digest: String,
    /// The `sub` of the user.
    pub subject: String,
    /// The granted scopes, separated by spaces.
    pub scope: String,
    /// When it began.
    pub since: Timestamp,
    /// When it expires.
    pub expires: Timestamp,
}

/// The store of all records.
pub trait Tables {
    /// The account of that name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn account(
        &self,
        name: &AccountName,
    ) -> impl Future<Output = Result<Option<Account>, CloudError>>;

    /// Stores a new account. `false` when there is one of that name, which stays unchanged.
    ///
    /// # Errors
    /// When it cannot be written.
    fn create_account(&self, account: &Account) -> impl Future<Output = Result<bool, CloudError>>;

    /// Stores `account` with its new password hash, if the stored hash is still `old_hash`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace_password_hash(
        &self,
        account: &Account,
        old_hash: &str,
    ) -> impl Future<Output = Result<(), CloudError>>;

    /// The parameters of all stored password hashes, in no particular order.
    ///
    /// # Errors
    /// When they cannot be read.
    fn hash_parameters(&self) -> impl Future<Output = Result<Vec<String>, CloudError>>;

    /// Stores the parameters of all stored password hashes.
    ///
    /// # Errors
    /// When they cannot be written.
    fn set_hash_parameters(
        &self,
        parameters: &[String],
    ) -> impl Future<Output = Result<(), CloudError>>;

    /// The attempts under that digest.
    ///
    /// # Errors
    /// When they cannot be read.
    fn attempts(&self, digest: &str) -> impl Future<Output = Result<Option<Attempts>, CloudError>>;

    /// Counts one more attempt than `before`. `false` when another request counted one in between.
    ///
    /// # Errors
    /// When it cannot be written.
    fn count_attempt(
        &self,
        digest: &str,
        before: Option<Attempts>,
        after: Attempts,
    ) -> impl Future<Output = Result<bool, CloudError>>;

    /// Stores `attempts` under that digest, in place of any earlier record.
    ///
    /// # Errors
    /// When they cannot be written.
    fn set_attempts(
        &self,
        digest: &str,
        attempts: Attempts,
    ) -> impl Future<Output = Result<(), CloudError>>;

    /// Deletes the attempts under that digest.
    ///
    /// # Errors
    /// When they cannot be deleted.
    fn delete_attempts(&self, digest: &str) -> impl Future<Output = Result<(), CloudError>>;

    /// Stores a new session.
    ///
    /// # Errors
    /// When it cannot be written.
    fn create_session(&self, session: &Session) -> impl Future<Output = Result<(), CloudError>>;

    /// Deletes the session under that digest, if there is one.
    ///
    /// # Errors
    /// When it cannot be deleted.
    fn delete_session(&self, digest: &str) -> impl Future<Output = Result<(), CloudError>>;
}
