//! The user of the token, from the context that the authorizer returned.

use aws_lambda_events::apigw::ApiGatewayRequestAuthorizer;
use serde::Serialize;
use serde_json::Value;

/// The user of the token. A field is null if the token does not contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bearer<'a> {
    /// The `sub` claim.
    pub sub: Option<&'a str>,
    /// The `email` claim. Access tokens of Cognito have none.
    pub email: Option<&'a str>,
    /// The scopes, separated by spaces.
    pub scope: Option<&'a str>,
    /// The `iss` claim.
    pub issuer: Option<&'a str>,
}

impl<'a> From<&'a ApiGatewayRequestAuthorizer> for Bearer<'a> {
    fn from(authorizer: &'a ApiGatewayRequestAuthorizer) -> Self {
        let text = |name| authorizer.fields.get(name).and_then(Value::as_str);
        Self {
            sub: text("principalId"),
            email: text("email"),
            scope: text("scope"),
            issuer: text("issuer"),
        }
    }
}
