//! `GET /me` with events as API Gateway sends them (payload format 1.0).

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use lambda_testing::{json_body, proxy_event, proxy_request};
use serde_json::{Value, json};
use time::Timestamp;
use users::{CloudError, SignUp, Stored, UserId, UserTable};

const ORIGIN: &str = "https://example.org";
const ALICE: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

/// A fake table with one user, or one that fails.
#[derive(Debug)]
enum Table {
    With(SignUp),
    Failing,
}

impl UserTable for Table {
    async fn put(&self, _: &SignUp, _: Option<Timestamp>) -> Result<Stored, CloudError> {
        panic!("GET /me does not write")
    }

    async fn get(&self, user_id: &UserId) -> Result<Option<SignUp>, CloudError> {
        match self {
            Self::With(user) => Ok((user.user_id() == user_id).then(|| user.clone())),
            Self::Failing => Err(CloudError {
                service: "DynamoDB",
                reason: "ProvisionedThroughputExceededException".to_owned(),
            }),
        }
    }
}

fn alice() -> Table {
    Table::With(SignUp::new(ALICE, "alice", Some("alice@example.org")).unwrap())
}

const POOL: &str = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";

/// A request with this `cognitoAuthenticationProvider`, to an API whose stage names the user pool.
fn signed_by(provider: &Value) -> ApiGatewayProxyRequest {
    let mut event = proxy_event("GET", "/me");
    // Parameters that a caller may write do not select another record.
    event["queryStringParameters"] = json!({ "user_id": ALICE, "sub": ALICE });
    event["multiValueQueryStringParameters"] = json!({ "user_id": [ALICE], "sub": [ALICE] });
    event["stageVariables"] = json!({ "UserPool": POOL });
    event["requestContext"]["identity"]["cognitoAuthenticationProvider"] = provider.clone();
    proxy_request(event)
}

fn user(sub: &str) -> ApiGatewayProxyRequest {
    signed_by(&json!(format!("{POOL},{POOL}:CognitoSignIn:{sub}")))
}

async fn ask(request: &ApiGatewayProxyRequest, table: &Table) -> (i64, Value) {
    let response = me::respond(request, table, &ORIGIN.parse().unwrap()).await;
    assert_readable_and_private(&response);
    (response.status_code, json_body(&response))
}

fn assert_readable_and_private(response: &ApiGatewayProxyResponse) {
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("cache-control", "no-store"),
        ("content-type", "application/json"),
        ("vary", "Origin"),
    ] {
        assert_eq!(response.headers.get(name).unwrap(), value, "{name}");
    }
}

#[tokio::test]
async fn a_user_gets_their_record() {
    let record = json!({ "user_id": ALICE, "username": "alice", "email": "alice@example.org" });
    assert_eq!(ask(&user(ALICE), &alice()).await, (200, record));
}

#[tokio::test]
async fn the_record_of_a_user_without_an_email_address_has_none() {
    let user_name = "Facebook_10204567";
    let table = Table::With(SignUp::new(ALICE, user_name, None).unwrap());
    let record = json!({ "user_id": ALICE, "username": user_name });
    assert_eq!(ask(&user(ALICE), &table).await, (200, record));
}

#[tokio::test]
async fn a_user_without_a_record_gets_404_and_no_other_record() {
    let (status, body) = ask(&user("another-user"), &alice()).await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({ "message": "There is no record of this user yet" })
    );
}

#[tokio::test]
async fn another_caller_has_no_record() {
    for provider in [
        Value::Null,
        json!(""),
        json!("graph.facebook.com"),
        json!("p,p:CognitoSignIn:"),
        json!(format!(
            "login.example.com,login.example.com:CognitoSignIn:{ALICE}"
        )),
        json!(format!("{POOL}9,{POOL}9:CognitoSignIn:{ALICE}")),
    ] {
        let (status, _) = ask(&signed_by(&provider), &alice()).await;
        assert_eq!(status, 403, "{provider}");
    }
}

#[tokio::test]
async fn a_table_that_fails_is_a_503_without_details() {
    let (status, body) = ask(&user(ALICE), &Table::Failing).await;
    assert_eq!(status, 503);
    assert_eq!(
        body,
        json!({ "message": "The record cannot be read at the moment" })
    );
}
