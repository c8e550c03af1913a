//! The optional parts of the system. A new part is a line in [`PARTS`], a template beside
//! `infra/template.yaml`, and a nested stack in there.

use anyhow::{Context as _, Result};

use super::{
    lambda,
    outputs::Route,
    package::{Package, short_digest},
};
use crate::workspace::Workspace;

/// A part that a system may have or not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// Its template, and the parameter of `infra/template.yaml` that takes the template's key.
    template: (&'static str, &'static str),
    /// The packages of its functions, each with the parameter that takes the key of its code.
    functions: &'static [(&'static str, &'static str)],
    /// Further parameters of `infra/template.yaml`, with their values on a local cloud.
    parameters: &'static [(&'static str, &'static str)],
    /// What it adds to the routes of the application.
    routes: &'static [Route],
}

/// The part whose accounts the application can offer, and what the names of its variants begin with.
pub(crate) const ACCOUNTS: &str = "accounts";

/// All parts there are.
pub(crate) static PARTS: [Part; 4] = [
    Part {
        name: "authorizer",
        template: ("infra/authorizer.yaml", "AuthorizerTemplateKey"),
        functions: &[("authorizer", "AuthorizerCodeKey")],
        parameters: &[],
        routes: &[
            Route {
                name: "Token route",
                method: "GET",
                path: "/require-token",
                auth: "bearer",
            },
            Route {
                name: "Request route",
                method: "GET",
                path: "/require-request",
                auth: "bearer",
            },
        ],
    },
    Part {
        name: ACCOUNTS,
        template: ("infra/accounts.yaml", "AccountsTemplateKey"),
        functions: &[("accounts", "AccountsCodeKey")],
        // Whoever signs out here wants to see that it holds at once.
        parameters: &[("AuthorizerCacheSeconds", "0")],
        routes: &[],
    },
    // The same with signed tokens, in place of the one before.
    Part {
        name: "accounts-jwt",
        template: ("infra/accounts.yaml", "AccountsTemplateKey"),
        functions: &[("accounts", "AccountsCodeKey")],
        parameters: &[("AuthorizerCacheSeconds", "0"), ("AccountsMode", "jwt")],
        routes: &[],
    },
    Part {
        name: "ingestion",
        template: ("infra/ingestion.yaml", "IngestionTemplateKey"),
        functions: &[
            ("post-confirmation", "PostConfirmationCodeKey"),
            ("user-metadata", "UserMetadataCodeKey"),
            ("users-worker", "UsersWorkerCodeKey"),
            ("users-stream", "UsersStreamCodeKey"),
            ("me", "MeCodeKey"),
        ],
        parameters: &[
            ("IngestionApiKeyValue", "velvet-rope-local-ingestion-key"),
            // Nobody wants to wait five minutes for a message to be given up.
            ("WorkerVisibilitySeconds", "10"),
            ("WorkerAttempts", "2"),
        ],
        routes: &[Route {
            name: "Own record",
            method: "GET",
            path: "/me",
            auth: "iam",
        }],
    },
];

/// The part of that name, for the command line.
///
/// # Errors
/// Names the parts that there are.
pub(crate) fn named(name: &str) -> Result<&'static Part, String> {
    PARTS.iter().find(|part| part.name == name).ok_or_else(|| {
        let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        format!("there is no such part; there is {}", names.join(", "))
    })
}

