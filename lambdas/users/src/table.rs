//! The table of users: a port, and its adapter to `DynamoDB`.

use std::future::Future;

use crate::{CloudError, SignUp, UserId};

/// Where the users are kept, one record for each user id.
pub trait UserTable {
    /// Writes the record of the user, over an earlier one if there is one. Writing the same record
    /// again changes nothing.
    ///
    /// # Errors
    ///
    /// When the table cannot be written to.
    fn put(&self, sign_up: &SignUp) -> impl Future<Output = Result<(), CloudError>> + Send;

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
    use std::collections::HashMap;

    use aws_config::SdkConfig;
    use aws_sdk_dynamodb::{Client, types::AttributeValue};
    use lambda_cloud::cloud_error;

    use super::UserTable;
    use crate::{CloudError, SignUp, UserId};

    const SERVICE: &str = "DynamoDB";
    const USER_ID: &str = "user_id";
    const USERNAME: &str = "username";
    const EMAIL: &str = "email";

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
        async fn put(&self, sign_up: &SignUp) -> Result<(), CloudError> {
            let text = |value: &str| AttributeValue::S(value.to_owned());
            self.client
                .put_item()
                .table_name(&self.name)
                .item(USER_ID, text(sign_up.user_id().as_str()))
                .item(USERNAME, text(sign_up.username()))
                .item(EMAIL, text(sign_up.email()))
                .send()
                .await
                .map(drop)
                .map_err(|error| cloud_error(SERVICE, &error))
        }

        async fn get(&self, user_id: &UserId) -> Result<Option<SignUp>, CloudError> {
            let found = self
                .client
                .get_item()
                .table_name(&self.name)
                .key(USER_ID, AttributeValue::S(user_id.as_str().to_owned()))
                // Who has just signed up looks for the record that was written a moment ago.
                .consistent_read(true)
                .send()
                .await
                .map_err(|error| cloud_error(SERVICE, &error))?;
            found.item().map(record).transpose()
        }
    }

    fn record(item: &HashMap<String, AttributeValue>) -> Result<SignUp, CloudError> {
        let text = |name| {
            item.get(name)
                .and_then(|value| value.as_s().ok())
                .map_or("", String::as_str)
        };
        SignUp::new(text(USER_ID), text(USERNAME), text(EMAIL)).map_err(|invalid| CloudError {
            service: SERVICE,
            reason: format!("a record that is no user: {invalid}"),
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn reads_a_record_and_says_what_is_wrong_with_another() {
            let mut item = HashMap::from(
                [
                    (USER_ID, "7d2f"),
                    (USERNAME, "alice"),
                    (EMAIL, "alice@example.org"),
                ]
                .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned()))),
            );
            let alice = SignUp::new("7d2f", "alice", "alice@example.org").unwrap();
            assert_eq!(record(&item), Ok(alice));

            item.insert(EMAIL.to_owned(), AttributeValue::Null(true));
            let reason = record(&item).unwrap_err().reason;
            assert_eq!(
                reason,
                "a record that is no user: email is empty, too long or malformed"
            );
        }
    }
}
