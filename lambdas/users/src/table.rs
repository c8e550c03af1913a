//! The table of users: a port, and its adapter to `DynamoDB`.

use std::future::Future;

use time::Timestamp;

use crate::{CloudError, SignUp, UserId};

/// Whether a message changed the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The record has the data of the message now.
    Written,
    /// The record is of a newer message and stays unchanged.
    Outdated,
}

/// The store of users, one record per user id.
pub trait UserTable {
    /// Writes the record of the user, unless the record is of a message later than `at`. So neither a message that arrives
    /// twice nor a late one changes anything. Without `at`, a record that has a time stays unchanged.
    ///
    /// # Errors
    ///
    /// When the table cannot be written to.
    fn put(
        &self,
        sign_up: &SignUp,
        at: Option<Timestamp>,
    ) -> impl Future<Output = Result<Stored, CloudError>> + Send;

    /// The record of the user, if there is one.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    fn get(
        &self,
        user_id: &UserId,
    ) -> impl Future<Output = Result<Option<SignUp>, CloudError>> + Send;
}

#[cfg(feature = "dynamodb")]
pub use dynamo::DynamoTable;

#[cfg(feature = "dynamodb")]
mod dynamo {
    use aws_config::SdkConfig;
    use aws_sdk_dynamodb::{Client, operation::put_item::PutItemError, types::AttributeValue};
    use lambda_cloud::{
        cloud_error,
        record::{DYNAMODB, Record, read_text, text},
    };
    use time::Timestamp;

    use super::{Stored, UserTable};
    use crate::{CloudError, SignUp, UserId};

    const USER_ID: &str = "user_id";
    const USERNAME: &str = "username";
    const EMAIL: &str = "email";
    const PUBLISHED_AT: &str = "published_at";

    /// A table of `DynamoDB` whose partition key is the string `user_id`.
    #[derive(Debug, Clone)]
    pub struct DynamoTable {
        client: Client,
        name: String,
    }

    impl DynamoTable {
        /// The table `name`.
        #[must_use]
        pub fn new(config: &SdkConfig, name: String) -> Self {
            Self {
                client: Client::new(config),
                name,
            }
        }
    }

    impl UserTable for DynamoTable {
        async fn put(&self, sign_up: &SignUp, at: Option<Timestamp>) -> Result<Stored, CloudError> {
            let put = self
                .client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(to_record(sign_up, at)));
            let put = match at {
                Some(at) => put
                    .condition_expression(
                        "attribute_not_exists(published_at) OR published_at <= :at",
                    )
                    .expression_attribute_values(":at", milliseconds(at)),
                None => put.condition_expression("attribute_not_exists(published_at)"),
            };
            match put.send().await {
                Ok(_) => Ok(Stored::Written),
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
                {
                    Ok(Stored::Outdated)
                }
                Err(error) => Err(cloud_error(DYNAMODB, &error)),
            }
        }

        async fn get(&self, user_id: &UserId) -> Result<Option<SignUp>, CloudError> {
            let found = self
                .client
                .get_item()
                .table_name(&self.name)
                .key(USER_ID, text(user_id.as_str()))
                // A new user asks for the record right after it was written.
                .consistent_read(true)
                .send()
                .await
                .map_err(|error| cloud_error(DYNAMODB, &error))?;
            found.item().map(from_record).transpose()
        }
    }

    fn milliseconds(at: Timestamp) -> AttributeValue {
        AttributeValue::N(at.as_milliseconds().to_string())
    }

    fn to_record(sign_up: &SignUp, at: Option<Timestamp>) -> Record {
        let members = [
            (USER_ID, Some(text(sign_up.user_id().as_str()))),
            (USERNAME, Some(text(sign_up.username()))),
            (EMAIL, sign_up.email().map(text)),
            (PUBLISHED_AT, at.map(milliseconds)),
        ];
        let members = members.into_iter();
        let present = members.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        present.collect()
    }

    fn from_record(record: &Record) -> Result<SignUp, CloudError> {
        let email = match record.get(EMAIL) {
            None | Some(AttributeValue::Null(_)) => None,
            Some(_) => Some(read_text(record, EMAIL)?),
        };
        let user_id = read_text(record, USER_ID)?;
        SignUp::new(user_id, read_text(record, USERNAME)?, email).map_err(|invalid| CloudError {
            service: DYNAMODB,
            reason: format!("a damaged record of a user: {invalid}"),
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_record_is_read_as_it_was_written() {
            let at = Timestamp::from_milliseconds(1_700_000_000_123).unwrap();
            for email in [Some("alice@example.org"), None] {
                let alice = SignUp::new("7d2f", "alice", email).unwrap();
                let record = to_record(&alice, Some(at));
                assert_eq!(record.contains_key(EMAIL), email.is_some());
                assert_eq!(
                    record[PUBLISHED_AT],
                    AttributeValue::N("1700000000123".to_owned())
                );
                assert_eq!(from_record(&record), Ok(alice));
            }
        }

        #[test]
        fn a_damaged_record_is_an_error() {
            let alice = SignUp::new("7d2f", "alice", None).unwrap();
            for (name, value, reason) in [
                (
                    EMAIL,
                    AttributeValue::Bool(true),
                    "a record without a usable email",
                ),
                (
                    USERNAME,
                    AttributeValue::Null(true),
                    "a record without a usable username",
                ),
                (
                    USER_ID,
                    text(""),
                    "a damaged record of a user: user_id is empty, too long or malformed",
                ),
            ] {
                let mut record = to_record(&alice, None);
                record.insert(name.to_owned(), value);
                assert_eq!(from_record(&record).unwrap_err().reason, reason);
            }
            let mut record = to_record(&alice, None);
            record.insert(EMAIL.to_owned(), AttributeValue::Null(true));
            assert_eq!(from_record(&record), Ok(alice));
        }
    }
}
