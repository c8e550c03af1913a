//! The form of one operation.

use std::sync::Arc;

use leptos::prelude::*;

use super::body_kind::{BodyKind, FileBody};
use super::greedy::{fill_greedy, parameters};
use super::pair::{Declared, Pair, declare, first_value, sent, value_of};
use super::stored::{self, Typed};
use crate::components::json::pretty;
use crate::console::catalog::protection::AuthKind;
use crate::console::catalog::{Catalog, Entry};
use crate::console::exchange::{DraftBody, RequestDraft};
use velvet_rope::{CallAuth, Method};
use velvet_rope_openapi::{Location, Operation, Parameter};

/// The signals of a form.
#[derive(Clone, Copy)]
pub(in crate::console) struct Form {
    pub(super) entry: StoredValue<Entry>,
    pub(super) method: RwSignal<Method>,
    pub(super) path: StoredValue<Vec<Pair>>,
    pub(super) query: RwSignal<Vec<Pair>>,
    pub(super) headers: RwSignal<Vec<Pair>>,
    pub(super) body: RwSignal<BodyKind>,
    pub(super) content_type: RwSignal<String>,
    pub(super) text: RwSignal<String>,
    pub(super) pairs: RwSignal<Vec<Pair>>,
    pub(super) file: RwSignal<Option<FileBody>>,
    pub(super) auth: RwSignal<AuthKind>,
    pub(super) auth_header: RwSignal<String>,
    pub(super) auth_value: RwSignal<String>,
    /// Whether the user tried to send: from then on what is missing is marked.
    pub(super) is_tried: RwSignal<bool>,
    next_id: StoredValue<u32>,
}

impl Form {
    /// The form of an operation, with what was typed in this tab before.
    pub(in crate::console) fn new(catalog: &Catalog, entry: &Entry) -> Self {
        let typed = stored::load(&entry.key);
        let operation = catalog.operation(entry);
        let media_type = operation
            .and_then(|operation| operation.body.as_ref())
            .and_then(|body| body.media_types.first());
        let described = media_type.map_or("", |media_type| &*media_type.name);
        let kind = typed
            .body
            .as_deref()
            .and_then(|name| BodyKind::ALL.into_iter().find(|kind| kind.name() == name))
            .unwrap_or_else(|| BodyKind::of_content_type(described));
        let example = || {
            let example = catalog.document.as_ref()?.example(media_type?)?;
            serde_json::to_string_pretty(&example).ok()
        };
        let text = match typed.text.clone() {
            Some(text) => text,
            None if kind == BodyKind::Json => example().unwrap_or_default(),
            None => String::new(),
        };
        let content_type = typed
            .content_type
            .clone()
            .unwrap_or_else(|| match described {
                "" => kind.content_type().to_owned(),
                described => described.to_owned(),
            });
        let known = entry.methods.iter().copied();
        let method = known
            .clone()
            .find(|method| Some(method.as_str()) == typed.method.as_deref());
        let form = Self {
            entry: StoredValue::new(entry.clone()),
            method: RwSignal::new(method.or(known.clone().next()).unwrap_or(Method::Get)),
            path: StoredValue::new(Vec::new()),
            query: RwSignal::new(Vec::new()),
            headers: RwSignal::new(Vec::new()),
            body: RwSignal::new(kind),
            content_type: RwSignal::new(content_type),
            text: RwSignal::new(text),
            pairs: RwSignal::new(Vec::new()),
            file: RwSignal::new(None),
            auth: RwSignal::new(typed.auth.unwrap_or_else(|| entry.protection.auth())),
            auth_header: RwSignal::new(
                typed
                    .auth_header
                    .clone()
                    .unwrap_or_else(|| "Authorization".into()),
            ),
            auth_value: RwSignal::new(String::new()),
            is_tried: RwSignal::new(false),
            next_id: StoredValue::new(0),
        };
        form.fill(entry, operation, &typed);
        form
    }

