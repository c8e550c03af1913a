//! `GET /me`, asked with events in the shape API Gateway sends (payload format 1.0).

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use serde_json::{Value, json};
use users::{CloudError, SignUp, UserId, UserTable};

const ORIGIN: &str = "https://example.org";
const ALICE: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

/// A table with one user in it, or one that answers nothing but errors.
#[derive(Debug)]
enum Table {
    With(SignUp),
    Failing,
}

impl UserTable for Table {
    async fn put(&self, _: &SignUp) -> Result<(), CloudError> {
        panic!("GET /me writes nothing")
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
    Table::With(SignUp::new(ALICE, "alice", "alice@example.org").unwrap())
}

fn signed_by(provider: &Value) -> ApiGatewayProxyRequest {
    serde_json::from_value(json!({
        "resource": "/me",
        "path": "/me",
        "httpMethod": "GET",
        "headers": { "x-amz-security-token": "SESSION" },
        "multiValueHeaders": {},
        // What a caller may write is no way to another's record.
        "queryStringParameters": { "user_id": ALICE, "sub": ALICE },
        "multiValueQueryStringParameters": { "user_id": [ALICE], "sub": [ALICE] },
        "requestContext": {
            "accountId": "111122223333",
            "apiId": "a1b2c3d4e5",
            "httpMethod": "GET",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "resourcePath": "/me",
            "stage": "latest",
            "identity": { "sourceIp": "203.0.113.7", "cognitoAuthenticationProvider": provider },
        },
        "body": null,
        "isBase64Encoded": false,
    }))
    .unwrap()
}

fn user(sub: &str) -> ApiGatewayProxyRequest {
    let pool = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
    signed_by(&json!(format!("{pool},{pool}:CognitoSignIn:{sub}")))
}

async fn ask(request: &ApiGatewayProxyRequest, table: &Table) -> (i64, Value) {
    let response = me::respond(request, table, &ORIGIN.parse().unwrap()).await;
    assert_readable_and_private(&response);
    match &response.body {
        Some(Body::Text(text)) => (response.status_code, serde_json::from_str(text).unwrap()),
        other => panic!("expected a text body, got {other:?}"),
    }
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
async fn a_user_without_a_record_is_told_so_and_gets_no_other() {
    let (status, body) = ask(&user("another-user"), &alice()).await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({ "message": "There is no record of this user yet" })
    );
}

#[tokio::test]
async fn who_is_no_user_of_the_pool_has_no_record() {
    for provider in [
        Value::Null,
        json!(""),
        json!("graph.facebook.com"),
        json!("p,p:CognitoSignIn:"),
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
