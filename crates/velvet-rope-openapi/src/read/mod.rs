//! From the tree of values to the model, in steps.

mod body;
mod check;
mod notes;
mod operation;
mod parameters;
mod schema;
mod security;
mod servers;

use std::{
    collections::{HashSet, VecDeque},
    mem,
};

use serde_json::{Map, Value};

use self::{
    notes::Notes,
    operation::{Context, Operations},
};
pub(crate) use self::{notes::follow, parameters::example};
use crate::error::{ProblemKind, Problems, ReadError};
use crate::limits::Limits;
use crate::model::{Document, SecurityScheme, Tag, Version};
use crate::pointer::At;

/// What a task counts as, in values that the syntax reader reads in the same time.
const TASK_STEPS: usize = 100;

/// A piece of the work that is done without a pause.
#[derive(Debug)]
enum Task {
    /// Read the path of this name, and check its references.
    Path(String),
    /// Check the component of this name in this section.
    Component(&'static str, String),
}

/// The sections of shared parts: `components/…` of OpenAPI 3, and those of Swagger 2.0.
const COMPONENTS: [&str; 7] = [
    "/components/schemas",
    "/components/parameters",
    "/components/requestBodies",
    "/components/responses",
    "/definitions",
    "/parameters",
    "/responses",
];

fn holds_schemas(section: &str) -> bool {
    section.ends_with("schemas") || section.ends_with("definitions")
}

/// A document whose text is read, and whose model is being made.
#[derive(Debug)]
pub(crate) struct Modelling {
    root: Value,
    limits: Limits,
    version: Version,
    schemes: Vec<SecurityScheme>,
    operations: Operations,
    tasks: VecDeque<Task>,
    task_count: usize,
    path_count: usize,
    notes: Notes,
}

impl Modelling {
    /// # Errors
    /// When `root` is no object, or of a version that this crate does not read.
    pub(crate) fn new(root: Value, limits: Limits, problems: Problems) -> Result<Self, ReadError> {
        let Value::Object(document) = &root else {
            return Err(ReadError::NotAnObject);
        };
        let version = version(document)?;
        let mut notes = Notes::new(problems, &limits);
        let mut schemes = Vec::new();
        let section = match version {
            Version::Swagger2 => "/securityDefinitions",
            Version::OpenApi30 | Version::OpenApi31 => "/components/securitySchemes",
        };
        if let Some(Value::Object(members)) = root.pointer(section) {
            schemes = security::schemes(&root, members, &At::Pointer(section), &mut notes);
        }
        let mut tasks = VecDeque::new();
        let paths = notes.object(document, "paths", &At::ROOT);
        tasks.extend(
            paths
                .into_iter()
                .flatten()
                .map(|(name, _)| Task::Path(name.clone())),
        );
        let path_count = tasks.len();
        for section in COMPONENTS {
            if let Some(Value::Object(members)) = root.pointer(section) {
                let names = members.keys();
                tasks.extend(names.map(|name| Task::Component(section, name.clone())));
            }
        }
        notes.check()?;
        Ok(Self {
            limits,
            version,
            schemes,
            operations: Operations::default(),
            task_count: tasks.len(),
            tasks,
            path_count,
            notes,
            root,
        })
    }

    /// How many of the tasks are done, and how many there are.
    pub(crate) fn amount(&self) -> (usize, usize) {
        (self.task_count - self.tasks.len(), self.task_count)
    }

    /// Works for about `steps`, at least one task; whether the model is complete.
    ///
    /// # Errors
    /// When the model takes more memory than it may.
    pub(crate) fn advance(&mut self, steps: usize) -> Result<bool, ReadError> {
        for _ in 0..=steps / TASK_STEPS {
            let Some(task) = self.tasks.pop_front() else {
                return Ok(true);
            };
            self.perform(&task);
            self.notes.check()?;
        }
        Ok(self.tasks.is_empty())
    }

