//! What the user typed for an operation, kept in this tab.

use serde_json::{Map, Value, json};

use crate::console::catalog::protection::AuthKind;
use crate::console::secret::is_secret;
use velvet_rope::browser::storage::BrowserStore;
use velvet_rope::{StorageKind, Store as _};

/// What the user typed. Secrets and files are not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) method: Option<String>,
    pub(super) path: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) text: Option<String>,
    pub(super) form: Vec<(String, String)>,
    pub(super) auth: Option<AuthKind>,
    pub(super) auth_header: Option<String>,
}

fn key(operation: &str) -> String {
    ["velvet-rope.console.typed.", operation].concat()
}

/// What was typed for an operation in this tab before.
pub(super) fn load(operation: &str) -> Typed {
    let store = BrowserStore::new(StorageKind::Session);
    let text = store.get(&key(operation)).ok().flatten();
    text.map(|text| Typed::from_json(&text)).unwrap_or_default()
}

/// Keeps what was typed. Where storage is blocked or full, it lasts until the operation is left.
pub(super) fn save(operation: &str, typed: &Typed) {
    let store = BrowserStore::new(StorageKind::Session);
    let _ = store.set(&key(operation), &typed.to_json());
}

const AUTH: [(AuthKind, &str); 4] = [
    (AuthKind::Open, "open"),
    (AuthKind::Iam, "iam"),
    (AuthKind::Bearer, "bearer"),
    (AuthKind::Header, "header"),
];

impl Typed {
    fn to_json(&self) -> String {
        let auth = AUTH.iter().find(|(kind, _)| Some(*kind) == self.auth);
        json!({
            "method": self.method,
            "path": pairs(&self.path),
            "query": pairs(&self.query),
            "headers": pairs(&self.headers),
            "body": self.body,
            "content_type": self.content_type,
            "text": self.text,
            "form": pairs(&self.form),
            "auth": auth.map(|(_, name)| name),
            "auth_header": self.auth_header,
        })
        .to_string()
    }

    /// Reads what [`to_json`](Self::to_json) wrote; of anything else what is readable.
    fn from_json(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let empty = Map::new();
        let members = value.as_object().unwrap_or(&empty);
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |name: &str| {
            let pairs = members.get(name).and_then(Value::as_array);
            pairs.into_iter().flatten().filter_map(pair).collect()
        };
        let auth = text("auth");
        let auth = AUTH.iter().find(|(_, name)| Some(*name) == auth.as_deref());
        Self {
            method: text("method"),
            path: list("path"),
            query: list("query"),
            headers: list("headers"),
            body: text("body"),
            content_type: text("content_type"),
            text: text("text"),
            form: list("form"),
            auth: auth.map(|(kind, _)| *kind),
            auth_header: text("auth_header"),
        }
    }
}

/// The value of a secret is left out, its name stays.
fn pairs(pairs: &[(String, String)]) -> Vec<[&str; 2]> {
    let stored = |(name, value): &'_ (String, String)| is_secret(name) && !value.is_empty();
    pairs
        .iter()
        .map(|pair| [&*pair.0, if stored(pair) { "" } else { &*pair.1 }])
        .collect()
}

fn pair(value: &Value) -> Option<(String, String)> {
    let name = value.get(0)?.as_str()?;
    let value = value.get(1)?.as_str()?;
    Some((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_without_secrets() {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let typed = Typed {
            method: Some("POST".into()),
            path: vec![owned(("id", "7"))],
            query: vec![owned(("q", "a")), owned(("q", "b"))],
            headers: vec![owned(("x-trace", "1")), owned(("X-Auth-Token", "hidden"))],
            body: Some("json".into()),
            text: Some("{}".into()),
            auth: Some(AuthKind::Header),
            auth_header: Some("X-Own".into()),
            ..Typed::default()
        };
        let text = typed.to_json();
        assert!(!text.contains("hidden"), "{text}");
        let mut expected = typed;
        expected.headers[1].1.clear();
        assert_eq!(Typed::from_json(&text), expected);
        assert_eq!(Typed::from_json("oops"), Typed::default());
        assert_eq!(
            Typed::from_json("{\"query\":[[1]],\"auth\":7}"),
            Typed::default()
        );
    }
}
