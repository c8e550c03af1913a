//! Reads the CloudFormation templates of this folder, so that tests can check what cfn-lint does not.
//!
//! Templates are written in YAML with the short form of functions (`!Ref Name`). They are read into JSON with the long
//! form (`{"Ref": "Name"}`), which is the same template to CloudFormation.

mod evaluate;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

pub use evaluate::{EvaluateError, Scope};

/// A template of this folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its file name, such as `template.yaml`.
    pub file: String,
    /// Its text.
    pub text: String,
    body: Value,
}

/// Why a template could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file or the folder is not readable.
    #[error("could not read {path}")]
    Read {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not YAML.
    #[error("{path} is not YAML")]
    Parse {
        /// Its path.
        path: PathBuf,
        /// Where and why.
        source: yaml_serde::Error,
    },
    /// The file holds YAML that JSON cannot represent.
    #[error("{path} has a key that is not a string")]
    Key {
        /// Its path.
        path: PathBuf,
    },
}

impl Template {
    /// Reads the template in `file`, a name without a folder.
    ///
    /// # Errors
    /// When the file is missing or is not YAML.
    pub fn read(file: &str) -> Result<Self, ReadError> {
        let path = folder().join(file);
        let text = std::fs::read_to_string(&path).map_err(|source| ReadError::Read {
            path: path.clone(),
            source,
        })?;
        let body: yaml_serde::Value =
            yaml_serde::from_str(&text).map_err(|source| ReadError::Parse {
                path: path.clone(),
                source,
            })?;
        Ok(Self {
            file: file.to_owned(),
            text,
            body: long_form(body).ok_or(ReadError::Key { path })?,
        })
    }

    /// Reads every template of the folder, in the order of their names.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn all() -> Result<Vec<Self>, ReadError> {
        let unreadable = |source| ReadError::Read {
            path: folder().to_owned(),
            source,
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder()).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let name = name.to_string_lossy();
            if Path::new(&*name).extension().is_some_and(|it| it == "yaml") {
                files.push(name.into_owned());
            }
        }
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    /// The entries of a section such as `Resources`, by name. Empty when the template has no such section.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let entries = self.body.get(name).and_then(Value::as_object);
        entries
            .into_iter()
            .flatten()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    /// The value at a path such as `Resources/UserPool/Properties`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Value> {
        self.body.pointer(&format!("/{path}"))
    }

    /// The resources of one type, such as `AWS::Lambda::Function`, by their logical ids.
    pub fn resources(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.section("Resources")
            .filter(move |(_, resource)| resource.get("Type").is_some_and(|it| it == kind))
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The same value with `{"Fn::Name": …}` for each `!Name …`. Nothing when a key is not a string.
fn long_form(value: yaml_serde::Value) -> Option<Value> {
    Some(match value {
        yaml_serde::Value::Null => Value::Null,
        yaml_serde::Value::Bool(value) => value.into(),
        yaml_serde::Value::Number(number) => serde_json::to_value(number).ok()?,
        yaml_serde::Value::String(text) => text.into(),
        yaml_serde::Value::Sequence(items) => {
            Value::Array(items.into_iter().map(long_form).collect::<Option<_>>()?)
        }
        yaml_serde::Value::Mapping(entries) => {
            let entry = |(key, value): (yaml_serde::Value, _)| {
                Some((key.as_str()?.to_owned(), long_form(value)?))
            };
            Value::Object(entries.into_iter().map(entry).collect::<Option<_>>()?)
        }
        yaml_serde::Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            Value::Object(Map::from_iter([(name, long_form(tagged.value)?)]))
        }
    })
}
