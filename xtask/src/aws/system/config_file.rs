//! The file `config.json`: what a deployment writes into it, and what the user wrote there, which is kept.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use super::{outputs::SiteConfig, parts::known_routes};
use crate::support::{report, workspace::Workspace};

/// What a deployment decides, section by section. All else in the file is its owner's.
const DECIDED: [(&str, &[&str]); 3] = [
    (
        "user_pool",
        &[
            "id",
            "client_id",
            "domain",
            "endpoint",
            "refresh_token_rotation",
            "refresh_token_grace_seconds",
        ],
    ),
    ("identity_pool", &["id", "endpoint"]),
    ("api", &["base_url", "key", "record_path"]),
];

/// The file as it was found.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    found: Option<Found>,
    /// Where it is copied to before anything in it is written over. Not beside it: all of that folder is published.
    backup: PathBuf,
}

#[derive(Debug)]
struct Found {
    text: String,
    content: Map<String, Value>,
}

/// The file as it is to be.
#[derive(Debug, PartialEq)]
struct Merged {
    content: Map<String, Value>,
    /// The user's settings that are kept, by key.
    kept: Vec<String>,
    /// The settings that are overwritten, by key.
    replaced: Vec<String>,
}

impl ConfigFile {
    /// Reads what is there, before anything is deployed: a file that cannot be read now could not be kept later.
    ///
    /// # Errors
    /// When there is something else than a configuration.
    pub(crate) fn open(path: PathBuf, workspace: &Workspace) -> Result<Self> {
        let found = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error).with_context(|| format!("could not read {}", path.display()));
            }
        };
        let found = found
            .map(|text| {
                let content = serde_json::from_str(&text).with_context(|| {
                    format!(
                        "{} would have to be overwritten, but is not a JSON object; repair it or move it away",
                        path.display()
                    )
                })?;
                anyhow::Ok(Found { text, content })
            })
            .transpose()?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            && !folder.is_dir()
        {
            bail!(
                "there is no folder {} to write the configuration to",
                folder.display()
            );
        }
        Ok(Self {
            path,
            found,
            backup: workspace.target.join("config.json.before"),
        })
    }

    /// Writes `config`, keeps what people added, and says what it did.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, config: &SiteConfig) -> Result<()> {
        let path = self.path.display();
        let found = self.found.as_ref();
        let (merged, text) = self.merged(config)?;
        // Left alone when nothing changed: Trunk builds anew for each change of a watched file.
        if found.is_some_and(|found| found.text == text) {
            report::line(format_args!("==> {path} is as it should be"));
            return Ok(());
        }
        if let Some(found) = found
            && !merged.replaced.is_empty()
        {
            if let Some(folder) = self.backup.parent() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("could not create {}", folder.display()))?;
            }
            std::fs::write(&self.backup, &found.text)
                .with_context(|| format!("could not write {}", self.backup.display()))?;
        }
        replace(&self.path, &text)?;
        report::line(format_args!("==> Wrote {path}"));
        if !merged.kept.is_empty() {
            report::line(format_args!("    kept: {}", merged.kept.join(", ")));
        }
        if !merged.replaced.is_empty() {
            report::line(format_args!(
                "    overwritten: {}; the file as it was is {}",
                merged.replaced.join(", "),
                self.backup.display()
            ));
        }
        Ok(())
    }

    /// Writes to `path` what [`Self::write`] would write, and leaves the file itself alone.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub(crate) fn write_to(&self, path: &Path, config: &SiteConfig) -> Result<()> {
        replace(path, &self.merged(config)?.1)
    }

    fn merged(&self, config: &SiteConfig) -> Result<(Merged, String)> {
        let Value::Object(new) = serde_json::to_value(config).context("could not write JSON")?
        else {
            bail!("a configuration is an object");
        };
        let merged = merge(self.found.as_ref().map(|found| &found.content), &new);
        let text =
            serde_json::to_string_pretty(&merged.content).context("could not write JSON")? + "\n";
        Ok((merged, text))
    }
}

/// Written beside and renamed: a page that is being served must never read half of it.
fn replace(path: &Path, text: &str) -> Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(
        path.file_name()
            .context("the configuration needs a file name")?,
    );
    name.push(".draft");
    let draft = path.with_file_name(name);
    std::fs::write(&draft, text)
        .and_then(|()| std::fs::rename(&draft, path))
        .with_context(|| format!("could not write {}", path.display()))
}

fn merge(found: Option<&Map<String, Value>>, new: &Map<String, Value>) -> Merged {
    let empty = Map::new();
    let found = found.unwrap_or(&empty);
    let mut merged = Merged {
        content: new.clone(),
        kept: Vec::new(),
        replaced: Vec::new(),
    };
    // The user configured another provider, and the two exclude each other.
    if found.contains_key("oidc") && !found.contains_key("user_pool") {
        merged.content.shift_remove("user_pool");
    }
    for (key, old) in found {
        // As a deployment writes it, for a part that this one does not have.
        let is_left_over = key == "accounts" && *old == Value::Object(Map::new());
        if is_left_over && !new.contains_key(key) {
            merged.replaced.push(key.clone());
        } else {
            merged.take(key, old);
        }
    }
    merged
}

