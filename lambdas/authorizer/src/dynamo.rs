//! Sessions in DynamoDB.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use lambda_cloud::{
    CloudError, cloud_config, cloud_error,
    record::{DYNAMODB, Record, read_seconds, read_text, text},
};

use crate::sessions::{SessionRecord, Sessions};

/// An authorizer has 10 seconds in all.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A table of DynamoDB whose partition key is the string `token_digest`.
#[derive(Debug, Clone)]
pub struct DynamoSessions {
    client: Client,
    table: String,
}

impl DynamoSessions {
    /// The table of that name; region, credentials and endpoint come from the environment.
    pub async fn new(table: &str) -> Self {
        Self {
            client: Client::new(&cloud_config(TIMEOUT).await),
            table: table.to_owned(),
        }
    }
}

impl Sessions for DynamoSessions {
    async fn find(&self, digest: &str) -> Result<Option<SessionRecord>, CloudError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("token_digest", text(digest))
            // A session must be found right after it began, and not found right after it ended.
            .consistent_read(true)
            .send();
        // Boxed: the type of this future is deeper than the compiler's recursion limit, and its size would be added to
        // decisions about signed tokens.
        let found = Box::pin(request)
            .await
            .map_err(|error| cloud_error(DYNAMODB, &error))?;
        found.item().map(read).transpose()
    }
}

fn read(record: &Record) -> Result<SessionRecord, CloudError> {
    Ok(SessionRecord {
        subject: read_text(record, "subject")?.to_owned(),
        scope: read_text(record, "scope")?.to_owned(),
        expires: read_seconds(record, "expires")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_session_and_refuses_a_damaged_one() {
        let mut record = Record::from([
            ("subject".to_owned(), text("user-1")),
            ("scope".to_owned(), text("openid")),
            ("expires".to_owned(), lambda_cloud::record::number(1_000)),
        ]);
        assert_eq!(read(&record).unwrap().expires.as_seconds(), 1_000);
        record.insert("expires".to_owned(), text("1000"));
        assert_eq!(
            read(&record).unwrap_err().reason,
            "a record without a usable expires"
        );
    }
}
