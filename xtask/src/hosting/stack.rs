//! The stack of `infra/hosting.yaml`.

use anyhow::{Context as _, Result};
use aws_sdk_cloudformation::types::Stack;
use hosting_rules::{HSTS_SECONDS, Headers};

use crate::{
    aws::{
        cloudformation::{
            approval::Approval,
            change_set::Template,
            changes::{Action, Change},
            parameters::Parameters,
            stack::{StackClient, outputs},
            template,
            update::{Plan, Update},
        },
        connection::target::Target,
    },
    support::workspace::Workspace,
};

/// The resource that publishing changes, and nothing else of the stack.
const HEADERS_POLICY: &str = "AWS::CloudFront::ResponseHeadersPolicy";

/// The stack of a site.
#[derive(Debug)]
pub(crate) struct HostingStack<'a> {
    /// The account and region.
    pub(crate) target: &'a Target,
    /// The name of the stack.
    pub(crate) name: String,
    template: String,
    /// Values for `DomainName`, `CertificateArn` and `PriceClass`. Other parameters keep their values.
    chosen: Vec<(&'static str, String)>,
}

/// Where a site is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its origin, without a slash at the end.
    pub(crate) site_url: String,
    /// The bucket with its files.
    pub(crate) bucket: String,
    /// The id of its CloudFront distribution.
    pub(crate) distribution: String,
}

impl<'a> HostingStack<'a> {
    /// The stack `name`, whose parameters `chosen` are to have these values.
    ///
    /// # Errors
    /// When the template cannot be read.
    pub(crate) fn new(
        workspace: &Workspace,
        target: &'a Target,
        name: String,
        chosen: Vec<(&'static str, String)>,
    ) -> Result<Self> {
        let file = workspace.file("infra/hosting.yaml");
        let template = std::fs::read_to_string(&file)
            .with_context(|| format!("could not read {}", file.display()))?;
        Ok(Self {
            target,
            name,
            template,
            chosen,
        })
    }

    /// The place of the site; `None` when the stack does not exist or failed.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn place(&self) -> Result<Option<Place>> {
        let stack = StackClient::new(self.target, &self.name).describe().await?;
        // A stack that was rolled back has no outputs.
        Ok(stack.and_then(|stack| place_of(&stack).ok()))
    }

    /// Works out what would change in the stack with `headers`, or with the headers that it has. A new stack has those
    /// of the template, which allow nothing. `None` when the user does not agree to delete a stack whose creation
    /// failed.
    ///
    /// # Errors
    /// When CloudFormation refuses.
    pub(crate) async fn plan(
        &self,
        headers: Option<&Headers>,
        approval: Approval,
    ) -> Result<Option<Plan<'a>>> {
        let Some(update) = Update::begin(self.target, &self.name, approval).await? else {
            return Ok(None);
        };
        let mut parameters = Parameters::default();
        let headers = headers.into_iter().flat_map(header_parameters);
        for (name, value) in self.chosen.iter().cloned().chain(headers) {
            parameters.give(name, value);
        }
        let known = template::parameters(&self.template);
        parameters.require_known(&known)?;
        let template = Template::Body(self.template.clone());
        update.plan(template, &known, &parameters).await.map(Some)
    }
}

/// The place of the site of a stack.
///
/// # Errors
/// When an output is missing.
pub(crate) fn place_of(stack: &Stack) -> Result<Place> {
    let mut outputs = outputs(stack);
    let mut required = |name| {
        let value = outputs.remove(name);
        value.with_context(|| format!("the hosting stack has no output {name}"))
    };
    Ok(Place {
        site_url: required("SiteUrl")?,
        bucket: required("BucketName")?,
        distribution: required("DistributionId")?,
    })
}

/// Whether `changes` are only those that a publication makes.
pub(crate) fn are_only_headers(changes: &[Change]) -> bool {
    changes
        .iter()
        .all(|change| change.kind == HEADERS_POLICY && change.action == Action::Modify)
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
    use aws_sdk_cloudformation::types::Output;

    use super::*;

    fn change(action: Action, kind: &str) -> Change {
        Change {
            action,
            resource: "Headers".to_owned(),
            kind: kind.to_owned(),
            old_one_stays: None,
        }
    }

    #[test]
    fn only_the_headers_policy_changes_without_another_question() {
        let headers = change(Action::Modify, HEADERS_POLICY);
        assert!(are_only_headers(std::slice::from_ref(&headers)));
        for other in [
            change(Action::Modify, "AWS::CloudFront::Distribution"),
            change(Action::Replace, HEADERS_POLICY),
            change(Action::Remove, HEADERS_POLICY),
        ] {
            assert!(!are_only_headers(&[headers.clone(), other]));
        }
    }

    #[test]
    fn the_template_has_the_parameters_that_are_given_and_fits_into_a_request() {
        let template = include_str!("../../../infra/hosting.yaml");
        let known = template::parameters(template);
        for name in ["DomainName", "CertificateArn", "PriceClass"] {
            assert!(known.contains(&name), "{name}");
        }
        let headers = Headers::new(
            &hosting_rules::Page::placeholder(),
            &hosting_rules::Destinations::of(crate::hosting::release::tests::CONFIG_JSON).unwrap(),
        );
        for (name, _) in header_parameters(&headers) {
            assert!(known.contains(&name), "{name}");
        }
        // CreateChangeSet, TemplateBody.
        assert!(template.len() <= 51_200);
    }

    #[test]
    fn names_the_output_that_is_missing() {
        let output = Output::builder()
            .output_key("SiteUrl")
            .output_value("https://site.example.com");
        let stack = Stack::builder().outputs(output.build()).build();
        let failure = place_of(&stack).unwrap_err();
        assert!(failure.to_string().contains("BucketName"), "{failure}");
    }
}