impl Merged {
    /// Takes over what is to stay of the member `key`, which was `old`.
    fn take(&mut self, key: &str, old: &Value) {
        let Some(new) = self.content.get_mut(key) else {
            self.kept.push(key.to_owned());
            self.content.insert(key.to_owned(), old.clone());
            return;
        };
        let (Value::Object(new), Value::Object(old)) = (&mut *new, old) else {
            if new != old {
                self.replaced.push(key.to_owned());
            }
            return;
        };
        let decided = DECIDED.iter().find(|(section, _)| *section == key);
        let decided = decided.map_or(&[][..], |(_, keys)| keys);
        // It belongs to one user pool, whatever it says.
        let is_other_pool = key == "user_pool" && old.get("id") != new.get("id");
        for (inner, value) in old {
            let name = format!("{key}.{inner}");
            if decided.contains(&inner.as_str()) || (is_other_pool && inner == "issuer") {
                if new.get(inner) != Some(value) {
                    self.replaced.push(name);
                }
            } else if key == "api" && inner == "routes" {
                let own = add_own_routes(new, value);
                self.kept
                    .extend(own.into_iter().map(|route| format!("{name}: {route}")));
            } else if new.get(inner) != Some(value) {
                new.insert(inner.clone(), value.clone());
                self.kept.push(name);
            }
        }
    }
}

/// Adds to the routes of `api` those that are no deployment's; their names.
fn add_own_routes(api: &mut Map<String, Value>, old: &Value) -> Vec<String> {
    let Some(Value::Array(routes)) = api.get_mut("routes") else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for route in old.as_array().into_iter().flatten() {
        let is_known = known_routes()
            .any(|known| route["path"] == known.path && route["method"] == known.method);
        if !is_known {
            names.push(route["name"].as_str().unwrap_or("?").to_owned());
            routes.push(route.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else {
            panic!("{value}")
        };
        object
    }

    fn new() -> Map<String, Value> {
        object(json!({
            "region": "eu-west-1",
            "user_pool": { "id": "new", "client_id": "new", "domain": "d", "scopes": ["openid"], "refresh_token_rotation": true },
            "identity_pool": { "id": "new" },
            "api": { "base_url": "https://new", "key": "k", "routes": [
                { "name": "Open route", "method": "GET", "path": "/no-auth", "auth": "open" }
            ] },
            "session": { "storage": "session" }
        }))
    }

    #[test]
    fn without_a_file_it_is_what_the_deployment_says() {
        let merged = merge(None, &new());
        assert_eq!(merged.content, new());
        assert!(merged.kept.is_empty() && merged.replaced.is_empty());
        let again = merge(Some(&new()), &new());
        assert_eq!(again, merged);
    }

    #[test]
    fn settings_of_the_user_are_kept() {
        let mut found = new();
        found["user_pool"]["scopes"] = json!(["openid", "phone"]);
        found["session"] = json!({ "storage": "local", "idle_minutes": 20 });
        found["api"]["region"] = json!("us-east-1");
        found["api"]["routes"].as_array_mut().unwrap().push(json!(
            { "name": "Mine", "method": "GET", "path": "/mine", "auth": "iam" }
        ));
        let merged = merge(Some(&found), &new());
        assert_eq!(
            Value::Object(merged.content)["api"]["routes"],
            found["api"]["routes"]
        );
        assert_eq!(
            merged.kept,
            [
                "user_pool.scopes",
                "api.routes: Mine",
                "api.region",
                "session.storage",
                "session.idle_minutes"
            ]
        );
        assert!(merged.replaced.is_empty());
    }

    #[test]
    fn what_belongs_to_another_system_goes_and_is_named() {
        let mut found = new();
        found["region"] = json!("us-east-1");
        found["user_pool"]["id"] = json!("old");
        found["user_pool"]["endpoint"] = json!("http://localhost:4566");
        found["user_pool"]["issuer"] = json!("https://old");
        let token_route = json!({ "name": "Renamed", "method": "GET", "path": "/require-token", "auth": "bearer" });
        found["api"]["routes"]
            .as_array_mut()
            .unwrap()
            .push(token_route);
        let merged = merge(Some(&found), &new());
        assert_eq!(merged.content, new());
        assert_eq!(
            merged.replaced,
            [
                "region",
                "user_pool.id",
                "user_pool.endpoint",
                "user_pool.issuer"
            ]
        );
    }

    #[test]
    fn what_a_part_offered_goes_with_the_part() {
        let mut found = new();
        found["api"]["record_path"] = json!("/me");
        found.insert("accounts".to_owned(), json!({}));
        let merged = merge(Some(&found), &new());
        assert_eq!(merged.content, new());
        assert_eq!(merged.replaced, ["api.record_path", "accounts"]);
        found["accounts"] = json!({ "base_url": "https://accounts.example.com" });
        assert_eq!(merge(Some(&found), &new()).kept, ["accounts"]);
    }

    #[test]
    fn another_provider_is_not_joined_by_a_user_pool() {
        let mut found = new();
        found.shift_remove("user_pool");
        found.insert(
            "oidc".to_owned(),
            json!({ "issuer": "https://tenant.example.com" }),
        );
        let merged = merge(Some(&found), &new());
        assert_eq!(merged.kept, ["oidc"]);
        assert!(!merged.content.contains_key("user_pool"));
        assert_eq!(merged.content["identity_pool"]["id"], "new");
    }
}
