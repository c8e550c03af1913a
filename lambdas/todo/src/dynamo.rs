//! The lists in a table of DynamoDB with two keys: `identity_id`, and `item`, which is `todo#` or `file#` and the id of the
//! to-do. A file is a record of its own, so that reading a list reads no file.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    operation::{transact_write_items::TransactWriteItemsError, update_item::UpdateItemError},
    primitives::Blob,
    types::{AttributeValue, Delete, Put, ReturnValue, Select, TransactWriteItem, Update},
};
use lambda_cloud::{
    CloudError, cloud_error,
    record::{DYNAMODB, Record, read_text, text},
};

use crate::todos::{Content, File, Todo, TodoId, Todos};

const OWNER: &str = "identity_id";
const ITEM: &str = "item";
const TITLE: &str = "title";
const DONE: &str = "done";
const FILE_NAME: &str = "file_name";
const CONTENT: &str = "content";

const TODO: &str = "todo#";
const FILE: &str = "file#";

const EXISTS: &str = "attribute_exists(identity_id)";

/// The code of a canceled transaction whose condition did not hold.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// A table of DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoTodos {
    client: Client,
    table: String,
}

impl DynamoTodos {
    /// The table `table`.
    #[must_use]
    pub fn new(config: &SdkConfig, table: String) -> Self {
        Self {
            client: Client::new(config),
            table,
        }
    }

