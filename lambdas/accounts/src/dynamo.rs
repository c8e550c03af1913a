//! The tables in DynamoDB: one for accounts, one for attempts, and one for sessions where there are any.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client, error::SdkError, operation::put_item::PutItemError, types::AttributeValue,
};
use lambda_cloud::{CloudError, cloud_error};

use crate::{
    credentials::AccountName,
    tables::{Account, Attempts, Session, Tables},
    time::Timestamp,
};

const SERVICE: &str = "DynamoDB";

/// The attribute by which DynamoDB deletes what has expired.
const EXPIRES: &str = "expires";

type Item = HashMap<String, AttributeValue>;

/// Three tables of DynamoDB: accounts by `name`, attempts by `name_digest`, sessions by `token_digest`.
#[derive(Debug, Clone)]
pub struct DynamoTables {
    client: Client,
    accounts: String,
    attempts: String,
    /// Empty where tokens are signed.
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

    async fn read(&self, table: &str, key: &str, value: &str) -> Result<Option<Item>, CloudError> {
        let found = self
            .client
            .get_item()
            .table_name(table)
            .key(key, text(value))
            // Who has just registered signs in a moment later, and an attempt that was just counted counts.
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| cloud_error(SERVICE, &error))?;
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
            .map_err(|error| cloud_error(SERVICE, &error))
    }
}

impl Tables for DynamoTables {
    async fn account(&self, name: &AccountName) -> Result<Option<Account>, CloudError> {
        let item = self.read(&self.accounts, "name", name.as_str()).await?;
        item.map(|item| {
            Ok(Account {
                name: name.clone(),
                subject: read_text(&item, "subject")?,
                password_hash: read_text(&item, "password_hash")?,
                since: Timestamp(read_number(&item, "since")?),
            })
        })
        .transpose()
    }

    async fn create(&self, account: &Account) -> Result<bool, CloudError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.accounts)
            .item("name", text(account.name.as_str()))
            .item("subject", text(&account.subject))
            .item("password_hash", text(&account.password_hash))
            .item("since", number(account.since.0))
            .condition_expression("attribute_not_exists(#name)")
            .expression_attribute_names("#name", "name")
            .send()
            .await;
        unless_refused(put)
    }

    async fn attempts(&self, digest: &str) -> Result<Option<Attempts>, CloudError> {
        let item = self.read(&self.attempts, "name_digest", digest).await?;
        item.map(|item| {
            Ok(Attempts {
                count: u32::try_from(read_number(&item, "attempts")?).unwrap_or(u32::MAX),
                rests_until: Timestamp(read_number(&item, "rests_until")?),
                forgotten: Timestamp(read_number(&item, EXPIRES)?),
            })
        })
        .transpose()
    }

    async fn count(
        &self,
        digest: &str,
        before: Option<Attempts>,
        after: Attempts,
    ) -> Result<bool, CloudError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.attempts)
            .item("name_digest", text(digest))
            .item("attempts", number(after.count.into()))
            .item("rests_until", number(after.rests_until.0))
            .item(EXPIRES, number(after.forgotten.0));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(name_digest)"),
            Some(before) => put
                .condition_expression("attempts = :before AND rests_until = :rested")
                .expression_attribute_values(":before", number(before.count.into()))
                .expression_attribute_values(":rested", number(before.rests_until.0)),
        };
        unless_refused(put.send().await)
    }

    async fn forget(&self, digest: &str) -> Result<(), CloudError> {
        self.delete(&self.attempts, "name_digest", digest).await
    }

    async fn begin(&self, session: &Session) -> Result<(), CloudError> {
        self.client
            .put_item()
            .table_name(&self.sessions)
            .item("token_digest", text(&session.digest))
            .item("subject", text(&session.subject))
            .item("scope", text(&session.scope))
            .item("since", number(session.since.0))
            .item(EXPIRES, number(session.expires.0))
            .send()
            .await
            .map(drop)
            .map_err(|error| cloud_error(SERVICE, &error))
    }

    async fn end(&self, digest: &str) -> Result<(), CloudError> {
        self.delete(&self.sessions, "token_digest", digest).await
    }
}

/// Whether something was written, or the condition for it did not hold.
fn unless_refused<T, R>(put: Result<T, SdkError<PutItemError, R>>) -> Result<bool, CloudError> {
    match put {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(cloud_error(SERVICE, &error)),
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn read_text(item: &Item, name: &'static str) -> Result<String, CloudError> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.cloned().ok_or_else(|| damaged(name))
}

fn read_number(item: &Item, name: &'static str) -> Result<u64, CloudError> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| damaged(name))
}

fn damaged(name: &str) -> CloudError {
    CloudError {
        service: SERVICE,
        reason: format!("a record without a usable {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_record_is_an_error_that_names_the_attribute() {
        let item = Item::from([
            ("subject".to_owned(), number(1)),
            ("since".to_owned(), text("x")),
            ("expires".to_owned(), number(12)),
        ]);
        assert_eq!(read_number(&item, "expires"), Ok(12));
        for (error, name) in [
            (read_text(&item, "subject").unwrap_err(), "subject"),
            (read_number(&item, "since").unwrap_err(), "since"),
            (read_number(&item, "missing").unwrap_err(), "missing"),
        ] {
            assert_eq!(error.reason, format!("a record without a usable {name}"));
        }
    }
}
