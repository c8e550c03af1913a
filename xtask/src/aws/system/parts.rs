//! The optional parts of the system. A new part is a line in [`PARTS`], a template beside
//! `infra/template.yaml`, and a nested stack in there.

use std::collections::HashMap;

use anyhow::{Context as _, Result};

use super::outputs::{DEMO_ROUTES, Offer, Offers, Route};
use crate::{
    aws::{
        cloudformation::parameters::Parameters,
        connection::location::Location,
        functions::{
            architecture::Architecture,
            lambda::{self, Compiler},
            package::Package,
        },
        ministack,
    },
    support::workspace::Workspace,
};

/// A part that a system may have or not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// Its template, and the parameter of `infra/template.yaml` that takes the template's key.
    template: (&'static str, &'static str),
    /// The templates nested in that one, likewise.
    nested_templates: &'static [(&'static str, &'static str)],
    /// The packages of its functions, each with the parameter that takes the key of its code.
    functions: &'static [(&'static str, &'static str)],
    /// Further parameters of `infra/template.yaml`, with their values on a local cloud.
    parameters: &'static [(&'static str, &'static str)],
    /// What it adds to what the application offers.
    pub(crate) offer: Offer,
}

/// The templates that are nested in `infra/template.yaml` in every system, each with the parameter that takes its key.
const TEMPLATES: [(&str, &str); 2] = [
    ("infra/api.yaml", "ApiTemplateKey"),
    ("infra/access.yaml", "AccessTemplateKey"),
];

/// All parts there are.
pub(crate) static PARTS: [Part; 4] = [
    Part {
        name: "authorizer",
        template: ("infra/authorizer.yaml", "AuthorizerTemplateKey"),
        nested_templates: &[],
        functions: &[("authorizer", "AuthorizerCodeKey")],
        parameters: &[],
        offer: Offer {
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
            record_path: None,
            accounts: false,
        },
    },
    Part {
        name: "accounts",
        template: ("infra/accounts.yaml", "AccountsTemplateKey"),
        nested_templates: &[],
        functions: &[("accounts", "AccountsCodeKey")],
        // A user who signs out in a demo expects it to take effect at once.
        parameters: &[("AuthorizerCacheSeconds", "0")],
        offer: Offer {
            routes: &[],
            record_path: None,
            accounts: true,
        },
    },
    Part {
        name: "ingestion",
        template: ("infra/ingestion.yaml", "IngestionTemplateKey"),
        nested_templates: &[("infra/ingestion-alarms.yaml", "IngestionAlarmsTemplateKey")],
        functions: &[
            ("post-confirmation", "PostConfirmationCodeKey"),
            ("user-metadata", "UserMetadataCodeKey"),
            ("users-worker", "UsersWorkerCodeKey"),
            ("users-stream", "UsersStreamCodeKey"),
            ("me", "MeCodeKey"),
        ],
        parameters: &[
            ("IngestionApiKeyValue", "velvet-rope-local-ingestion-key"),
            // Without this a test would wait five minutes until a message counts as dead.
            ("WorkerVisibilitySeconds", "10"),
            ("WorkerAttempts", "2"),
        ],
        offer: Offer {
            routes: &[Route {
                name: "Own record",
                method: "GET",
                path: "/me",
                auth: "iam",
            }],
            record_path: Some("/me"),
            accounts: false,
        },
    },
    Part {
        name: "todo",
        template: ("infra/todo.yaml", "TodoTemplateKey"),
        nested_templates: &[],
        functions: &[("todo", "TodoCodeKey")],
        parameters: &[],
        // Its routes have parameters and bodies: examples/todo calls them.
        offer: Offer {
            routes: &[],
            record_path: None,
            accounts: false,
        },
    },
];

/// Every route that a deployment may offer, of each system and of all parts.
pub(crate) fn known_routes() -> impl Iterator<Item = &'static Route> {
    DEMO_ROUTES
        .iter()
        .chain(PARTS.iter().flat_map(|part| part.offer.routes))
}

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

impl Part {
    /// The parameters of the template that name what it is made of. Empty, there is no such part.
    fn keys(&self) -> impl Iterator<Item = &'static str> {
        let nested = self.nested_templates.iter().chain(self.functions);
        std::iter::once(self.template.1).chain(nested.map(|(_, parameter)| *parameter))
    }
}

/// The parts of a stack whose parameters have these values.
pub(crate) fn of_stack<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Vec<&'static Part> {
    let mut found: Vec<&'static Part> = Vec::new();
    for part in &PARTS {
        let is_there = value(part.template.1).is_some_and(|key| !key.is_empty());
        // Of parts that share a template, the first: they differ in parameters, which the update keeps.
        if is_there && !found.iter().any(|other| other.template == part.template) {
            found.push(part);
        }
    }
    found
}

