//! Several systems in one account must not collide with each other, nor leave anything behind.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeSet, HashMap};

use infra::{Scope, Template};
use serde_json::Value;

/// The resources of CloudFront whose names are unique within the account, across all regions, with the place of the name.
const GLOBAL_NAMES: [(&str, &str); 4] = [
    ("Access", "OriginAccessControlConfig/Name"),
    ("Addresses", "Name"),
    ("Caching", "CachePolicyConfig/Name"),
    ("Headers", "ResponseHeadersPolicyConfig/Name"),
];

fn stack(region: &str, name: &str, id: &str) -> Scope<'static> {
    let arn = format!("arn:aws:cloudformation:{region}:123456789012:stack/{name}/{id}");
    Scope {
        values: HashMap::from([
            ("AWS::StackName", name.to_owned()),
            ("AWS::StackId", arn),
            ("AWS::Region", region.to_owned()),
        ]),
        ..Scope::default()
    }
}

fn names(scope: &Scope<'_>) -> Vec<String> {
    let template = Template::read("hosting.yaml").unwrap();
    let name = |(resource, path): (&str, &str)| {
        let name = template.at(&format!("Resources/{resource}/Properties/{path}"));
        scope.text(name.unwrap()).unwrap()
    };
    GLOBAL_NAMES.map(name).into()
}

#[test]
fn stacks_of_one_name_in_two_regions_have_names_of_their_own_in_cloudfront() {
    let ireland = names(&stack(
        "eu-west-1",
        "velvet-rope-hosting",
        "51af3dc0-da77-11e4-872e-1234567db123",
    ));
    let virginia = names(&stack(
        "us-east-1",
        "velvet-rope-hosting",
        "7f2e9c40-1b6d-11ef-9d3c-0abcdef01234",
    ));
    let ireland: BTreeSet<_> = ireland.into_iter().collect();
    assert!(virginia.iter().all(|name| !ireland.contains(name)));
}

#[test]
fn the_names_fit_the_64_characters_that_cloudfront_takes_for_any_stack() {
    let longest = "s".repeat(128);
    for name in names(&stack(
        "ap-southeast-1",
        &longest,
        "51af3dc0-da77-11e4-872e-1234567db123",
    )) {
        assert!(name.len() <= 64, "{name}");
        assert!(
            name.bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-'),
            "{name}"
        );
    }
}

#[test]
fn a_failed_first_deployment_keeps_only_what_the_account_needs() {
    let mut kept = Vec::new();
    for template in Template::all().unwrap() {
        for (name, resource) in template.section("Resources") {
            if resource.get("DeletionPolicy") == Some(&Value::from("Retain")) {
                kept.push(format!("{}: {name}", template.file));
            }
        }
    }
    // API Gateway goes on using the role: deleting AWS::ApiGateway::Account does not reset the setting that names it.
    assert_eq!(
        kept,
        ["api.yaml: ApiGatewayLogRole", "api.yaml: ApiGatewayAccount"]
    );
}