    fn perform(&mut self, task: &Task) {
        let Self {
            root,
            version,
            schemes,
            operations,
            notes,
            ..
        } = self;
        match task {
            Task::Path(name) => {
                let Some(item) = root.get("paths").and_then(|paths| paths.get(name)) else {
                    return;
                };
                let context = Context {
                    root,
                    version: *version,
                    schemes,
                };
                operations.add_path(&context, name, item, notes);
                if !name.starts_with("x-") {
                    let at = At::ROOT.key("paths");
                    check::object(root, item, &at.key(name), notes);
                }
            }
            Task::Component(section, name) => {
                let section_at = At::Pointer(section);
                let at = section_at.key(name);
                let Some(value) = root.pointer(section).and_then(|members| members.get(name))
                else {
                    return;
                };
                if holds_schemas(section) {
                    check::schema(root, value, &at, notes);
                } else {
                    check::object(root, value, &at, notes);
                }
            }
        }
    }

    /// The model.
    ///
    /// # Errors
    /// When the model takes more memory than it may.
    pub(crate) fn finish(mut self) -> Result<Document, ReadError> {
        // Taken out so that the notes can change beside it.
        let root = mem::take(&mut self.root);
        let notes = &mut self.notes;
        let empty = Map::new();
        let document = root.as_object().unwrap_or(&empty);
        let info = notes.object(document, "info", &At::ROOT).unwrap_or(&empty);
        let at_info = At::ROOT.key("info");
        let title = notes.text(info, "title", &at_info).unwrap_or_default();
        let description = notes.text(info, "description", &at_info);
        let servers = servers::servers(self.version, document, &At::ROOT, notes);
        let mut tags = tags(document, notes);
        let mut known: HashSet<String> = tags.iter().map(|tag| tag.name.clone()).collect();
        for name in self
            .operations
            .list
            .iter()
            .flat_map(|operation| &operation.tags)
        {
            if known.insert(name.clone()) {
                tags.push(Tag {
                    name: name.clone(),
                    description: None,
                });
            }
        }
        let webhooks = notes.object(document, "webhooks", &At::ROOT);
        let webhook_count = webhooks.map_or(0, Map::len);
        notes.check()?;
        let Problems { list, omitted, .. } = self.notes.problems;
        Ok(Document {
            version: self.version,
            title,
            description,
            servers,
            tags,
            operations: self.operations.list,
            security_schemes: self.schemes,
            path_count: self.path_count,
            webhook_count,
            problems: list,
            omitted_problems: omitted,
            root,
            limits: self.limits,
        })
    }
}

fn tags(document: &Map<String, Value>, notes: &mut Notes) -> Vec<Tag> {
    let mut tags = Vec::new();
    for (index, item) in notes.list(document, "tags", &At::ROOT).iter().enumerate() {
        let at = At::ROOT.key("tags");
        let at = at.index(index);
        let Value::Object(tag) = item else {
            notes.wrong_type(&at, "a tag");
            continue;
        };
        let Some(name) = notes.text(tag, "name", &at) else {
            notes.problem(&at, ProblemKind::Missing("name"));
            continue;
        };
        let description = notes.text(tag, "description", &at);
        tags.push(Tag { name, description });
    }
    tags
}

fn version(document: &Map<String, Value>) -> Result<Version, ReadError> {
    let found = document.get("openapi").or_else(|| document.get("swagger"));
    let found = found.and_then(|value| match value {
        Value::String(text) => Some(text.clone()),
        // `swagger: 2.0` without quotes, in YAML.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let is = |version: &str| {
        let rest = found.as_deref().and_then(|text| text.strip_prefix(version));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if is("3.0") {
        Ok(Version::OpenApi30)
    } else if is("3.1") {
        Ok(Version::OpenApi31)
    } else if is("2.0") {
        Ok(Version::Swagger2)
    } else {
        Err(ReadError::UnsupportedVersion { found })
    }
}