/// What a stack is made of: the function of every system, and the parts that this one has.
#[derive(Debug)]
pub(crate) struct Content {
    /// What the template is told of it.
    pub(crate) parameters: Vec<(&'static str, String)>,
    /// What is uploaded for it.
    pub(crate) packages: Vec<Package>,
    /// What it adds to the routes of the application.
    pub(crate) routes: Vec<Route>,
    /// The keys of the nested templates among the packages.
    templates: Vec<String>,
}

impl From<Package> for Content {
    /// A system without any optional part, whose demo API is `demo_api`.
    fn from(demo_api: Package) -> Self {
        Self {
            parameters: vec![("DemoApiCodeKey", demo_api.key.clone())],
            packages: vec![demo_api],
            routes: Vec::new(),
            templates: Vec::new(),
        }
    }
}

impl Content {
    /// Builds the functions of every system and of `parts`.
    ///
    /// # Errors
    /// When one does not compile or a template cannot be read.
    pub(crate) async fn build(workspace: &Workspace, parts: &[&'static Part]) -> Result<Self> {
        let mut content = Self::from(lambda::build(workspace, lambda::DEMO_API).await?);
        for (index, part) in parts.iter().enumerate() {
            if !parts.iter().take(index).any(|earlier| earlier == part) {
                content.add(workspace, part).await?;
            }
        }
        Ok(content)
    }

    async fn add(&mut self, workspace: &Workspace, part: &Part) -> Result<()> {
        let (file, parameter) = part.template;
        let file = workspace.file(file);
        let template =
            std::fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
        self.put_template(parameter, Package::of_template(part.name, template));
        for (package, parameter) in part.functions {
            self.put(parameter, lambda::build(workspace, package).await?);
        }
        let parameters = part.parameters.iter();
        self.parameters
            .extend(parameters.map(|&(name, value)| (name, value.to_owned())));
        self.routes.extend_from_slice(part.routes);
        Ok(())
    }

    fn put_template(&mut self, parameter: &'static str, template: Package) {
        self.templates.push(template.key.clone());
        self.put(parameter, template);
    }

    fn put(&mut self, parameter: &'static str, package: Package) {
        self.parameters.push((parameter, package.key.clone()));
        self.packages.push(package);
    }

    /// The template with a deployment of the API that is this content's own.
    ///
    /// A deployment is a snapshot of the API's routes, and CloudFormation takes a new one only under a new
    /// logical id. The number in the template's own id stands for what is written there; parts come and go
    /// without it, so they add a digest of their templates.
    pub(crate) fn name_deployment(&self, template: &str) -> String {
        if self.templates.is_empty() {
            return template.to_owned();
        }
        let digest = short_digest(self.templates.join(" ").as_bytes());
        let mut named = String::with_capacity(template.len() + 100);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once(DEPLOYMENT) {
            let number = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = after.split_at(number);
            named.push_str(before);
            named.push_str(DEPLOYMENT);
            named.push_str(number);
            if !number.is_empty() {
                named.push('x');
                named.push_str(&digest);
            }
            rest = after;
        }
        named.push_str(rest);
        named
    }
}

/// What the logical id of the deployment begins with, before its number.
const DEPLOYMENT: &str = "ApiDeployment";

#[cfg(test)]
mod tests {
    use super::*;

    fn content(templates: &[&str]) -> Content {
        let mut content = Content::from(Package::of_program("demo-api", b"program").unwrap());
        for template in templates {
            content.put_template("Key", Package::of_template("part", (*template).into()));
        }
        content
    }

    #[test]
    fn without_parts_the_template_is_deployed_as_it_is() {
        let template = "ApiDeployment1:\n  !Ref ApiDeployment1";
        assert_eq!(content(&[]).name_deployment(template), template);
    }

    #[test]
    fn parts_and_their_templates_give_the_deployment_another_id() {
        let template = "# An ApiDeployment\nApiDeployment12:\n!Ref ApiDeployment12\n";
        let one = content(&["one"]).name_deployment(template);
        let id = one.split(['\n', ':']).nth(1).unwrap();
        assert!(id.starts_with("ApiDeployment12x"), "{id}");
        assert!(id.chars().all(char::is_alphanumeric), "{id}");
        assert_eq!(one, format!("# An ApiDeployment\n{id}:\n!Ref {id}\n"));
        assert_ne!(content(&["two"]).name_deployment(template), one);
        assert_ne!(content(&["one", "two"]).name_deployment(template), one);
    }

    #[test]
    fn the_template_that_is_shipped_has_the_deployment_and_all_parameters_of_parts() {
        let template = include_str!("../../../infra/template.yaml");
        let named = content(&["one"]).name_deployment(template);
        let renamed = named.split(DEPLOYMENT).skip(1).filter(|after| {
            after
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .starts_with('x')
        });
        assert_eq!(
            renamed.count(),
            2,
            "where it is declared and where it is used"
        );
        for part in &PARTS {
            let functions = part.functions.iter().map(|(_, parameter)| parameter);
            for parameter in functions
                .chain([&part.template.1])
                .chain(part.parameters.iter().map(|(name, _)| name))
            {
                assert!(
                    template.contains(&format!("\n  {parameter}:\n")),
                    "{parameter}"
                );
            }
        }
    }

    #[test]
    fn a_part_that_there_is_not_is_answered_with_those_that_there_are() {
        assert_eq!(named("authorizer").unwrap().name, "authorizer");
        let message = named("authoriser").unwrap_err();
        assert!(
            message.ends_with("there is authorizer, accounts, accounts-jwt, ingestion"),
            "{message}"
        );
    }
}