    async fn query(&self, owner: &str, select: Select) -> Result<(Vec<Record>, usize), CloudError> {
        let (mut records, mut count, mut from) = (Vec::new(), 0, None);
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("identity_id = :owner AND begins_with(#item, :todo)")
                .expression_attribute_names("#item", ITEM)
                .expression_attribute_values(":owner", text(owner))
                .expression_attribute_values(":todo", text(TODO))
                // A user sees what the request before this one wrote.
                .consistent_read(true)
                .select(select.clone())
                .set_exclusive_start_key(from);
            let page = Box::pin(query.send())
                .await
                .map_err(|error| cloud_error(DYNAMODB, &error))?;
            count += usize::try_from(page.count).unwrap_or_default();
            records.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok((records, count));
            }
        }
    }

    async fn read(&self, owner: &str, item: String) -> Result<Option<Record>, CloudError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(OWNER, text(owner))
            .key(ITEM, AttributeValue::S(item))
            .consistent_read(true);
        let found = Box::pin(get.send()).await;
        let found = found.map_err(|error| cloud_error(DYNAMODB, &error))?;
        Ok(found.item)
    }

    /// Writes all of `writes`, or none. `false` if a condition does not hold.
    async fn write(&self, writes: Vec<TransactWriteItem>) -> Result<bool, CloudError> {
        let write = self.client.transact_write_items();
        let write = write.set_transact_items(Some(writes));
        match Box::pin(write.send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(is_condition) => Ok(false),
            Err(error) => Err(cloud_error(DYNAMODB, &error)),
        }
    }

    fn delete(&self, owner: &str, item: String) -> Result<TransactWriteItem, CloudError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key(OWNER, text(owner))
            .key(ITEM, AttributeValue::S(item))
            .build();
        let delete = delete.map_err(|error| incomplete(&error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// The name of the file, at a to-do that exists.
    fn note(&self, owner: &str, id: &TodoId, file: &File) -> Result<TransactWriteItem, CloudError> {
        let update = Update::builder()
            .table_name(&self.table)
            .key(OWNER, text(owner))
            .key(ITEM, AttributeValue::S(todo_item(id)))
            .update_expression("SET file_name = :name")
            .expression_attribute_values(":name", text(&file.name))
            .condition_expression(EXISTS)
            .build();
        let update = update.map_err(|error| incomplete(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn store(
        &self,
        owner: &str,
        id: &TodoId,
        file: &File,
    ) -> Result<TransactWriteItem, CloudError> {
        let put = Put::builder()
            .table_name(&self.table)
            .item(OWNER, text(owner))
            .item(ITEM, AttributeValue::S(file_item(id)))
            .item(FILE_NAME, text(&file.name))
            .item(CONTENT, AttributeValue::B(Blob::new(file.content.clone())))
            .build();
        let put = put.map_err(|error| incomplete(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

impl Todos for DynamoTodos {
    async fn list(&self, owner: &str) -> Result<Vec<Todo>, CloudError> {
        let (records, _) = self.query(owner, Select::AllAttributes).await?;
        records.iter().map(read_todo).collect()
    }

    async fn count(&self, owner: &str) -> Result<usize, CloudError> {
        Ok(self.query(owner, Select::Count).await?.1)
    }

    async fn add(&self, owner: &str, id: &TodoId, content: &Content) -> Result<(), CloudError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(OWNER, text(owner))
            .item(ITEM, AttributeValue::S(todo_item(id)))
            .item(TITLE, text(&content.title))
            .item(DONE, AttributeValue::Bool(content.done));
        let written = Box::pin(put.send()).await;
        written
            .map(drop)
            .map_err(|error| cloud_error(DYNAMODB, &error))
    }

    async fn replace(
        &self,
        owner: &str,
        id: &TodoId,
        content: &Content,
    ) -> Result<Option<Todo>, CloudError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(OWNER, text(owner))
            .key(ITEM, AttributeValue::S(todo_item(id)))
            .update_expression("SET title = :title, done = :done")
            .expression_attribute_values(":title", text(&content.title))
            .expression_attribute_values(":done", AttributeValue::Bool(content.done))
            .condition_expression(EXISTS)
            .return_values(ReturnValue::AllNew);
        match Box::pin(update.send()).await {
            Ok(updated) => updated.attributes().map(read_todo).transpose(),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(cloud_error(DYNAMODB, &error)),
        }
    }

    async fn remove(&self, owner: &str, id: &TodoId) -> Result<(), CloudError> {
        let writes = vec![
            self.delete(owner, todo_item(id))?,
            self.delete(owner, file_item(id))?,
        ];
        self.write(writes).await.map(drop)
    }

    async fn attach(
        &self,
        owner: &str,
        id: &TodoId,
        file: &File,
    ) -> Result<Option<Todo>, CloudError> {
        let writes = vec![self.note(owner, id, file)?, self.store(owner, id, file)?];
        if !self.write(writes).await? {
            return Ok(None);
        }
        let record = self.read(owner, todo_item(id)).await?;
        record.as_ref().map(read_todo).transpose()
    }

    async fn attached(&self, owner: &str, id: &TodoId) -> Result<Option<File>, CloudError> {
        let record = self.read(owner, file_item(id)).await?;
        record.as_ref().map(read_file).transpose()
    }
}

fn todo_item(id: &TodoId) -> String {
    format!("{TODO}{id}")
}

fn file_item(id: &TodoId) -> String {
    format!("{FILE}{id}")
}

fn read_todo(record: &Record) -> Result<Todo, CloudError> {
    let id = read_text(record, ITEM)?.strip_prefix(TODO);
    let attachment = match record.get(FILE_NAME) {
        None => None,
        Some(_) => Some(read_text(record, FILE_NAME)?.to_owned()),
    };
    let done = record.get(DONE).and_then(|value| value.as_bool().ok());
    Ok(Todo {
        id: id.and_then(TodoId::parse).ok_or_else(|| damaged(ITEM))?,
        content: Content {
            title: read_text(record, TITLE)?.to_owned(),
            done: *done.ok_or_else(|| damaged(DONE))?,
        },
        attachment,
    })
}

fn read_file(record: &Record) -> Result<File, CloudError> {
    let content = record.get(CONTENT).and_then(|value| value.as_b().ok());
    Ok(File {
        name: read_text(record, FILE_NAME)?.to_owned(),
        content: content.ok_or_else(|| damaged(CONTENT))?.as_ref().to_vec(),
    })
}

/// Whether a transaction was canceled because a condition did not hold.
fn is_condition(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        return false;
    };
    let mut codes = canceled.cancellation_reasons().iter();
    codes.any(|reason| reason.code() == Some(CONDITION_FAILED))
}

fn damaged(name: &str) -> CloudError {
    CloudError {
        service: DYNAMODB,
        reason: format!("a record without a usable {name}"),
    }
}

fn incomplete(error: &BuildError) -> CloudError {
    CloudError {
        service: DYNAMODB,
        reason: format!("the request could not be made: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record::from([
            (ITEM.to_owned(), text("todo#018bcfe5680000000000000000ff")),
            (TITLE.to_owned(), text("Water the plants")),
            (DONE.to_owned(), AttributeValue::Bool(true)),
            (FILE_NAME.to_owned(), text("plan.png")),
        ])
    }

    #[test]
    fn a_record_is_read_with_and_without_an_attachment() {
        let mut record = record();
        let todo = read_todo(&record).unwrap();
        assert_eq!(todo.id.to_string(), "018bcfe5680000000000000000ff");
        assert_eq!(todo.content.title, "Water the plants");
        assert!(todo.content.done);
        assert_eq!(todo.attachment.as_deref(), Some("plan.png"));
        record.remove(FILE_NAME);
        assert_eq!(read_todo(&record).unwrap().attachment, None);
    }

    #[test]
    fn a_damaged_record_is_an_error_that_names_the_attribute() {
        for (name, value) in [
            (ITEM, text("todo#1")),
            (ITEM, text("file#018bcfe5680000000000000000ff")),
            (TITLE, AttributeValue::Bool(true)),
            (DONE, text("true")),
            (FILE_NAME, AttributeValue::Bool(true)),
        ] {
            let mut record = record();
            record.insert(name.to_owned(), value);
            let error = read_todo(&record).unwrap_err();
            assert_eq!(error.reason, format!("a record without a usable {name}"));
        }
        let error = read_file(&record()).unwrap_err();
        assert_eq!(error.reason, "a record without a usable content");
    }
}
