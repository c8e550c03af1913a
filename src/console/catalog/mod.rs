//! The operations that can be called: the routes of the configuration, and those of an API description.

mod filter;
pub(super) mod protection;

use std::sync::Arc;

use velvet_rope::{Method, Route};
use velvet_rope_openapi::{self as openapi, Document, Operation};

pub(super) use self::filter::{Filter, Row, rows};
use self::protection::Protection;

/// The group of the routes of the configuration.
const CONFIGURED: &str = "Configured routes";
/// The group of operations without a tag.
const UNTAGGED: &str = "Other operations";

/// An operation in the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Method and path, `GET /items/{id}`: what links name.
    pub(super) key: String,
    /// The method as it is shown, `ANY` for several.
    pub(super) method: &'static str,
    /// The methods that can be sent.
    pub(super) methods: Vec<Method>,
    /// The path below the stage.
    pub(super) path: String,
    /// What it is for; empty if the document does not say.
    pub(super) title: String,
    /// The group.
    pub(super) tag: String,
    pub(super) protection: Protection,
    pub(super) is_deprecated: bool,
    /// Its position among the operations of the document.
    operation: Option<usize>,
    /// What the search looks in, in lower case.
    haystack: String,
}

/// All operations, and the document that some of them are from.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalog {
    pub(super) entries: Vec<Entry>,
    pub(super) document: Option<Arc<Document>>,
}

/// By the document and the number of operations: the configuration does not change while the page is open.
impl PartialEq for Catalog {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.document, &other.document) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        same && self.entries.len() == other.entries.len()
    }
}

impl Catalog {
    /// The routes of the configuration, and behind them the operations of a document, by tag. A route that the document
    /// describes too is in the list once.
    pub(super) fn new(routes: &[Route], document: Option<Arc<Document>>) -> Self {
        let operations = document
            .as_deref()
            .map_or(&[][..], |document| &document.operations);
        let mut entries: Vec<Entry> = Vec::new();
        for route in routes {
            let described = operations
                .iter()
                .position(|operation| describes(operation, route));
            entries.push(of_route(route, described));
        }
        let mut of_document: Vec<Entry> = Vec::new();
        for (position, operation) in operations.iter().enumerate() {
            let is_listed = entries
                .iter()
                .any(|entry| entry.operation == Some(position));
            if !is_listed {
                of_document.extend(of_operation(operation, position));
            }
        }
        let order: Vec<&str> = document
            .iter()
            .flat_map(|document| document.tags.iter().map(|tag| &*tag.name))
            .collect();
        // The order of the tags is that of the document; within a tag, operations keep theirs.
        of_document.sort_by_key(|entry| {
            let known = order.iter().position(|tag| *tag == entry.tag);
            (known.unwrap_or(usize::MAX), entry.tag == UNTAGGED)
        });
        let mut grouped: Vec<Entry> = Vec::with_capacity(of_document.len());
        let mut tags: Vec<String> = Vec::new();
        for entry in &of_document {
            if !tags.contains(&entry.tag) {
                tags.push(entry.tag.clone());
            }
        }
        for tag in tags {
            grouped.extend(of_document.iter().filter(|entry| entry.tag == tag).cloned());
        }
        entries.extend(grouped);
        Self { entries, document }
    }

    /// The entry with this key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// What the document says about an entry.
    pub(super) fn operation(&self, entry: &Entry) -> Option<&Operation> {
        self.document.as_ref()?.operations.get(entry.operation?)
    }
}

fn describes(operation: &Operation, route: &Route) -> bool {
    let path = route.path.split('?').next().unwrap_or_default();
    operation.method.as_str() == route.method.as_str() && operation.path == path
}

fn of_route(route: &Route, operation: Option<usize>) -> Entry {
    Entry {
        key: [route.method.as_str(), " ", &route.path].concat(),
        method: route.method.as_str(),
        methods: vec![route.method],
        path: route.path.clone(),
        title: route.name.clone(),
        tag: CONFIGURED.to_owned(),
        protection: route.auth.into(),
        is_deprecated: false,
        operation,
        haystack: [&route.name, " ", route.method.as_str(), " ", &route.path]
            .concat()
            .to_lowercase(),
    }
}

/// `None` for TRACE, which browsers do not send (Fetch Standard, "forbidden method").
fn of_operation(operation: &Operation, position: usize) -> Option<Entry> {
    let methods: Vec<Method> = match operation.method {
        openapi::Method::Any => operation
            .answers
            .iter()
            .filter_map(|method| sendable(*method))
            .collect(),
        method => sendable(method).into_iter().collect(),
    };
    if methods.is_empty() {
        return None;
    }
    let title = operation.summary.clone().unwrap_or_default();
    let tag = operation
        .tags
        .first()
        .cloned()
        .unwrap_or_else(|| UNTAGGED.to_owned());
    let method = operation.method.as_str();
    let searched = [&*title, &operation.id, &operation.path, method, &tag];
    Some(Entry {
        key: [method, " ", &operation.path].concat(),
        method,
        methods,
        path: operation.path.clone(),
        haystack: searched.join(" ").to_lowercase(),
        title,
        tag,
        protection: Protection::from(&operation.protection),
        is_deprecated: operation.is_deprecated,
        operation: Some(position),
    })
}

fn sendable(method: openapi::Method) -> Option<Method> {
    Method::ALL
        .into_iter()
        .find(|known| known.as_str() == method.as_str())
}

#[cfg(test)]
mod tests;
