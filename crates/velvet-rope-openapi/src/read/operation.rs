//! The operations of one path.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{body, notes::Notes, parameters::Parameters, security, servers};
use crate::error::ProblemKind;
use crate::model::{Method, Operation, Response, SecurityScheme, Server, Version};
use crate::pointer::At;

/// What the operations of a document share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'v> {
    pub(crate) root: &'v Value,
    pub(crate) version: Version,
    pub(crate) schemes: &'v [SecurityScheme],
}

/// The operations that have been read, and their ids.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    pub(crate) list: Vec<Operation>,
    ids: HashSet<String>,
}

/// The members of a path that are operations.
fn method(key: &str) -> Option<Method> {
    match key {
        "delete" => Some(Method::Delete),
        "get" => Some(Method::Get),
        "head" => Some(Method::Head),
        "options" => Some(Method::Options),
        "patch" => Some(Method::Patch),
        "post" => Some(Method::Post),
        "put" => Some(Method::Put),
        "trace" => Some(Method::Trace),
        "x-amazon-apigateway-any-method" => Some(Method::Any),
        _ => None,
    }
}

/// The members of a path that are no operations.
const OTHER_MEMBERS: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];

/// A path of the document.
#[derive(Clone, Copy, Debug)]
struct Path<'v, 'a> {
    template: &'v str,
    item: &'v Map<String, Value>,
    at: At<'a>,
    servers: &'a [Server],
}

impl Operations {
    /// Reads the path `template`, whose value is `item`.
    pub(crate) fn add_path(
        &mut self,
        context: &Context<'_>,
        template: &str,
        item: &Value,
        notes: &mut Notes,
    ) {
        if template.starts_with("x-") {
            return;
        }
        let at = At::ROOT.key("paths");
        let at = at.key(template);
        if !template.starts_with('/') {
            notes.problem(&at, ProblemKind::PathWithoutSlash);
        }
        let Some(target) = notes.follow(context.root, item, &at) else {
            return;
        };
        let at = target.at(at);
        let Value::Object(item) = target.value else {
            notes.wrong_type(&at, "a path item");
            return;
        };
        let servers = match context.version {
            Version::Swagger2 => Vec::new(),
            version => servers::servers(version, item, &at, notes),
        };
        let path = Path {
            template,
            item,
            at,
            servers: &servers,
        };
        for (key, value) in item {
            if notes.is_exhausted() {
                break;
            }
            let at = at.key(key);
            let Some(method) = method(key) else {
                if !(OTHER_MEMBERS.contains(&key.as_str()) || key.starts_with("x-")) {
                    notes.problem(&at, ProblemKind::UnexpectedMember);
                }
                continue;
            };
            let Value::Object(operation) = value else {
                notes.wrong_type(&at, "an operation");
                continue;
            };
            self.add(context, &path, method, operation, &at, notes);
        }
    }

    fn add(
        &mut self,
        context: &Context<'_>,
        path: &Path<'_, '_>,
        method: Method,
        operation: &Map<String, Value>,
        at: &At<'_>,
        notes: &mut Notes,
    ) {
        notes.charge(512);
        let Context { root, version, .. } = *context;
        let mut parameters = Parameters::default();
        parameters.add(root, path.item, &path.at, notes);
        parameters.add(root, operation, at, notes);
        let is_greedy = parameters.add_path_variables(path.template, notes);
        let body = body::body(root, version, operation, &parameters, at, notes);
        let security = security::of_operation(root, context.schemes, operation, at, notes);
        let mut servers = match version {
            Version::Swagger2 => Vec::new(),
            version => servers::servers(version, operation, at, notes),
        };
        if servers.is_empty() {
            for server in path.servers {
                notes.charge(server.url.len() + 128);
                servers.push(server.clone());
            }
        }
        let id = self.id(method, path.template, operation, at, notes);
        self.list.push(Operation {
            id,
            method,
            answers: answers(method, path.item),
            path: notes.copy(path.template),
            is_greedy,
            summary: notes.text(operation, "summary", at),
            description: notes.text(operation, "description", at),
            is_deprecated: notes.flag(operation, "deprecated", at).unwrap_or_default(),
            tags: notes.texts(operation, "tags", at),
            parameters: parameters.list,
            body,
            responses: responses(root, operation, at, notes),
            protection: security.protection,
            uses_api_key: security.uses_api_key,
            security: security.alternatives,
            servers,
            pointer: at.to_string(),
        });
    }

    /// An id that no other operation has.
    fn id(
        &mut self,
        method: Method,
        path: &str,
        operation: &Map<String, Value>,
        at: &At<'_>,
        notes: &mut Notes,
    ) -> String {
        let declared = notes.text(operation, "operationId", at);
        let declared = declared.filter(|id| !id.is_empty());
        if let Some(id) = declared {
            notes.charge(id.len());
            if self.ids.insert(id.clone()) {
                return id;
            }
            let at = at.key("operationId");
            notes.problem(&at, ProblemKind::DuplicateOperationId(id));
        }
        notes.charge(path.len() * 2);
        let mut id = format!("{method} {path}");
        // Another operation can have it as its operationId.
        while !self.ids.insert(id.clone()) {
            id.push('\'');
        }
        id
    }
}

/// The methods that an operation answers on the path `item`.
fn answers(method: Method, item: &Map<String, Value>) -> Vec<Method> {
    if method != Method::Any {
        return vec![method];
    }
    let has = |method: &Method| item.contains_key(&method.as_str().to_ascii_lowercase());
    let all = Method::ANSWERED_BY_ANY.into_iter();
    all.filter(|method| !has(method)).collect()
}

fn responses(
    root: &Value,
    operation: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Vec<Response> {
    let mut list = Vec::new();
    let responses = notes.object(operation, "responses", at);
    for (status, value) in responses.into_iter().flatten() {
        if notes.is_exhausted() {
            break;
        }
        if status.starts_with("x-") {
            continue;
        }
        let at = at.key("responses");
        let at = at.key(status);
        let target = notes.follow(root, value, &at);
        let description = target.and_then(|target| {
            let at = target.at(at);
            let Value::Object(response) = target.value else {
                notes.wrong_type(&at, "a response");
                return None;
            };
            notes.text(response, "description", &at)
        });
        notes.charge(64);
        let status = notes.copy(status);
        list.push(Response {
            status,
            description,
        });
    }
    list
}
