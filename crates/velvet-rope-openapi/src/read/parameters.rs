//! The parameters of an operation, and the parameters of Swagger 2.0 that are its body.

use serde_json::{Map, Value};

use super::{
    notes::{Notes, follow},
    schema,
};
use crate::error::ProblemKind;
use crate::model::{Location, Parameter, SchemaSummary};
use crate::pointer::At;

/// What the comparison of two parameters counts as, in bytes: a hostile document can multiply comparisons.
const COMPARISON: usize = 4;

/// The parameters of an operation by where they go.
#[derive(Debug, Default)]
pub(crate) struct Parameters<'v> {
    pub(crate) list: Vec<Parameter>,
    /// The parameter `in: body` of Swagger 2.0 and its pointer.
    pub(crate) body: Option<(&'v Map<String, Value>, String)>,
    /// The parameters `in: formData` of Swagger 2.0.
    pub(crate) form: Vec<(String, &'v Map<String, Value>)>,
}

impl<'v> Parameters<'v> {
    /// Adds the parameters of `owner`, a path or an operation. They replace earlier ones of the same name and location.
    pub(crate) fn add(
        &mut self,
        root: &'v Value,
        owner: &'v Map<String, Value>,
        at: &At<'_>,
        notes: &mut Notes,
    ) {
        for (index, item) in notes.list(owner, "parameters", at).iter().enumerate() {
            if notes.is_exhausted() {
                break;
            }
            let at = at.key("parameters");
            let at = at.index(index);
            let Some(target) = notes.follow(root, item, &at) else {
                continue;
            };
            let at = target.at(at);
            let Value::Object(parameter) = target.value else {
                notes.wrong_type(&at, "a parameter");
                continue;
            };
            self.add_one(root, parameter, &at, notes);
        }
    }

    fn add_one(
        &mut self,
        root: &'v Value,
        parameter: &'v Map<String, Value>,
        at: &At<'_>,
        notes: &mut Notes,
    ) {
        let place = notes.text(parameter, "in", at);
        let Some(name) = notes.text(parameter, "name", at) else {
            notes.problem(at, ProblemKind::Missing("name"));
            return;
        };
        let location = match place.as_deref() {
            Some("path") => Location::Path,
            Some("query") => Location::Query,
            Some("header") => Location::Header,
            Some("cookie") => Location::Cookie,
            Some("body") => {
                self.body = Some((parameter, at.to_string()));
                return;
            }
            Some("formData") => {
                notes.charge(64);
                self.form.push((name, parameter));
                return;
            }
            Some(other) => {
                notes.problem(at, ProblemKind::UnknownLocation(other.to_owned()));
                return;
            }
            None => {
                notes.problem(at, ProblemKind::Missing("in"));
                return;
            }
        };
        let read = self::parameter(root, parameter, name, location, at, notes);
        notes.charge(256 + self.list.len() * COMPARISON);
        let same = |known: &&mut Parameter| known.location == location && known.name == read.name;
        match self.list.iter_mut().find(same) {
            Some(known) => *known = read,
            None => self.list.push(read),
        }
    }

    /// Adds the variables of the path template that have no declaration, and returns whether the last one is greedy.
    pub(crate) fn add_path_variables(&mut self, path: &str, notes: &mut Notes) -> bool {
        let mut is_greedy = false;
        let variables = path.split('{').skip(1);
        for variable in variables.filter_map(|rest| rest.split_once('}')) {
            let name = variable.0.trim_end_matches('+');
            is_greedy = variable.0.ends_with('+');
            notes.charge(self.list.len() * COMPARISON + 32);
            let is_declared = |known: &Parameter| {
                known.location == Location::Path && known.name.trim_end_matches('+') == name
            };
            if name.is_empty() || notes.is_exhausted() || self.list.iter().any(is_declared) {
                continue;
            }
            let name = notes.copy(name);
            self.list.push(undeclared(name));
        }
        is_greedy
    }
}

fn undeclared(name: String) -> Parameter {
    Parameter {
        name,
        location: Location::Path,
        is_required: true,
        description: None,
        schema: SchemaSummary {
            kind: "string".to_owned(),
            ..SchemaSummary::default()
        },
        example: None,
        style: "simple".to_owned(),
        explode: false,
        media_type: None,
    }
}

fn parameter(
    root: &Value,
    parameter: &Map<String, Value>,
    name: String,
    location: Location,
    at: &At<'_>,
    notes: &mut Notes,
) -> Parameter {
    let content = notes.object(parameter, "content", at);
    let content = content.and_then(|content| content.iter().next());
    let of_content = content.and_then(|(_, media_type)| media_type.get("schema"));
    let of_parameter = parameter.get("schema").or(of_content);
    let summary = match of_parameter {
        Some(schema) => schema::summary(root, schema, notes),
        // Swagger 2.0: the parameter is its own schema.
        None => swagger_summary(root, parameter, notes),
    };
    let example = example(root, parameter)
        .or_else(|| example(root, content?.1.as_object()?))
        .or_else(|| of_schema(root, of_parameter?));
    let example = example.map(|value| notes.copy_value(value));
    let (style, explode) = style(parameter, location, at, notes);
    let is_required = notes.flag(parameter, "required", at);
    Parameter {
        name,
        location,
        is_required: is_required.unwrap_or_default() || location == Location::Path,
        description: notes.text(parameter, "description", at),
        schema: summary,
        example,
        style,
        explode,
        media_type: content.map(|(name, _)| notes.copy(name)),
    }
}

fn swagger_summary(
    root: &Value,
    parameter: &Map<String, Value>,
    notes: &mut Notes,
) -> SchemaSummary {
    let members = ["type", "format", "items", "enum", "default", "x-nullable"];
    let members = members.iter().filter_map(|key| {
        let value = parameter.get(*key)?;
        Some(((*key).to_owned(), notes.copy_value(value)))
    });
    let schema = Value::Object(members.collect());
    schema::summary(root, &schema, notes)
}

/// How lists and objects are written; the defaults are those of the specification.
fn style(
    parameter: &Map<String, Value>,
    location: Location,
    at: &At<'_>,
    notes: &mut Notes,
) -> (String, bool) {
    let of_swagger = notes.text(parameter, "collectionFormat", at);
    let style = match of_swagger.as_deref() {
        Some("multi") => return ("form".to_owned(), true),
        Some("ssv") => Some("spaceDelimited".to_owned()),
        Some("pipes") => Some("pipeDelimited".to_owned()),
        Some("tsv") => Some("tabDelimited".to_owned()),
        Some(_) | None => notes.text(parameter, "style", at),
    };
    let style = style.unwrap_or_else(|| {
        let default = match location {
            Location::Query | Location::Cookie => "form",
            Location::Path | Location::Header => "simple",
        };
        default.to_owned()
    });
    let is_swagger = of_swagger.is_some() || parameter.contains_key("type");
    let explode = notes.flag(parameter, "explode", at);
    let explode = explode.unwrap_or(style == "form" && !is_swagger);
    (style, explode)
}

/// The example that a parameter or media type has itself: `example`, `x-example`, or the first of `examples`.
pub(crate) fn example<'v>(root: &'v Value, owner: &'v Map<String, Value>) -> Option<&'v Value> {
    let own = owner.get("example").or_else(|| owner.get("x-example"));
    own.or_else(|| {
        let first = owner.get("examples")?.as_object()?.values().next()?;
        follow(root, first).ok()?.value.get("value")
    })
}

/// The example in a schema itself; a list of them in OpenAPI 3.1.
fn of_schema<'v>(root: &'v Value, schema: &'v Value) -> Option<&'v Value> {
    let schema = follow(root, schema).ok()?.value;
    let first = || schema.get("examples")?.as_array()?.first();
    schema.get("example").or_else(first)
}
