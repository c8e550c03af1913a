//! The tables in DynamoDB: accounts, attempts, and sessions if there are any.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    operation::put_item::{PutItemError, builders::PutItemFluentBuilder},
};
use lambda_cloud::{
    CloudError, cloud_error,
    record::{DYNAMODB, Record, number, read_number, read_seconds, read_text, seconds, text},
};

use crate::{
    credentials::AccountName,
    tables::{Account, Attempts, Session, Tables},
};

/// The attribute by which DynamoDB deletes what has expired.
const EXPIRES: &str = "expires";

/// The record in the table of accounts that lists the parameters of all password hashes. No account can have this name.
const HASH_PARAMETERS: &str = "#hash_parameters";

/// Three tables of DynamoDB: accounts by `name`, attempts by `name_digest`, sessions by `token_digest`.
#[derive(Debug, Clone)]
pub struct DynamoTables {
    client: Client,
    accounts: String,
    attempts: String,
    /// Empty with signed tokens.
    sessions: String,
}

impl DynamoTables {
    /// The tables of those names.
    #[must_use]
    pub fn new(config: &SdkConfig, accounts: &str, attempts: &str, sessions: &str) -> Self {
        Self {
            client: Client::new(config),
            accounts: accounts.to_owned(),
            attempts: attempts.to_owned(),
            sessions: sessions.to_owned(),
        }
    }

    async fn read(
        &self,
        table: &str,
        key: &str,
        value: &str,
    ) -> Result<Option<Record>, CloudError> {
        let found = self
            .client
            .get_item()
            .table_name(table)
            .key(key, text(value))
            // A user signs in right after registering, and every attempt counts at once.
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| cloud_error(DYNAMODB, &error))?;
        Ok(found.item)
    }

    async fn delete(&self, table: &str, key: &str, value: &str) -> Result<(), CloudError> {
        self.client
            .delete_item()
            .table_name(table)
            .key(key, text(value))
            .send()
            .await
            .map(drop)
            .map_err(|error| cloud_error(DYNAMODB, &error))
    }

    fn put_account(&self, account: &Account) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.accounts)
            .item("name", text(account.name.as_str()))
            .item("subject", text(&account.subject))
            .item("password_hash", text(&account.password_hash))
            .item("since", seconds(account.since))
    }

    fn put_attempts(&self, digest: &str, attempts: Attempts) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.attempts)
            .item("name_digest", text(digest))
            .item("attempts", number(attempts.count.into()))
            .item("locked_until", seconds(attempts.locked_until))
            .item(EXPIRES, seconds(attempts.expires))
    }
}

impl Tables for DynamoTables {
    async fn account(&self, name: &AccountName) -> Result<Option<Account>, CloudError> {
        let record = self.read(&self.accounts, "name", name.as_str()).await?;
        let read = |record: Record| {
            Ok(Account {
                name: name.clone(),
                subject: read_text(&record, "subject")?.to_owned(),
                password_hash: read_text(&record, "password_hash")?.to_owned(),
                since: read_seconds(&record, "since")?,
            })
        };
        record.map(read).transpose()
    }

    async fn create_account(&self, account: &Account) -> Result<bool, CloudError> {
        let put = self
            .put_account(account)
            .condition_expression("attribute_not_exists(#name)")
            .expression_attribute_names("#name", "name");
        put_if(put).await
    }

    async fn replace_password_hash(
        &self,
        account: &Account,
        old_hash: &str,
    ) -> Result<(), CloudError> {
        let put = self
            .put_account(account)
            .condition_expression("password_hash = :old")
            .expression_attribute_values(":old", text(old_hash));
        // If the condition does not hold, another sign-in has replaced the hash.
        put_if(put).await.map(drop)
    }

    async fn hash_parameters(&self) -> Result<Vec<String>, CloudError> {
        let record = self.read(&self.accounts, "name", HASH_PARAMETERS).await?;
        let Some(record) = record else {
            return Ok(Vec::new());
        };
        let known = read_text(&record, "parameters")?;
        Ok(known.split_ascii_whitespace().map(str::to_owned).collect())
    }

    async fn set_hash_parameters(&self, parameters: &[String]) -> Result<(), CloudError> {
        self.client
            .put_item()
            .table_name(&self.accounts)
            .item("name", text(HASH_PARAMETERS))
            .item("parameters", text(&parameters.join(" ")))
            .send()
            .await
            .map(drop)
            .map_err(|error| cloud_error(DYNAMODB, &error))
    }

    async fn attempts(&self, digest: &str) -> Result<Option<Attempts>, CloudError> {
        let record = self.read(&self.attempts, "name_digest", digest).await?;
        let read = |record: Record| {
            Ok(Attempts {
                count: u32::try_from(read_number(&record, "attempts")?).unwrap_or(u32::MAX),
                locked_until: read_seconds(&record, "locked_until")?,
                expires: read_seconds(&record, EXPIRES)?,
            })
        };
        record.map(read).transpose()
    }

    async fn count_attempt(
        &self,
        digest: &str,
        before: Option<Attempts>,
        after: Attempts,
    ) -> Result<bool, CloudError> {
        let put = self.put_attempts(digest, after);
        let put = match before {
            None => put.condition_expression("attribute_not_exists(name_digest)"),
            Some(before) => put
                .condition_expression("attempts = :before AND locked_until = :locked")
                .expression_attribute_values(":before", number(before.count.into()))
                .expression_attribute_values(":locked", seconds(before.locked_until)),
        };
        put_if(put).await
    }

    async fn set_attempts(&self, digest: &str, attempts: Attempts) -> Result<(), CloudError> {
        put_if(self.put_attempts(digest, attempts)).await.map(drop)
    }

    async fn delete_attempts(&self, digest: &str) -> Result<(), CloudError> {
        self.delete(&self.attempts, "name_digest", digest).await
    }

    async fn create_session(&self, session: &Session) -> Result<(), CloudError> {
        self.client
            .put_item()
            .table_name(&self.sessions)
            .item("token_digest", text(&session.digest))
            .item("subject", text(&session.subject))
            .item("scope", text(&session.scope))
            .item("since", seconds(session.since))
            .item(EXPIRES, seconds(session.expires))
            .send()
            .await
            .map(drop)
            .map_err(|error| cloud_error(DYNAMODB, &error))
    }

    async fn delete_session(&self, digest: &str) -> Result<(), CloudError> {
        self.delete(&self.sessions, "token_digest", digest).await
    }
}

/// Writes a record; `false` if its condition does not hold.
async fn put_if(put: PutItemFluentBuilder) -> Result<bool, CloudError> {
    // Boxed: the type of this future is deeper than the compiler's recursion limit.
    match Box::pin(put.send()).await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(cloud_error(DYNAMODB, &error)),
    }
}
