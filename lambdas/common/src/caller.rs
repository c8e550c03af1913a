//! Who the gateway saw: read out of the identity block that it adds to a signed request.

use aws_lambda_events::apigw::ApiGatewayRequestIdentity;
use serde::Serialize;

/// The caller of a protected route. A field is null where the gateway says nothing: a caller with
/// an IAM user's keys has neither an identity id nor a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caller<'a> {
    /// The id in the identity pool.
    pub identity_id: Option<&'a str>,
    /// The `sub` claim of the user in the user pool.
    pub user_sub: Option<&'a str>,
    /// The name of the role whose credentials signed the request.
    pub role: Option<&'a str>,
}

impl<'a> From<&'a ApiGatewayRequestIdentity> for Caller<'a> {
    fn from(identity: &'a ApiGatewayRequestIdentity) -> Self {
        Self {
            identity_id: identity
                .cognito_identity_id
                .as_deref()
                .filter(|id| !id.is_empty()),
            user_sub: identity
                .cognito_authentication_provider
                .as_deref()
                .and_then(user_sub),
            role: identity.user_arn.as_deref().and_then(role_name),
        }
    }
}

/// The sub in `PROVIDER,PROVIDER:CognitoSignIn:SUB`.
fn user_sub(authentication_provider: &str) -> Option<&str> {
    let (_, after) = authentication_provider.split_once(":CognitoSignIn:")?;
    // An identity linked to several providers lists the others after a comma.
    after.split(',').next().filter(|sub| !sub.is_empty())
}

/// The name in `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
fn role_name(user_arn: &str) -> Option<&str> {
    let (_, after) = user_arn.split_once(":assumed-role/")?;
    after.split('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
    const SUB: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    #[test]
    fn reads_the_sub_after_the_sign_in_marker() {
        let text = format!("{PROVIDER},{PROVIDER}:CognitoSignIn:{SUB}");
        assert_eq!(user_sub(&text), Some(SUB));
    }

    #[test]
    fn stops_the_sub_at_the_next_linked_provider() {
        let text = format!("{PROVIDER},{PROVIDER}:CognitoSignIn:{SUB},accounts.google.com");
        assert_eq!(user_sub(&text), Some(SUB));
    }

    #[test]
    fn finds_no_sub_where_another_provider_signed_the_user_in() {
        for text in ["", "graph.facebook.com", PROVIDER, "p,p:CognitoSignIn:"] {
            assert_eq!(user_sub(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_role_name_in_every_partition() {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let arn = format!(
                "arn:{partition}:sts::111122223333:assumed-role/demo-AuthenticatedRole-X1/CognitoIdentityCredentials"
            );
            assert_eq!(role_name(&arn), Some("demo-AuthenticatedRole-X1"));
        }
    }

    #[test]
    fn finds_no_role_where_the_caller_is_a_user() {
        for arn in [
            "",
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:sts::1:assumed-role/",
        ] {
            assert_eq!(role_name(arn), None, "{arn}");
        }
    }
}