    /// Makes the rows of declared fields, with what was typed, and those that the user added.
    fn fill(self, entry: &Entry, operation: Option<&Operation>, typed: &Typed) {
        let of = |location: Location| {
            let declared = operation
                .into_iter()
                .flat_map(|operation| &operation.parameters);
            declared.filter(move |parameter| parameter.location == location)
        };
        let path = parameters(&entry.path).into_iter().map(|name| {
            let plain = name.trim_end_matches('+');
            let declared =
                of(Location::Path).find(|parameter| parameter.name.trim_end_matches('+') == plain);
            let declared = declared.map(declare).unwrap_or_default();
            let value = value_of(&typed.path, &name).unwrap_or_default();
            self.pair(
                &name,
                value,
                Some(Declared {
                    is_required: true,
                    ..declared
                }),
            )
        });
        self.path.set_value(path.collect());
        self.query.set(self.rows(of(Location::Query), &typed.query));
        // Those that browsers or the library set are not for the user.
        let own = ["accept", "content-type", "authorization", "x-api-key"];
        let headers = of(Location::Header)
            .filter(|header| !own.contains(&header.name.to_ascii_lowercase().as_str()));
        self.headers.set(self.rows(headers, &typed.headers));
        let none = std::iter::empty();
        self.pairs.set(self.rows(none, &typed.form));
    }

