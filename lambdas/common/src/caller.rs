//! The caller of a signed request, from the identity that API Gateway adds to it.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use serde::Serialize;

/// The variable of the API's stage with the provider name of the user pool, such as
/// `cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI`. A caller cannot change it. It is not an environment
/// variable, because the stack of user ingestion is created before the user pool.
const USER_POOL_VARIABLE: &str = "UserPool";

/// The caller of a protected route. A field is null if the gateway does not know it: a caller with the keys of an IAM user
/// has neither an identity id nor a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caller<'a> {
    /// The id in the identity pool.
    pub identity_id: Option<&'a str>,
    /// The `sub` claim of the user in the user pool.
    pub user_sub: Option<&'a str>,
    /// The name of the role whose credentials signed the request.
    pub role: Option<&'a str>,
}

impl<'a> From<&'a ApiGatewayProxyRequest> for Caller<'a> {
    fn from(request: &'a ApiGatewayProxyRequest) -> Self {
        let identity = &request.request_context.identity;
        let user_pool = request.stage_variables.get(USER_POOL_VARIABLE);
        Self {
            identity_id: identity
                .cognito_identity_id
                .as_deref()
                .filter(|id| !id.is_empty()),
            user_sub: identity
                .cognito_authentication_provider
                .as_deref()
                .and_then(|provider| user_sub(provider, user_pool.map(String::as_str))),
            role: identity.user_arn.as_deref().and_then(role_name),
        }
    }
}

/// The sub in `PROVIDER,PROVIDER:CognitoSignIn:SUB`, where `PROVIDER` is a user pool: `expected`, if the stage names one.
///
/// The text must begin like this. An identity that is linked to several providers lists the others afterwards, with the
/// `sub` of each, which the provider chooses: a `sub` with a comma could look like another entry.
fn user_sub<'a>(provider: &'a str, expected: Option<&str>) -> Option<&'a str> {
    let (user_pool, rest) = provider.split_once(',')?;
    if !is_user_pool(user_pool) || expected.is_some_and(|expected| expected != user_pool) {
        return None;
    }
    let rest = rest
        .strip_prefix(user_pool)?
        .strip_prefix(":CognitoSignIn:")?;
    let sub = rest.split(',').next()?;
    let is_sub = !sub.is_empty()
        && sub
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_sub.then_some(sub)
}

/// Whether `text` is `cognito-idp.REGION.amazonaws.com/REGION_ID`.
fn is_user_pool(text: &str) -> bool {
    let parts = text
        .strip_prefix("cognito-idp.")
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(host, pool)| Some((host, pool.split_once('_')?)));
    let Some((host, (region, id))) = parts else {
        return false;
    };
    [".amazonaws.com", ".amazonaws.com.cn"]
        .iter()
        .any(|suffix| host.strip_suffix(suffix) == Some(region))
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The name in `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
fn role_name(user_arn: &str) -> Option<&str> {
    let (_, after) = user_arn.split_once(":assumed-role/")?;
    after.split('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
    const OTHER_POOL: &str = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Zz9";
    const SUB: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    fn signed_in(pool: &str) -> String {
        format!("{pool},{pool}:CognitoSignIn:{SUB}")
    }

    #[test]
    fn reads_the_sub_of_a_user_of_the_user_pool() {
        let linked = format!("{},accounts.google.com,graph.facebook.com", signed_in(POOL));
        for text in [signed_in(POOL), linked] {
            assert_eq!(user_sub(&text, None), Some(SUB), "{text}");
            assert_eq!(user_sub(&text, Some(POOL)), Some(SUB), "{text}");
        }
        let china = "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC";
        assert_eq!(user_sub(&signed_in(china), Some(china)), Some(SUB));
    }

    #[test]
    fn a_user_of_another_user_pool_is_no_user_of_this_one() {
        assert_eq!(user_sub(&signed_in(OTHER_POOL), Some(POOL)), None);
        let mixed = format!("{POOL},{OTHER_POOL}:CognitoSignIn:{SUB}");
        assert_eq!(user_sub(&mixed, None), None);
    }

    #[test]
    fn the_sub_of_another_provider_cannot_pass_for_a_user_of_the_user_pool() {
        let oidc = "arn:aws:iam::111122223333:oidc-provider/login.example.com";
        for text in [
            String::new(),
            "graph.facebook.com".to_owned(),
            POOL.to_owned(),
            format!("{POOL},{POOL}:CognitoSignIn:"),
            format!("{POOL},{POOL}:CognitoSignIn:a b"),
            format!("{POOL},{POOL}:CognitoSignIn:{SUB}:more"),
            format!("{POOL}:CognitoSignIn:{SUB}"),
            format!("p,p:CognitoSignIn:{SUB}"),
            format!("login.example.com,{oidc}:OIDC:x:CognitoSignIn:{SUB}"),
            format!("login.example.com,{oidc}:OIDC:x,{}", signed_in(POOL)),
            format!("login.example.com,login.example.com:CognitoSignIn:{SUB}"),
            format!("x{}", signed_in(POOL)),
        ] {
            assert_eq!(user_sub(&text, None), None, "{text}");
        }
    }

    #[test]
    fn only_the_name_of_a_user_pool_is_one() {
        for text in [
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-2_AbC",
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_",
            "cognito-idp.eu-west-1.amazonaws.com.example.org/eu-west-1_AbC",
            "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC/x",
            "cognito-idp.eu-west-1.amazonaws.com",
            "cognito-identity.amazonaws.com/eu-west-1_AbC",
        ] {
            assert!(!is_user_pool(text), "{text}");
        }
        assert!(is_user_pool(POOL));
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
