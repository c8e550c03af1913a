//! The stack of `infra/hosting.yaml`.

use anyhow::{Context as _, Result};
use aws_sdk_cloudformation::{Client, types::Stack as Description};
use aws_types::SdkConfig;
use hosting_rules::{HSTS_SECONDS, Headers};

use super::change::{self, Change};
use crate::support::workspace::Workspace;

/// The template's parameters. An update gives those that it does not name their defaults: the site would lose its
/// address and its headers.
const PARAMETERS: [&str; 9] = [
    "DomainName",
    "CertificateArn",
    "PriceClass",
    "ContentSecurityPolicy",
    "StrictTransportSecuritySeconds",
    "ReferrerPolicy",
    "PermissionsPolicy",
    "CrossOriginOpenerPolicy",
    "CrossOriginResourcePolicy",
];

/// A stack that holds a site.
#[derive(Debug)]
pub(crate) struct Stack<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Values for parameters that are not headers.
    pub(crate) chosen: &'a [(&'static str, String)],
}

/// Where a site is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its origin, without a slash at the end.
    pub(crate) site_url: String,
    /// The bucket of its files.
    pub(crate) bucket: String,
    /// The id of the distribution in front.
    pub(crate) distribution: String,
}

impl Stack<'_> {
    /// Where the site is, if the stack is there already.
    ///
    /// # Errors
    /// When CloudFormation does not tell.
    pub(crate) async fn place(&self, sdk_config: &SdkConfig) -> Result<Option<Place>> {
        let stack = change::describe(&Client::new(sdk_config), self.name).await?;
        // A stack that was rolled back has no outputs.
        Ok(stack.and_then(|stack| place(&stack).ok()))
    }

    /// Creates the stack or brings it up to date, with `headers`, or with those that it has. A new one has the
    /// template's own, which let nothing run.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn deploy(
        &self,
        workspace: &Workspace,
        sdk_config: &SdkConfig,
        headers: Option<&Headers>,
    ) -> Result<Place> {
        let file = workspace.file("infra/hosting.yaml");
        let template = std::fs::read_to_string(&file)
            .with_context(|| format!("could not read {}", file.display()))?;
        let client = Client::new(sdk_config);
        let existing = change::describe(&client, self.name).await?;
        let mut said = self.chosen.to_vec();
        said.extend(headers.into_iter().flat_map(header_parameters));
        let change = Change {
            stack: self.name,
            template: &template,
            parameters: parameters(existing.as_ref(), &said),
        };
        place(&change.make(&client).await?)
    }
}

/// What is `said`, and of the `existing` stack what nothing is said about.
fn parameters(
    existing: Option<&Description>,
    said: &[(&'static str, String)],
) -> Vec<(&'static str, String)> {
    let value = |name: &'static str| {
        let said = said.iter().find(|(said, _)| *said == name);
        let mut before = existing.into_iter().flat_map(Description::parameters);
        let before = before.find(|parameter| parameter.parameter_key() == Some(name));
        let before = before.and_then(|parameter| parameter.parameter_value());
        let value = said.map_or(before, |(_, value)| Some(value))?;
        Some((name, value.to_owned()))
    };
    PARAMETERS.into_iter().filter_map(value).collect()
}

fn place(stack: &Description) -> Result<Place> {
    let required = |name| {
        let mut outputs = stack.outputs().iter();
        let output = outputs.find(|output| output.output_key() == Some(name));
        let value = output.and_then(|output| output.output_value().map(str::to_owned));
        value.with_context(|| format!("the stack of the site has no output {name}"))
    };
    Ok(Place {
        site_url: required("SiteUrl")?,
        bucket: required("BucketName")?,
        distribution: required("DistributionId")?,
    })
}

fn header_parameters(headers: &Headers) -> [(&'static str, String); 6] {
    [
        (
            "ContentSecurityPolicy",
            headers.content_security_policy.clone(),
        ),
        ("StrictTransportSecuritySeconds", HSTS_SECONDS.to_string()),
        ("ReferrerPolicy", headers.referrer_policy.to_owned()),
        ("PermissionsPolicy", headers.permissions_policy.clone()),
        (
            "CrossOriginOpenerPolicy",
            headers.cross_origin_opener_policy.to_owned(),
        ),
        (
            "CrossOriginResourcePolicy",
            headers.cross_origin_resource_policy.to_owned(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::{Output, Parameter};

    use super::*;

    fn existing() -> Description {
        let parameter = |key, value| {
            Parameter::builder()
                .parameter_key(key)
                .parameter_value(value)
                .build()
        };
        Description::builder()
            .parameters(parameter("DomainName", "app.example.com"))
            .parameters(parameter("PriceClass", "PriceClass_All"))
            .parameters(parameter("ContentSecurityPolicy", "old"))
            .build()
    }

    #[test]
    fn an_update_keeps_what_nothing_is_said_about() {
        let said = [("PriceClass", "PriceClass_100".to_owned())];
        assert_eq!(
            parameters(Some(&existing()), &said),
            [
                ("DomainName", "app.example.com".to_owned()),
                ("PriceClass", "PriceClass_100".to_owned()),
                ("ContentSecurityPolicy", "old".to_owned()),
            ]
        );
        assert_eq!(parameters(None, &said), said);
    }

    #[test]
    fn every_parameter_of_the_template_is_known_here() {
        let template = include_str!("../../../infra/hosting.yaml");
        let section = template.split("\nParameters:\n").nth(1).unwrap();
        let section = section.split("\nConditions:\n").next().unwrap();
        let names = section
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
        let mut names: Vec<&str> = names.filter(|name| !name.starts_with(' ')).collect();
        let mut known = PARAMETERS.to_vec();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
    }

    #[test]
    fn names_the_output_that_is_missing() {
        let output = Output::builder()
            .output_key("SiteUrl")
            .output_value("https://site.example.com");
        let stack = Description::builder().outputs(output.build()).build();
        let failure = place(&stack).unwrap_err();
        assert!(failure.to_string().contains("BucketName"), "{failure}");
    }
}
