//! Names with values: parameters, headers, parts of a form.

use std::sync::Arc;

use leptos::prelude::*;

use velvet_rope_openapi::Parameter;

/// What the document says about a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) is_required: bool,
    /// Its type and what it is for.
    pub(super) hint: String,
    /// The values that it may have, if they are listed.
    pub(super) choices: Vec<String>,
}

/// A name with a value. The names of declared fields cannot be changed.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) id: u32,
    pub(super) name: RwSignal<String>,
    pub(super) value: RwSignal<String>,
    pub(super) declared: Option<Arc<Declared>>,
}

impl Pair {
    pub(super) fn get(&self) -> (String, String) {
        (self.name.get(), self.value.get())
    }

    /// Whether a required value is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.is_required() && self.value.get().is_empty()
    }

    pub(super) fn is_required(&self) -> bool {
        self.declared
            .as_ref()
            .is_some_and(|declared| declared.is_required)
    }
}

/// The pairs that are sent: declared ones with a value, and those that the user added, also with an empty value.
pub(super) fn sent(pairs: &[Pair]) -> Vec<(String, String)> {
    let is_sent = |pair: &&Pair| {
        let (name, value) = pair.get();
        !name.trim().is_empty() && (pair.declared.is_none() || !value.is_empty())
    };
    pairs.iter().filter(is_sent).map(Pair::get).collect()
}

pub(super) fn value_of(pairs: &[(String, String)], name: &str) -> Option<String> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

pub(super) fn declare(parameter: &Parameter) -> Declared {
    let schema = &parameter.schema;
    let kind = schema.format.as_ref().unwrap_or(&schema.kind);
    let description = parameter.description.as_deref().unwrap_or_default();
    let parts: Vec<&str> = [&**kind, description]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    Declared {
        is_required: parameter.is_required,
        hint: parts.join(" · "),
        choices: schema.values.iter().map(plain).collect(),
    }
}

/// The example, the default or the first of the listed values.
pub(super) fn first_value(parameter: &Parameter) -> Option<String> {
    let schema = &parameter.schema;
    let value = parameter
        .example
        .as_ref()
        .or(schema.default.as_ref())
        .or(schema.values.first());
    value.map(plain)
}

/// A JSON value as people type it.
fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