    fn rows<'a>(
        self,
        declared: impl Iterator<Item = &'a Parameter>,
        typed: &[(String, String)],
    ) -> Vec<Pair> {
        let mut rest: Vec<&(String, String)> = typed.iter().collect();
        let mut rows: Vec<Pair> = declared
            .map(|parameter| {
                let found = rest.iter().position(|(name, _)| *name == parameter.name);
                let value = found.map(|at| rest.remove(at).1.clone());
                let default = || {
                    parameter
                        .is_required
                        .then(|| first_value(parameter))
                        .flatten()
                };
                let value = value.or_else(default).unwrap_or_default();
                self.pair(&parameter.name, value, Some(declare(parameter)))
            })
            .collect();
        rows.extend(
            rest.into_iter()
                .map(|(name, value)| self.pair(name, value.clone(), None)),
        );
        rows
    }

    /// A new row.
    pub(super) fn pair(self, name: &str, value: String, declared: Option<Declared>) -> Pair {
        self.next_id.update_value(|id| *id += 1);
        Pair {
            id: self.next_id.get_value(),
            name: RwSignal::new(name.to_owned()),
            value: RwSignal::new(value),
            declared: declared.map(Arc::new),
        }
    }

    /// Whether a request with the chosen method can have a body.
    pub(super) fn has_body(self) -> bool {
        !matches!(self.method.get(), Method::Get | Method::Head)
    }

    /// The request, or the names of what is missing. A view that reads it follows every change.
    pub(super) fn draft(self) -> Result<RequestDraft, Vec<String>> {
        let entry = self.entry.get_value();
        let path: Vec<(String, String)> = self.path.get_value().iter().map(Pair::get).collect();
        let (query, headers) = (self.query.get(), self.headers.get());
        let mut missing: Vec<String> = Vec::new();
        for pair in self.path.get_value().iter().chain(&query).chain(&headers) {
            if pair.is_missing() {
                missing.push(pair.name.get());
            }
        }
        let auth = match self.auth.get() {
            AuthKind::Open => CallAuth::Open,
            AuthKind::Iam => CallAuth::Iam,
            AuthKind::Bearer => CallAuth::Bearer,
            AuthKind::Header => CallAuth::Header {
                name: self.auth_header.get(),
                value: self.auth_value.get(),
            },
        };
        if let CallAuth::Header { name, value } = &auth
            && (name.trim().is_empty() || value.trim().is_empty())
        {
            missing.push("the header that proves the caller".to_owned());
        }
        let body = self.body(&mut missing);
        if !missing.is_empty() {
            return Err(missing);
        }
        let (greedy, plain): (Vec<_>, Vec<_>) =
            path.into_iter().partition(|(name, _)| name.ends_with('+'));
        Ok(RequestDraft {
            operation: entry.key.clone(),
            method: self.method.get(),
            path: fill_greedy(&entry.path, &greedy),
            path_parameters: plain,
            query: sent(&query),
            headers: sent(&headers),
            body,
            auth,
        })
    }

    fn body(self, missing: &mut Vec<String>) -> DraftBody {
        if !self.has_body() {
            return DraftBody::None;
        }
        match self.body.get() {
            BodyKind::None => DraftBody::None,
            BodyKind::Json | BodyKind::Text => DraftBody::Text {
                content_type: self.content_type.get(),
                text: self.text.get(),
            },
            BodyKind::Form => DraftBody::Form(sent(&self.pairs.get())),
            BodyKind::File => {
                if let Some(file) = self.file.get() {
                    return DraftBody::File {
                        name: file.name,
                        content_type: file.content_type,
                        bytes: file.bytes,
                    };
                }
                missing.push("the file".to_owned());
                DraftBody::None
            }
        }
    }

    /// Keeps what was typed. A view that reads it follows every change.
    pub(super) fn save(self) {
        let all = |pairs: Vec<Pair>| pairs.iter().map(Pair::get).collect();
        let typed = Typed {
            method: Some(self.method.get().as_str().to_owned()),
            path: all(self.path.get_value()),
            query: all(self.query.get()),
            headers: all(self.headers.get()),
            body: Some(self.body.get().name().to_owned()),
            content_type: Some(self.content_type.get()),
            text: Some(self.text.get()),
            form: all(self.pairs.get()),
            auth: Some(self.auth.get()),
            auth_header: Some(self.auth_header.get()),
        };
        stored::save(&self.entry.get_value().key, &typed);
    }

    /// Puts a request of before into the form.
    pub(in crate::console) fn load(self, draft: &RequestDraft) {
        self.method.set(draft.method);
        let free = |pairs: &[(String, String)]| {
            pairs
                .iter()
                .map(|(name, value)| self.pair(name, value.clone(), None))
                .collect::<Vec<_>>()
        };
        let put = |rows: RwSignal<Vec<Pair>>, pairs: &[(String, String)]| {
            let mut pairs = pairs.to_vec();
            rows.update(|rows| {
                rows.retain(|row| row.declared.is_some());
                for row in rows.iter() {
                    let name = row.name.get_untracked();
                    let found = pairs.iter().position(|(known, _)| *known == name);
                    row.value
                        .set(found.map(|at| pairs.remove(at).1).unwrap_or_default());
                }
                rows.extend(free(&pairs));
            });
        };
        for pair in self.path.get_value() {
            if let Some(value) = value_of(&draft.path_parameters, &pair.name.get_untracked()) {
                pair.value.set(value);
            }
        }
        put(self.query, &draft.query);
        put(self.headers, &draft.headers);
        match &draft.body {
            DraftBody::None => self.body.set(BodyKind::None),
            DraftBody::Text { content_type, text } => {
                let is_json = content_type.contains("json");
                self.body.set(if is_json {
                    BodyKind::Json
                } else {
                    BodyKind::Text
                });
                self.content_type.set(content_type.clone());
                self.text.set(text.clone());
            }
            DraftBody::Form(pairs) => {
                self.body.set(BodyKind::Form);
                self.pairs.set(free(pairs));
            }
            DraftBody::File {
                name,
                content_type,
                bytes,
            } => {
                self.body.set(BodyKind::File);
                let (name, content_type) = (name.clone(), content_type.clone());
                self.file.set(Some(FileBody {
                    name,
                    content_type,
                    bytes: bytes.clone(),
                }));
            }
        }
        self.auth.set(match &draft.auth {
            CallAuth::Open => AuthKind::Open,
            CallAuth::Iam => AuthKind::Iam,
            CallAuth::Bearer => AuthKind::Bearer,
            CallAuth::Header { name, value } => {
                self.auth_header.set(name.clone());
                self.auth_value.set(value.clone());
                AuthKind::Header
            }
        });
    }

    /// Changes the kind of the body, and its content type with it.
    pub(super) fn set_body(self, kind: BodyKind) {
        self.body.set(kind);
        let content_type = self.content_type.get_untracked();
        let fits = !content_type.is_empty() && BodyKind::of_content_type(&content_type) == kind;
        if !fits {
            self.content_type.set(kind.content_type().to_owned());
        }
    }

    /// Indents a body of JSON.
    pub(super) fn indent(self) {
        self.text.update(|text| *text = pretty(text));
    }
}
