//! The base URLs of an API, with their variables filled in.

use serde_json::{Map, Value};

use super::notes::Notes;
use crate::error::ProblemKind;
use crate::model::{Server, Version};
use crate::pointer::At;

/// The variable that API Gateway exports the stage in.
const BASE_PATH: &str = "basePath";
/// URLs that one server stands for, because a variable has several values.
const MOST_URLS: usize = 16;
/// The length of a URL in bytes, with its variables filled in.
const LONGEST_URL: usize = 2_048;

/// The servers of a document, a path or an operation: `object`, which is at `at`.
pub(crate) fn servers(
    version: Version,
    object: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Vec<Server> {
    if version == Version::Swagger2 {
        return swagger(object, at, notes);
    }
    let mut servers = Vec::new();
    for (index, item) in notes.list(object, "servers", at).iter().enumerate() {
        if notes.is_exhausted() {
            break;
        }
        let at = at.key("servers");
        let at = at.index(index);
        let Value::Object(server) = item else {
            notes.wrong_type(&at, "a server");
            continue;
        };
        let Some(url) = notes.text(server, "url", &at) else {
            notes.problem(&at, ProblemKind::Missing("url"));
            continue;
        };
        let description = notes.text(server, "description", &at);
        for url in filled_in(&url, server, &at, notes) {
            servers.push(self::server(&url, description.as_ref(), notes));
        }
    }
    servers
}

/// The schemes, host and base path of Swagger 2.0. Without a scheme, it is https, the only one of API Gateway.
fn swagger(object: &Map<String, Value>, at: &At<'_>, notes: &mut Notes) -> Vec<Server> {
    let host = notes.text(object, "host", at);
    let path = notes.text(object, BASE_PATH, at).unwrap_or_default();
    let Some(host) = host else {
        if path.is_empty() {
            return Vec::new();
        }
        return vec![server(&path, None, notes)];
    };
    let mut schemes = notes.texts(object, "schemes", at);
    if schemes.is_empty() {
        schemes.push("https".to_owned());
    }
    let path = path.trim_start_matches('/');
    let schemes = schemes.iter().take(MOST_URLS);
    schemes
        .map(|scheme| server(&format!("{scheme}://{host}/{path}"), None, notes))
        .collect()
}

/// The URLs that a URL with variables stands for, the one with the defaults first.
fn filled_in(
    url: &str,
    server: &Map<String, Value>,
    at: &At<'_>,
    notes: &mut Notes,
) -> Vec<String> {
    let variables = notes.object(server, "variables", at);
    let mut urls = vec![String::new()];
    let mut rest = url;
    while let Some((before, variable)) = rest.split_once('{') {
        let Some((name, after)) = variable.split_once('}') else {
            break;
        };
        let at_variables = at.key("variables");
        let at_variable = at_variables.key(name);
        let variable = variables.and_then(|variables| variables.get(name));
        let values = variable.map(|variable| values(variable, &at_variable, notes));
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            notes.problem(at, ProblemKind::UndefinedVariable(name.to_owned()));
            return Vec::new();
        };
        urls = combined(&urls, before, &values);
        if urls.iter().any(|url| url.len() > LONGEST_URL) {
            notes.wrong_type(&at.key("url"), "a shorter URL");
            return Vec::new();
        }
        rest = after;
    }
    if rest.len() > LONGEST_URL {
        notes.wrong_type(&at.key("url"), "a shorter URL");
        return Vec::new();
    }
    for url in &mut urls {
        url.push_str(rest);
    }
    // The import of API Gateway takes the variable as the base path even if the URL does not name it.
    let base_path = variables.and_then(|variables| variables.get(BASE_PATH));
    if let Some(variable) = base_path.filter(|_| !url.contains("{basePath}")) {
        let at_variables = at.key("variables");
        for value in values(variable, &at_variables.key(BASE_PATH), notes) {
            let value = value.trim_start_matches('/');
            if value.len() <= LONGEST_URL && !value.is_empty() {
                urls.push(format!("{}/{value}", url.trim_end_matches('/')));
            }
        }
    }
    urls
}

/// Each of `urls`, continued with `before` and each of `values`.
fn combined(urls: &[String], before: &str, values: &[String]) -> Vec<String> {
    let all = values.iter().flat_map(|value| {
        urls.iter().map(move |url| {
            // A default such as `/prod` stands after a slash.
            let value = if before.ends_with('/') {
                value.trim_start_matches('/')
            } else {
                value
            };
            format!("{url}{before}{value}")
        })
    });
    all.take(MOST_URLS).collect()
}

/// The default of a variable, and then its other values.
fn values(variable: &Value, at: &At<'_>, notes: &mut Notes) -> Vec<String> {
    let Value::Object(variable) = variable else {
        notes.wrong_type(at, "a server variable");
        return Vec::new();
    };
    let mut values = Vec::from_iter(notes.text(variable, "default", at));
    for value in notes.texts(variable, "enum", at) {
        if values.len() < MOST_URLS && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn server(url: &str, description: Option<&String>, notes: &mut Notes) -> Server {
    let url = notes.copy(url.trim_end_matches('/'));
    Server {
        stage: stage(&url),
        description: description.map(|text| notes.copy(text)),
        url,
    }
}

/// The first segment of the path, if the host is one of API Gateway.
fn stage(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let is_gateway = host.contains(".execute-api.");
    let stage = path.split('/').next()?;
    (is_gateway && !stage.is_empty()).then(|| stage.to_owned())
}
