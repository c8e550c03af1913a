//! Requests as API Gateway sends them (payload format 1.0), and a table in memory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambda_cloud::CloudError;
use lambda_testing::{json_body, now, proxy_event, proxy_request};
use serde_json::{Value, json};
use todo::{
    Content, File, MAX_ATTACHMENT_BYTES, MAX_NAME_CHARACTERS, MAX_TITLE_CHARACTERS, MAX_TODOS,
    Todo, TodoId, Todos,
};

const ORIGIN: &str = "https://example.org";
const ALICE: &str = "eu-west-1:a11ce";
const BOB: &str = "eu-west-1:b0b";
const BYTES: &str = "application/octet-stream";
/// Not UTF-8.
const IMAGE: [u8; 6] = [0xFF, 0x00, 0x89, b'P', 0xC3, 0x28];

type Key = (String, String);

/// All lists, in memory, or a table that fails.
#[derive(Default)]
struct Table {
    todos: RefCell<BTreeMap<Key, Todo>>,
    files: RefCell<BTreeMap<Key, File>>,
    fails: bool,
}

fn key(owner: &str, id: &TodoId) -> Key {
    (owner.to_owned(), id.to_string())
}

impl Table {
    fn check(&self) -> Result<(), CloudError> {
        if !self.fails {
            return Ok(());
        }
        Err(CloudError {
            service: "DynamoDB",
            reason: "ProvisionedThroughputExceededException".to_owned(),
        })
    }

    fn change(&self, owner: &str, id: &TodoId, change: impl FnOnce(&mut Todo)) -> Option<Todo> {
        let mut todos = self.todos.borrow_mut();
        let todo = todos.get_mut(&key(owner, id))?;
        change(todo);
        Some(todo.clone())
    }
}

impl Todos for Table {
    async fn list(&self, owner: &str) -> Result<Vec<Todo>, CloudError> {
        self.check()?;
        let todos = self.todos.borrow();
        let own = todos.iter().filter(|((found, _), _)| found == owner);
        Ok(own.map(|(_, todo)| todo.clone()).collect())
    }

    async fn count(&self, owner: &str) -> Result<usize, CloudError> {
        Ok(self.list(owner).await?.len())
    }

    async fn add(&self, owner: &str, id: &TodoId, content: &Content) -> Result<(), CloudError> {
        self.check()?;
        let todo = Todo {
            id: id.clone(),
            content: content.clone(),
            attachment: None,
        };
        self.todos.borrow_mut().insert(key(owner, id), todo);
        Ok(())
    }

    async fn replace(
        &self,
        owner: &str,
        id: &TodoId,
        content: &Content,
    ) -> Result<Option<Todo>, CloudError> {
        self.check()?;
        Ok(self.change(owner, id, |todo| todo.content = content.clone()))
    }

    async fn remove(&self, owner: &str, id: &TodoId) -> Result<(), CloudError> {
        self.check()?;
        self.todos.borrow_mut().remove(&key(owner, id));
        self.files.borrow_mut().remove(&key(owner, id));
        Ok(())
    }

    async fn attach(
        &self,
        owner: &str,
        id: &TodoId,
        file: &File,
    ) -> Result<Option<Todo>, CloudError> {
        self.check()?;
        let todo = self.change(owner, id, |todo| todo.attachment = Some(file.name.clone()));
        if todo.is_some() {
            self.files.borrow_mut().insert(key(owner, id), file.clone());
        }
        Ok(todo)
    }

    async fn attached(&self, owner: &str, id: &TodoId) -> Result<Option<File>, CloudError> {
        self.check()?;
        Ok(self.files.borrow().get(&key(owner, id)).cloned())
    }
}

/// The id of the `number`th to-do of a test.
fn id(number: u64) -> TodoId {
    TodoId::new(now(), number)
}

/// A request of `owner`, with the parts that `change` adds.
fn event(owner: &str, method: &str, resource: &str, id: &str) -> Value {
    let mut event = proxy_event(method, resource);
    event["requestContext"]["identity"]["cognitoIdentityId"] = json!(owner);
    event["pathParameters"] = json!({ "id": id });
    // What a caller may write does not select another list.
    event["headers"]["x-identity-id"] = json!(BOB);
    event
}

async fn ask(table: &Table, event: Value, number: u64) -> ApiGatewayProxyResponse {
    let request = proxy_request(event);
    let response = todo::respond(&request, table, id(number), &ORIGIN.parse().unwrap()).await;
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("cache-control", "no-store"),
        ("vary", "Origin"),
    ] {
        assert_eq!(response.headers.get(name).unwrap(), value, "{name}");
    }
    response
}

async fn add(table: &Table, owner: &str, body: &str, number: u64) -> ApiGatewayProxyResponse {
    let mut event = event(owner, "POST", "/todos", "");
    event["body"] = json!(body);
    ask(table, event, number).await
}