/// What a stack is made of: the function of every system, and the parts that this one has.
#[derive(Debug)]
pub(crate) struct Content {
    architecture: Architecture,
    /// What the template is told of it.
    parameters: Vec<(&'static str, String)>,
    /// What it is told as well on a local cloud.
    local_parameters: Vec<(&'static str, String)>,
    /// What is uploaded for it.
    pub(crate) packages: Vec<Package>,
    /// What it adds to what the application offers.
    pub(crate) offers: Offers,
    /// The keys of the nested templates among the packages.
    pub(crate) templates: Vec<String>,
}

impl Content {
    /// Builds the functions of every system and of `parts`.
    ///
    /// # Errors
    /// When one does not compile or a template cannot be read.
    pub(crate) async fn build(
        workspace: &Workspace,
        compiler: &Compiler,
        parts: &[&'static Part],
    ) -> Result<Self> {
        let chosen = |part: &&Part| parts.contains(part);
        let functions = PARTS.iter().filter(chosen).flat_map(|part| part.functions);
        let mut names = vec![lambda::DEMO_API];
        names.extend(functions.map(|(package, _)| *package));
        let mut packages = lambda::build(workspace, compiler, &names)
            .await?
            .into_iter();
        let demo_api = packages.next().context("no function was built")?;
        let mut content = Self::without_parts(compiler.architecture()?, demo_api);
        for &template in &TEMPLATES {
            content.add_template(workspace, template)?;
        }
        for part in PARTS.iter().filter(chosen) {
            content.add(workspace, part, packages.by_ref())?;
        }
        content.say_what_is_absent(&PARTS);
        Ok(content)
    }

    /// Says so each time, or an update would keep a part that is left out. Parts may share a template.
    fn say_what_is_absent(&mut self, parts: &[Part]) {
        for parameter in parts.iter().flat_map(Part::keys) {
            if !self.parameters.iter().any(|(name, _)| *name == parameter) {
                self.parameters.push((parameter, String::new()));
            }
        }
    }

    fn without_parts(architecture: Architecture, demo_api: Package) -> Self {
        Self {
            architecture,
            parameters: vec![("DemoApiCodeKey", demo_api.key.clone())],
            local_parameters: Vec::new(),
            packages: vec![demo_api],
            offers: Offers::default(),
            templates: Vec::new(),
        }
    }

    /// What the template is told, at `location`, of what the stack is made of.
    pub(crate) fn parameters(&self, location: &Location) -> Parameters {
        let mut parameters = Parameters::default();
        parameters.give("CodeBucket", location.code_bucket());
        parameters.give("Architecture", self.architecture.name());
        for (name, value) in &self.parameters {
            parameters.give(name, value);
        }
        if let Some(port) = location.local_port {
            let cloud = ministack::url(port);
            parameters.give("AccountsKeysEndpoint", format!("{cloud}/_aws/execute-api"));
            parameters.give("UserPoolEndpoint", cloud);
            // The local cloud has a login page of its own.
            parameters.give("ManagedLogin", "DISABLED");
            for (name, value) in &self.local_parameters {
                parameters.give(name, value);
            }
        }
        parameters
    }

    /// Adds `part`, the packages of whose functions are the next of `packages`.
    fn add(
        &mut self,
        workspace: &Workspace,
        part: &Part,
        packages: impl Iterator<Item = Package>,
    ) -> Result<()> {
        self.add_template(workspace, part.template)?;
        for &template in part.nested_templates {
            self.add_template(workspace, template)?;
        }
        for ((_, parameter), package) in part.functions.iter().zip(packages) {
            self.put(parameter, package);
        }
        let parameters = part.parameters.iter();
        self.local_parameters
            .extend(parameters.map(|&(name, value)| (name, value.to_owned())));
        self.offers.add(&part.offer);
        Ok(())
    }

    fn add_template(
        &mut self,
        workspace: &Workspace,
        (file, parameter): (&'static str, &'static str),
    ) -> Result<()> {
        let path = workspace.file(file);
        let template =
            std::fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        self.put_template(parameter, Package::of_template(&name, template));
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
}

/// The text of `infra/template.yaml`.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn template_text(workspace: &Workspace) -> Result<String> {
    let template = workspace.file("infra/template.yaml");
    std::fs::read_to_string(&template)
        .with_context(|| format!("could not read {}", template.display()))
}

/// Whether an update to `parameters` switches off a part that a stack with the values `kept` has.
pub(crate) fn any_leaves(kept: &HashMap<&str, &str>, parameters: &Parameters) -> bool {
    of_stack(|name| kept.get(name).copied())
        .iter()
        .any(|part| parameters.given(part.template.1) == Some(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::functions::package::Size;

    fn content(templates: &[&str]) -> Content {
        let demo_api = Package::of_program("demo-api", b"program", Size::Whole).unwrap();
        let mut content = Content::without_parts(Architecture::Arm64, demo_api);
        for template in templates {
            content.put_template("Key", Package::of_template("part", (*template).into()));
        }
        content
    }

    #[test]
    fn the_template_that_is_shipped_has_all_parameters_of_parts() {
        let template = include_str!("../../../../infra/template.yaml");
        for (_, parameter) in TEMPLATES {
            assert!(template.contains(&format!("\n  {parameter}:\n")));
        }
        for part in &PARTS {
            for parameter in part
                .keys()
                .chain(part.parameters.iter().map(|(name, _)| *name))
            {
                assert!(
                    template.contains(&format!("\n  {parameter}:\n")),
                    "{parameter}"
                );
            }
        }
    }

    #[tokio::test]
    async fn every_part_gives_the_keys_of_its_templates_and_of_its_functions() {
        let workspace = Workspace::find().await.unwrap();
        for part in &PARTS {
            let mut content = content(&[]);
            let packages = part.functions.iter();
            let packages = packages
                .map(|(name, _)| Package::of_program(name, b"program", Size::Whole).unwrap());
            content.add(&workspace, part, packages).unwrap();
            for parameter in part.keys() {
                let mut given = content.parameters.iter();
                let key = given
                    .find(|(name, _)| *name == parameter)
                    .map(|(_, key)| key);
                assert!(key.is_some_and(|key| !key.is_empty()), "{parameter}");
            }
        }
    }

    #[test]
    fn a_stack_has_the_parts_whose_templates_it_was_told() {
        let value = |name: &str| match name {
            "AuthorizerTemplateKey" => Some(""),
            "IngestionTemplateKey" => Some("ingestion-1.yaml"),
            _ => None,
        };
        let names: Vec<_> = of_stack(value).iter().map(|part| part.name).collect();
        assert_eq!(names, ["ingestion"]);
    }

    #[test]
    fn a_part_leaves_when_its_template_is_taken_away() {
        let kept = HashMap::from([
            ("AuthorizerTemplateKey", "authorizer-1.yaml"),
            ("IngestionTemplateKey", ""),
        ]);
        let mut parameters = Parameters::default();
        parameters.give("IngestionTemplateKey", "");
        parameters.give("AuthorizerTemplateKey", "authorizer-2.yaml");
        assert!(!any_leaves(&kept, &parameters));
        parameters.give("AuthorizerTemplateKey", "");
        assert!(any_leaves(&kept, &parameters));
    }

    #[test]
    fn only_parts_that_are_left_out_are_said_to_be_absent() {
        let mut content = content(&[]);
        content.put_template(
            "AuthorizerTemplateKey",
            Package::of_template("authorizer", "text".into()),
        );
        content.say_what_is_absent(&PARTS);
        content.say_what_is_absent(&PARTS);
        let value = |name: &str| {
            let mut values = content.parameters.iter().filter(|(key, _)| *key == name);
            let value = values.next().unwrap().1.clone();
            assert_eq!(values.next(), None);
            value
        };
        assert!(value("AuthorizerTemplateKey").starts_with("authorizer-"));
        assert_eq!(value("IngestionTemplateKey"), "");
        assert_eq!(value("MeCodeKey"), "");
    }

    #[test]
    fn what_makes_a_local_cloud_convenient_stays_there() {
        let mut content = content(&[]);
        content
            .local_parameters
            .push(("WorkerAttempts", "2".to_owned()));
        let given = |location: &Location| {
            let parameters = content.parameters(location);
            parameters
                .given
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        };
        let aws = given(&Location::for_tests(None));
        assert_eq!(aws, ["CodeBucket", "Architecture", "DemoApiCodeKey"]);
        let local = given(&Location::for_tests(Some(4566)));
        assert_eq!(
            local[3..],
            [
                "AccountsKeysEndpoint",
                "UserPoolEndpoint",
                "ManagedLogin",
                "WorkerAttempts"
            ]
        );
    }

    #[test]
    fn a_part_that_there_is_not_is_answered_with_those_that_there_are() {
        assert_eq!(named("authorizer").unwrap().name, "authorizer");
        let message = named("authoriser").unwrap_err();
        assert!(
            message.ends_with("there is authorizer, accounts, ingestion, todo"),
            "{message}"
        );
    }
}
