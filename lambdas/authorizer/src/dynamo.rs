//! Sessions in DynamoDB.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use lambda_cloud::{CloudError, cloud_config, cloud_error};

use crate::{
    sessions::{KeptSession, Sessions},
    time::Timestamp,
};

const SERVICE: &str = "DynamoDB";

/// An authorizer may take 10 seconds in all.
const READ_WITHIN: Duration = Duration::from_secs(3);

/// A table of DynamoDB whose partition key is the string `token_digest`.
#[derive(Debug, Clone)]
pub struct DynamoSessions {
    client: Client,
    table: String,
}

impl DynamoSessions {
    /// The table of that name, reached as the environment says.
    pub async fn new(table: &str) -> Self {
        Self {
            client: Client::new(&cloud_config(READ_WITHIN).await),
            table: table.to_owned(),
        }
    }
}

impl Sessions for DynamoSessions {
    async fn find(&self, digest: &str) -> Result<Option<KeptSession>, CloudError> {
        let asked = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("token_digest", AttributeValue::S(digest.to_owned()))
            // A session that has just begun is one, and one that has just ended is none.
            .consistent_read(true)
            .send();
        // Boxed: what it is made of is deeper than the compiler follows, and decisions about signed tokens would
        // carry its size.
        let found = Box::pin(asked)
            .await
            .map_err(|error| cloud_error(SERVICE, &error))?;
        found.item().map(read).transpose()
    }
}

fn read(item: &HashMap<String, AttributeValue>) -> Result<KeptSession, CloudError> {
    let text = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let expires = item.get("expires").and_then(|value| value.as_n().ok());
    let expires = expires.and_then(|digits| digits.parse().ok());
    let session = |subject, scope, expires| KeptSession {
        subject,
        scope,
        expires: Timestamp(expires),
    };
    match (text("subject"), text("scope"), expires) {
        (Some(subject), Some(scope), Some(expires)) => Ok(session(subject, scope, expires)),
        _ => Err(CloudError {
            service: SERVICE,
            reason: "a record that is no session".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_session_and_refuses_what_is_none() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut item = HashMap::from([
            ("subject".to_owned(), text("user-1")),
            ("scope".to_owned(), text("openid")),
            ("expires".to_owned(), AttributeValue::N("1000".to_owned())),
        ]);
        assert_eq!(read(&item).unwrap().expires, Timestamp(1_000));
        item.insert("expires".to_owned(), text("1000"));
        assert_eq!(
            read(&item).unwrap_err().reason,
            "a record that is no session"
        );
    }
}
