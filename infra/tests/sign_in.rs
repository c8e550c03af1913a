//! What the user pool and its client must offer for what the app offers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use infra::{Scope, Template};
use regex_lite::Regex;
use serde_json::{Value, json};

const POOL: &str = "Resources/UserPool/Properties";
const CLIENT: &str = "Resources/UserPoolClient/Properties";

fn template() -> Template {
    Template::read("template.yaml").unwrap()
}

fn with_managed_login(managed: bool) -> Scope<'static> {
    Scope {
        values: HashMap::from([
            ("AWS::Region", "eu-west-1".to_owned()),
            ("DomainPrefix", "example".to_owned()),
        ]),
        conditions: HashMap::from([("HasManagedLogin", managed)]),
    }
}

#[test]
fn managed_login_registers_passkeys_for_its_own_host() {
    let template = template();
    let scope = with_managed_login(true);
    let pool = |path: &str| scope.evaluate(template.at(&format!("{POOL}/{path}")).unwrap());
    let policy = pool("Policies/SignInPolicy").unwrap();
    assert_eq!(
        policy["AllowedFirstAuthFactors"],
        json!(["PASSWORD", "WEB_AUTHN"])
    );
    // What the browser shows as the address of the page that asks for the passkey.
    assert_eq!(
        pool("WebAuthnRelyingPartyID").unwrap(),
        "example.auth.eu-west-1.amazoncognito.com"
    );
    assert_eq!(pool("WebAuthnUserVerification").unwrap(), "preferred");
    assert!(flows(&template, &scope).contains(&json!("ALLOW_USER_AUTH")));
}

#[test]
fn the_classic_hosted_ui_has_passwords_only() {
    let template = template();
    let scope = with_managed_login(false);
    let policy = template.at(&format!("{POOL}/Policies/SignInPolicy"));
    assert_eq!(scope.evaluate(policy.unwrap()).unwrap(), Value::Null);
    assert!(!flows(&template, &scope).contains(&json!("ALLOW_USER_AUTH")));
}

/// Cognito refuses a client that has both this flow and rotation.
#[test]
fn no_client_refreshes_outside_the_token_endpoint() {
    for managed in [true, false] {
        let flows = flows(&template(), &with_managed_login(managed));
        assert!(!flows.contains(&json!("ALLOW_REFRESH_TOKEN_AUTH")));
        assert!(!flows.is_empty(), "Cognito's default has that flow");
    }
}

fn flows(template: &Template, scope: &Scope<'_>) -> Vec<Value> {
    let flows = template.at(&format!("{CLIENT}/ExplicitAuthFlows")).unwrap();
    let flows = flows.as_array().unwrap().iter();
    flows.map(|flow| scope.evaluate(flow).unwrap()).collect()
}

#[test]
fn the_scopes_of_the_client_are_a_parameter() {
    let template = template();
    assert_eq!(
        template.at(&format!("{CLIENT}/AllowedOAuthScopes")),
        Some(&json!({ "Ref": "AllowedOAuthScopes" }))
    );
    let parameter = template.at("Parameters/AllowedOAuthScopes").unwrap();
    assert_eq!(parameter["Type"], "CommaDelimitedList");
    assert_eq!(parameter["Default"], "openid,email,profile");
}

/// Cognito's own sender stops after 50 mails a day.
#[test]
fn mails_are_sent_through_ses_where_an_identity_is_named() {
    let template = template();
    let condition = template.at("Conditions/HasEmailIdentity").unwrap();
    assert_eq!(
        condition,
        &json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "EmailIdentityArn" }, ""] }] })
    );
    let email = template.at(&format!("{POOL}/EmailConfiguration")).unwrap();
    let mut scope = with_managed_login(true);
    scope.conditions.insert("HasEmailIdentity", false);
    assert_eq!(scope.evaluate(email).unwrap(), Value::Null);
    scope.conditions.insert("HasEmailIdentity", true);
    let email = scope.evaluate(email).unwrap();
    assert_eq!(email["EmailSendingAccount"], "DEVELOPER");
    assert_eq!(email["SourceArn"], json!({ "Ref": "EmailIdentityArn" }));

    let identity = allowed(&template, "EmailIdentityArn");
    assert!(identity.is_match(""));
    assert!(identity.is_match("arn:aws:ses:eu-west-1:123456789012:identity/example.com"));
    assert!(!identity.is_match("noreply@example.com"));
}

/// IAM names the provider by its URL. With a slash at the end, the identity pool refuses each token of that issuer.
#[test]
fn the_oidc_provider_in_iam_has_no_slash_at_its_end() {
    let template = template();
    let url = template
        .at("Resources/OidcProvider/Properties/Url")
        .unwrap();
    for (issuer, expected) in [
        (
            "https://example.eu.auth0.com/",
            "https://example.eu.auth0.com",
        ),
        ("https://example.okta.com", "https://example.okta.com"),
        ("https://id.example.com/a/b/", "https://id.example.com/a/b"),
        ("https://id.example.com/a/b", "https://id.example.com/a/b"),
    ] {
        let scope = Scope {
            values: HashMap::from([("OidcIssuer", issuer.to_owned())]),
            ..Scope::default()
        };
        assert_eq!(scope.text(url).unwrap(), expected);
    }
}

#[test]
fn the_issuer_of_a_federated_provider_has_no_slash_at_its_end() {
    let issuer = allowed(&template(), "FederatedIssuer");
    for good in [
        "",
        "https://example.eu.auth0.com",
        "https://id.example.com/a/b",
    ] {
        assert!(issuer.is_match(good), "{good}");
    }
    for bad in [
        "https://example.eu.auth0.com/",
        "http://example.com",
        "https://",
        "example.com",
    ] {
        assert!(!issuer.is_match(bad), "{bad}");
    }
}

fn allowed(template: &Template, parameter: &str) -> Regex {
    let pattern = template.at(&format!("Parameters/{parameter}/AllowedPattern"));
    Regex::new(pattern.unwrap().as_str().unwrap()).unwrap()
}
