//! From what the stack answers (its outputs) to what the application reads (`config.json`).

use std::{collections::HashMap, path::Path};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

/// The outputs of `infra/template.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outputs {
    region: String,
    /// The user pool, which the demo user is created in.
    pub(crate) user_pool_id: String,
    user_pool_client_id: String,
    identity_pool_id: String,
    api_id: String,
    api_url: String,
    api_key: String,
}

impl Outputs {
    /// Reads the outputs by their names in the template.
    ///
    /// # Errors
    /// When outputs are missing; the message names them all.
    pub(crate) fn read(outputs: &HashMap<String, String>) -> Result<Self> {
        let mut missing = Vec::new();
        let mut output = |name: &'static str| {
            outputs.get(name).cloned().unwrap_or_else(|| {
                missing.push(name);
                String::new()
            })
        };
        let read = Self {
            region: output("Region"),
            user_pool_id: output("UserPoolId"),
            user_pool_client_id: output("UserPoolClientId"),
            identity_pool_id: output("IdentityPoolId"),
            api_id: output("ApiId"),
            api_url: output("ApiUrl"),
            api_key: output("ApiKey"),
        };
        if !missing.is_empty() {
            bail!("the deployed stack has no output {}", missing.join(", "));
        }
        Ok(read)
    }
}

