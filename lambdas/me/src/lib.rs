//! `GET /me`: the record of the caller.
//!
//! API Gateway has checked the signature and adds the identity of the caller; the `sub` in it is the key of the record.
//! Nothing else in the request selects the record, so a user cannot read the record of another.

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::http::StatusCode;
use lambda_common::{AllowedOrigin, Caller, answer, refusal};
use serde_json::{Value, json};
use users::{UserId, UserTable};

/// Answers one request, for readers at `allowed_origin`:
///
/// - 200 with `user_id`, `username` and, if there is one, `email`
/// - 403 if the caller is not a user of the user pool, for example a guest or an IAM user
/// - 404 if there is no record: the sign-up is still on its way, or the user never signed up
/// - 503 if the table cannot be read now
pub async fn respond(
    request: &ApiGatewayProxyRequest,
    table: &impl UserTable,
    allowed_origin: &AllowedOrigin,
) -> ApiGatewayProxyResponse {
    let (status, body) = record(request, table).await;
    answer(status, allowed_origin.headers(), &body)
}

async fn record(request: &ApiGatewayProxyRequest, table: &impl UserTable) -> (StatusCode, Value) {
    let caller = Caller::from(request);
    let Some(Ok(user_id)) = caller.user_sub.map(UserId::new) else {
        let message = "The caller is not a user of the user pool";
        return (StatusCode::FORBIDDEN, refusal(message));
    };
    match table.get(&user_id).await {
        Ok(Some(user)) => (StatusCode::OK, json!(user)),
        Ok(None) => (
            StatusCode::NOT_FOUND,
            refusal("There is no record of this user yet"),
        ),
        Err(error) => {
            tracing::error!(%error, user_id = user_id.as_str(), "not read");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                refusal("The record cannot be read at the moment"),
            )
        }
    }
}
