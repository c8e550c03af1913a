//! A nested stack and the template that it names must agree. cfn-lint looks at each template alone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use infra::Template;
use serde_json::Value;

/// The parameter that holds the key of a template in the code bucket, and the template.
const TEMPLATES: [(&str, &str); 7] = [
    ("ApiTemplateKey", "api.yaml"),
    ("AccessTemplateKey", "access.yaml"),
    ("AuthorizerTemplateKey", "authorizer.yaml"),
    ("AccountsTemplateKey", "accounts.yaml"),
    ("IngestionTemplateKey", "ingestion.yaml"),
    ("TodoTemplateKey", "todo.yaml"),
    ("AlarmsTemplateKey", "ingestion-alarms.yaml"),
];

/// A nested stack: the template that declares it, its logical id, its properties, and the template that it is made from.
struct Nested {
    parent: Template,
    id: String,
    properties: Value,
    template: Template,
}

fn nested_stacks() -> Vec<Nested> {
    let mut found = Vec::new();
    for parent in Template::all().unwrap() {
        for (id, stack) in parent.resources("AWS::CloudFormation::Stack") {
            let url = stack["Properties"]["TemplateURL"]["Fn::Sub"]
                .as_str()
                .unwrap();
            let (_, file) = TEMPLATES
                .into_iter()
                .find(|(key, _)| url.ends_with(&format!("/${{{key}}}")))
                .unwrap();
            found.push(Nested {
                parent: parent.clone(),
                id: id.to_owned(),
                properties: stack["Properties"].clone(),
                template: Template::read(file).unwrap(),
            });
        }
    }
    assert_eq!(found.len(), TEMPLATES.len());
    found
}

#[test]
fn every_nested_stack_is_given_the_parameters_that_its_template_declares() {
    for nested in nested_stacks() {
        let given = nested.properties["Parameters"].as_object().unwrap();
        let declared: BTreeSet<_> = nested.template.section("Parameters").collect_names();
        for name in given.keys() {
            assert!(declared.contains(name.as_str()), "{}: {name}", nested.id);
        }
        for (name, parameter) in nested.template.section("Parameters") {
            let is_optional = parameter.get("Default").is_some();
            assert!(
                is_optional || given.contains_key(name),
                "{} lacks {name}",
                nested.id
            );
        }
    }
}

#[test]
fn every_output_that_is_read_from_a_nested_stack_exists() {
    let mut read = 0;
    for nested in nested_stacks() {
        let outputs: BTreeSet<_> = nested.template.section("Outputs").collect_names();
        let marker = format!("{}.Outputs.", nested.id);
        for rest in nested.parent.text.split(&marker).skip(1) {
            let end = rest.find(|it: char| !it.is_ascii_alphanumeric());
            let name = &rest[..end.unwrap_or(rest.len())];
            assert!(outputs.contains(name), "{}: no output {name}", nested.id);
            read += 1;
        }
    }
    assert!(read > 15, "{read}");
}

#[test]
fn what_holds_data_of_users_stays_where_deployed_systems_have_it() {
    let template = Template::read("template.yaml").unwrap();
    for kind in [
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolDomain",
        "AWS::Cognito::IdentityPool",
        "AWS::KMS::Key",
        "AWS::ApiGateway::ApiKey",
    ] {
        assert_eq!(template.resources(kind).count(), 1, "{kind}");
    }
    for part in ["accounts.yaml", "ingestion.yaml", "todo.yaml"] {
        let part = Template::read(part).unwrap();
        assert!(part.resources("AWS::DynamoDB::Table").count() > 0);
    }
}

/// The local cloud does not know attributes of resources that an update of a nested stack leaves unchanged, so that a second
/// deployment with another `SiteUrl` would fail on it.
#[test]
fn the_stacks_that_most_updates_change_read_no_attributes() {
    for file in ["api.yaml", "access.yaml", "authorizer.yaml"] {
        let template = Template::read(file).unwrap();
        assert!(!template.text.contains("!GetAtt"), "{file}");
        for line in template.text.lines() {
            let reads = line.contains("${") && line.contains(".Arn}");
            assert!(!reads, "{file}: {line}");
        }
    }
}

trait Names<'a> {
    fn collect_names(self) -> BTreeSet<&'a str>;
}

impl<'a, I: Iterator<Item = (&'a str, &'a Value)>> Names<'a> for I {
    fn collect_names(self) -> BTreeSet<&'a str> {
        self.map(|(name, _)| name).collect()
    }
}