/// The content of `config.json`, as `public/config.example.json` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SiteConfig {
    region: String,
    user_pool: UserPool,
    identity_pool: IdentityPool,
    api: Api,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<Accounts>,
    session: Session,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct UserPool {
    id: String,
    client_id: String,
    domain: String,
    endpoint: String,
    scopes: [&'static str; 3],
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct IdentityPool {
    id: String,
    endpoint: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Api {
    base_url: String,
    key: String,
    routes: Vec<Route>,
}

/// A route that the application offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Route {
    /// What it is called on the page.
    pub(crate) name: &'static str,
    /// The HTTP method.
    pub(crate) method: &'static str,
    /// The path below the stage.
    pub(crate) path: &'static str,
    /// What guards it: `open`, `iam` or `bearer`.
    pub(crate) auth: &'static str,
}

/// Accounts of the API's own, at the API itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Accounts {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Session {
    storage: &'static str,
}

const DEMO_ROUTES: [Route; 2] = [
    Route {
        name: "Open route",
        method: "GET",
        path: "/no-auth",
        auth: "open",
    },
    Route {
        name: "Protected route",
        method: "GET",
        path: "/require-auth",
        auth: "iam",
    },
];

impl SiteConfig {
    /// The configuration of an application on this machine that talks to the stack with these
    /// `outputs`, all of whose services are on one `port`.
    pub(crate) fn local(outputs: &Outputs, port: u16) -> Self {
        let cloud = super::ministack::url(port);
        // The stage is the last segment of the address that AWS would give.
        let stage = outputs.api_url.rsplit('/').next().unwrap_or_default();
        let base_url = format!(
            "http://{}.execute-api.localhost:{port}/{stage}",
            outputs.api_id
        );
        Self {
            region: outputs.region.clone(),
            user_pool: UserPool {
                id: outputs.user_pool_id.clone(),
                client_id: outputs.user_pool_client_id.clone(),
                domain: cloud.clone(),
                endpoint: cloud.clone(),
                scopes: ["openid", "email", "profile"],
            },
            identity_pool: IdentityPool {
                id: outputs.identity_pool_id.clone(),
                endpoint: cloud,
            },
            api: Api {
                base_url,
                key: outputs.api_key.clone(),
                routes: DEMO_ROUTES.to_vec(),
            },
            accounts: None,
            session: Session { storage: "session" },
        }
    }

    /// Offers these routes as well.
    pub(crate) fn add_routes(&mut self, routes: &[Route]) {
        self.api.routes.extend_from_slice(routes);
    }

    /// Offers accounts of the API's own as well.
    pub(crate) fn offer_accounts(&mut self) {
        self.accounts = Some(Accounts {});
    }

    /// Writes the configuration for people and for the application to read.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("could not write JSON")? + "\n";
        // Left alone when nothing changed: Trunk builds anew for each change of a watched file.
        if std::fs::read_to_string(file).is_ok_and(|found| found == text) {
            return Ok(());
        }
        std::fs::write(file, text).with_context(|| format!("could not write {}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn outputs() -> HashMap<String, String> {
        [
            ("Region", "eu-west-1"),
            ("UserPoolId", "eu-west-1_AbCdEfGhI"),
            ("UserPoolClientId", "1example23456789abcdefghij"),
            (
                "IdentityPoolId",
                "eu-west-1:00000000-1111-2222-3333-444444444444",
            ),
            ("ApiId", "a1b2c3d4e5"),
            (
                "ApiUrl",
                "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest",
            ),
            ("ApiKey", "your-api-gateway-key-value"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn config(port: u16) -> Value {
        let outputs = Outputs::read(&outputs()).unwrap();
        serde_json::to_value(SiteConfig::local(&outputs, port)).unwrap()
    }

    #[test]
    fn differs_from_the_example_only_in_where_the_services_are() {
        let example = include_str!("../../../public/config.example.json");
        let example: Value = serde_json::from_str(example).unwrap();
        let mut config = config(4566);
        for section in ["user_pool", "identity_pool"] {
            let section = config[section].as_object_mut().unwrap();
            section.remove("endpoint");
        }
        config["user_pool"]["domain"] = example["user_pool"]["domain"].clone();
        config["api"]["base_url"] = example["api"]["base_url"].clone();
        assert_eq!(config, example);
    }

    #[test]
    fn locally_every_service_is_on_the_one_port() {
        let config = config(4566);
        assert_eq!(
            config["user_pool"]["domain"],
            json!("http://localhost:4566")
        );
        assert_eq!(
            config["user_pool"]["endpoint"],
            json!("http://localhost:4566")
        );
        assert_eq!(
            config["identity_pool"]["endpoint"],
            json!("http://localhost:4566")
        );
        assert_eq!(
            config["api"]["base_url"],
            json!("http://a1b2c3d4e5.execute-api.localhost:4566/latest")
        );
    }

    #[test]
    fn the_routes_of_optional_parts_come_after_those_of_every_system() {
        let mut config = SiteConfig::local(&Outputs::read(&outputs()).unwrap(), 4566);
        config.add_routes(&[Route {
            name: "Token",
            method: "GET",
            path: "/require-token",
            auth: "bearer",
        }]);
        let config = serde_json::to_value(config).unwrap();
        assert_eq!(
            config["api"]["routes"][2],
            json!({ "name": "Token", "method": "GET", "path": "/require-token", "auth": "bearer" })
        );
    }

    #[test]
    fn accounts_are_offered_only_where_there_are_any() {
        let mut config = SiteConfig::local(&Outputs::read(&outputs()).unwrap(), 4566);
        let section = |config: &SiteConfig| {
            serde_json::to_value(config)
                .unwrap()
                .get("accounts")
                .cloned()
        };
        assert_eq!(section(&config), None);
        config.offer_accounts();
        assert_eq!(section(&config), Some(json!({})));
    }

    #[test]
    fn names_all_missing_outputs_at_once() {
        let mut outputs = outputs();
        outputs.remove("ApiKey");
        outputs.remove("Region");
        let message = Outputs::read(&outputs).unwrap_err().to_string();
        assert_eq!(message, "the deployed stack has no output Region, ApiKey");
    }

    #[test]
    fn an_unchanged_configuration_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.json");
        let config = SiteConfig::local(&Outputs::read(&outputs()).unwrap(), 4566);
        config.write(&file).unwrap();
        let mut permissions = std::fs::metadata(&file).unwrap().permissions();
        let written = std::fs::metadata(&file).unwrap().modified().unwrap();
        permissions.set_readonly(true);
        std::fs::set_permissions(&file, permissions).unwrap();
        config.write(&file).unwrap();
        assert_eq!(
            std::fs::metadata(&file).unwrap().modified().unwrap(),
            written
        );
    }
}