async fn list(table: &Table, owner: &str) -> Value {
    let response = ask(table, event(owner, "GET", "/todos", ""), 0).await;
    assert_eq!(response.status_code, 200);
    json_body(&response)
}

async fn replace(table: &Table, owner: &str, id: &str, body: &str) -> ApiGatewayProxyResponse {
    let mut event = event(owner, "PUT", "/todos/{id}", id);
    event["body"] = json!(body);
    ask(table, event, 0).await
}

fn upload(owner: &str, id: &str, content: &[u8]) -> Value {
    let mut event = event(owner, "PUT", "/todos/{id}/attachment", id);
    event["headers"]["content-type"] = json!(BYTES);
    event["multiValueQueryStringParameters"] = json!({ "name": ["Plan für morgen.png"] });
    event["body"] = json!(BASE64_STANDARD.encode(content));
    event["isBase64Encoded"] = json!(true);
    event
}

fn download(owner: &str, id: &str) -> Value {
    let mut event = event(owner, "GET", "/todos/{id}/attachment", id);
    event["headers"]["accept"] = json!(BYTES);
    event
}

/// A table in which Alice has one to-do, and its id.
async fn one_todo() -> (Table, String) {
    let table = Table::default();
    let response = add(&table, ALICE, r#"{"title":"Water the plants"}"#, 1).await;
    assert_eq!(response.status_code, 201);
    (table, id(1).to_string())
}

#[tokio::test]
async fn a_new_to_do_is_in_the_list_of_its_user_and_in_no_other() {
    let (table, first) = one_todo().await;
    let response = add(&table, ALICE, r#"{"title":" Buy soil ","done":true}"#, 2).await;
    let second = json!({
        "id": id(2).to_string(), "title": "Buy soil", "done": true, "attachment": null
    });
    assert_eq!(json_body(&response), second);
    let first = json!({
        "id": first, "title": "Water the plants", "done": false, "attachment": null
    });
    assert_eq!(list(&table, ALICE).await, json!([first, second]));
    assert_eq!(list(&table, BOB).await, json!([]));
}

#[tokio::test]
async fn a_to_do_is_replaced_and_deleted_by_its_user_only() {
    let (table, id) = one_todo().await;
    let body = r#"{"title":"Water all plants","done":true}"#;
    assert_eq!(replace(&table, BOB, &id, body).await.status_code, 404);
    let response = ask(&table, event(BOB, "DELETE", "/todos/{id}", &id), 0).await;
    assert_eq!(response.status_code, 204);
    let replaced = replace(&table, ALICE, &id, body).await;
    assert_eq!(replaced.status_code, 200);
    assert_eq!(json_body(&replaced)["title"], "Water all plants");
    assert_eq!(list(&table, ALICE).await[0]["done"], true);
    // A repeated deletion has the same answer.
    for _ in 0..2 {
        let response = ask(&table, event(ALICE, "DELETE", "/todos/{id}", &id), 0).await;
        assert_eq!((response.status_code, response.body), (204, None));
        assert_eq!(response.headers.get("content-type"), None);
    }
    assert_eq!(list(&table, ALICE).await, json!([]));
    assert_eq!(replace(&table, ALICE, &id, body).await.status_code, 404);
}

#[tokio::test]
async fn an_attachment_comes_back_byte_by_byte() {
    let (table, id) = one_todo().await;
    let response = ask(&table, upload(ALICE, &id, &IMAGE), 0).await;
    assert_eq!(response.status_code, 200);
    let attachment = "Plan für morgen.png";
    assert_eq!(json_body(&response)["attachment"], attachment);
    assert_eq!(list(&table, ALICE).await[0]["attachment"], attachment);

    let response = ask(&table, download(ALICE, &id), 0).await;
    assert_eq!(response.status_code, 200);
    assert_eq!(response.headers.get("content-type").unwrap(), BYTES);
    assert!(response.is_base64_encoded);
    let Some(Body::Text(text)) = &response.body else {
        panic!("{response:?}");
    };
    assert_eq!(BASE64_STANDARD.decode(text).unwrap(), IMAGE);

    assert_eq!(ask(&table, download(BOB, &id), 0).await.status_code, 404);
    let response = ask(&table, upload(BOB, &id, &IMAGE), 0).await;
    assert_eq!(response.status_code, 404);
}

/// API Gateway would hand on the base64 text.
#[tokio::test]
async fn a_caller_that_would_not_get_the_bytes_is_told_so() {
    let (table, id) = one_todo().await;
    ask(&table, upload(ALICE, &id, &IMAGE), 0).await;
    for accept in ["*/*", "application/json", ""] {
        let mut event = download(ALICE, &id);
        event["headers"]["accept"] = json!(accept);
        let response = ask(&table, event, 0).await;
        assert_eq!(response.status_code, 406);
        let message = json_body(&response)["message"].to_string();
        assert!(message.contains(BYTES), "{message}");
    }
}

#[tokio::test]
async fn a_malformed_to_do_is_refused_and_changes_nothing() {
    let (table, id) = one_todo().await;
    let long = format!(r#"{{"title":"{}"}}"#, "é".repeat(MAX_TITLE_CHARACTERS + 1));
    for body in [
        "",
        "[]",
        r#"["title"]"#,
        "{}",
        r#"{"title":7}"#,
        r#"{"title":"  "}"#,
        r#"{"title":"x","done":"yes"}"#,
        r#"{"title":"x","owner":"eu-west-1:b0b"}"#,
        &long,
    ] {
        assert_eq!(add(&table, ALICE, body, 2).await.status_code, 400, "{body}");
        let response = replace(&table, ALICE, &id, body).await;
        assert_eq!(response.status_code, 400, "{body}");
    }
    assert_eq!(list(&table, ALICE).await[0]["title"], "Water the plants");
    let longest = format!(r#"{{"title":"{}"}}"#, "é".repeat(MAX_TITLE_CHARACTERS));
    assert_eq!(add(&table, ALICE, &longest, 2).await.status_code, 201);
}

#[tokio::test]
async fn a_malformed_upload_is_refused() {
    let (table, id) = one_todo().await;
    let mut text = upload(ALICE, &id, b"text");
    text["headers"]["content-type"] = json!("text/plain");
    let mut broken = upload(ALICE, &id, b"");
    broken["body"] = json!("*");
    for event in [text, broken] {
        assert_eq!(ask(&table, event, 0).await.status_code, 400);
    }
    let long = "n".repeat(MAX_NAME_CHARACTERS + 1);
    for names in [
        json!([]),
        json!([""]),
        json!(["a", "b"]),
        json!(["../secret"]),
        json!(["line\nbreak"]),
        json!([long]),
    ] {
        let mut event = upload(ALICE, &id, &IMAGE);
        event["multiValueQueryStringParameters"] = json!({ "name": names });
        assert_eq!(ask(&table, event, 0).await.status_code, 400, "{names}");
    }
    let large = vec![0; MAX_ATTACHMENT_BYTES + 1];
    let response = ask(&table, upload(ALICE, &id, &large), 0).await;
    assert_eq!(response.status_code, 413);
    let response = ask(&table, upload(ALICE, &id, &large[1..]), 0).await;
    assert_eq!(response.status_code, 200);
}

#[tokio::test]
async fn a_text_that_is_no_id_selects_nothing() {
    let (table, _) = one_todo().await;
    for id in ["", "1", "todo#018bcfe56800", "*"] {
        for event in [
            event(ALICE, "DELETE", "/todos/{id}", id),
            download(ALICE, id),
            upload(ALICE, id, &IMAGE),
        ] {
            assert_eq!(ask(&table, event, 0).await.status_code, 404, "{id}");
        }
    }
    assert_eq!(list(&table, ALICE).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_user_has_a_limited_number_of_to_dos() {
    let table = Table::default();
    for number in 0..u64::try_from(MAX_TODOS).unwrap() {
        let response = add(&table, ALICE, r#"{"title":"x"}"#, number).await;
        assert_eq!(response.status_code, 201);
    }
    let response = add(&table, ALICE, r#"{"title":"x"}"#, 1_000).await;
    assert_eq!(response.status_code, 409);
    assert_eq!(
        add(&table, BOB, r#"{"title":"x"}"#, 1).await.status_code,
        201
    );
}

#[tokio::test]
async fn a_caller_without_an_identity_and_another_route_are_refused() {
    let table = Table::default();
    for identity in [Value::Null, json!("")] {
        let mut event = event(ALICE, "GET", "/todos", "");
        event["requestContext"]["identity"]["cognitoIdentityId"] = identity;
        assert_eq!(ask(&table, event, 0).await.status_code, 403);
    }
    for (method, resource) in [
        ("PATCH", "/todos"),
        ("GET", "/todos/{id}"),
        ("GET", "/other"),
    ] {
        let response = ask(&table, event(ALICE, method, resource, ""), 0).await;
        assert_eq!(response.status_code, 404, "{method} {resource}");
    }
}

#[tokio::test]
async fn a_table_that_fails_is_a_503_without_details() {
    let table = Table {
        fails: true,
        ..Table::default()
    };
    let id = id(1).to_string();
    let mut add = event(ALICE, "POST", "/todos", "");
    add["body"] = json!(r#"{"title":"x"}"#);
    for event in [
        event(ALICE, "GET", "/todos", ""),
        add,
        event(ALICE, "DELETE", "/todos/{id}", &id),
        upload(ALICE, &id, &IMAGE),
        download(ALICE, &id),
    ] {
        let response = ask(&table, event, 0).await;
        assert_eq!(response.status_code, 503);
        let body = json_body(&response);
        let expected = "The to-do list cannot be reached at the moment";
        assert_eq!(body, json!({ "message": expected }));
    }
}
