//! From what the stack answers (its outputs) to what the application reads (`config.json`).

use std::collections::HashMap;

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
    oauth_domain: String,
    refresh_token_rotation: String,
    refresh_token_grace_seconds: String,
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
            oauth_domain: output("OAuthDomain"),
            refresh_token_rotation: output("RefreshTokenRotation"),
            refresh_token_grace_seconds: output("RefreshTokenGraceSeconds"),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    scopes: [&'static str; 3],
    refresh_token_rotation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_grace_seconds: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct IdentityPool {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Api {
    base_url: String,
    key: String,
    routes: Vec<Route>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_path: Option<&'static str>,
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

/// What an optional part adds to what the application offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Routes to call.
    pub(crate) routes: &'static [Route],
    /// The path of the route that returns the caller's record.
    pub(crate) record_path: Option<&'static str>,
    /// Whether people may have accounts at the API itself.
    pub(crate) accounts: bool,
}

/// What all optional parts of a system add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    /// Routes to call.
    pub(crate) routes: Vec<Route>,
    record_path: Option<&'static str>,
    accounts: bool,
}

impl Offers {
    /// Adds what one part offers.
    pub(crate) fn add(&mut self, offer: &Offer) {
        self.routes.extend_from_slice(offer.routes);
        self.record_path = self.record_path.or(offer.record_path);
        self.accounts |= offer.accounts;
    }
}

/// API-managed accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Accounts {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Session {
    storage: &'static str,
}

/// The routes of every system.
pub(crate) static DEMO_ROUTES: [Route; 2] = [
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
    /// The configuration of an application that talks to the stack with these `outputs`, on AWS or on the local cloud
    /// of that port.
    ///
    /// # Errors
    /// When an output is not what the template makes it.
    pub(crate) fn of(outputs: &Outputs, local_port: Option<u16>) -> Result<Self> {
        let cloud = local_port.map(crate::aws::ministack::url);
        let base_url = match local_port {
            None => outputs.api_url.clone(),
            Some(port) => {
                // The stage is the last segment of the address that AWS would give.
                let stage = outputs.api_url.rsplit('/').next().unwrap_or_default();
                format!(
                    "http://{}.execute-api.localhost:{port}/{stage}",
                    outputs.api_id
                )
            }
        };
        let rotates = outputs.refresh_token_rotation == "ENABLED";
        let grace = outputs.refresh_token_grace_seconds.parse();
        let grace: u8 = grace.context("the output RefreshTokenGraceSeconds is no number")?;
        Ok(Self {
            region: outputs.region.clone(),
            user_pool: UserPool {
                id: outputs.user_pool_id.clone(),
                client_id: outputs.user_pool_client_id.clone(),
                domain: cloud.as_ref().unwrap_or(&outputs.oauth_domain).clone(),
                endpoint: cloud.clone(),
                scopes: ["openid", "email", "profile"],
                refresh_token_rotation: rotates,
                refresh_token_grace_seconds: rotates.then_some(grace),
            },
            identity_pool: IdentityPool {
                id: outputs.identity_pool_id.clone(),
                endpoint: cloud,
            },
            api: Api {
                base_url,
                key: outputs.api_key.clone(),
                routes: DEMO_ROUTES.to_vec(),
                record_path: None,
            },
            accounts: None,
            session: Session { storage: "session" },
        })
    }

    /// Offers this as well.
    pub(crate) fn offer(&mut self, offers: &Offers) {
        self.api.routes.extend_from_slice(&offers.routes);
        self.api.record_path = self.api.record_path.or(offers.record_path);
        self.accounts = self.accounts.or(offers.accounts.then_some(Accounts {}));
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
            (
                "OAuthDomain",
                "your-prefix.auth.eu-west-1.amazoncognito.com",
            ),
            ("RefreshTokenRotation", "ENABLED"),
            ("RefreshTokenGraceSeconds", "10"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn config(local_port: Option<u16>) -> Value {
        let outputs = Outputs::read(&outputs()).unwrap();
        serde_json::to_value(SiteConfig::of(&outputs, local_port).unwrap()).unwrap()
    }

    #[test]
    fn on_aws_it_is_the_example_and_how_refresh_tokens_rotate() {
        let example = include_str!("../../../../public/config.example.json");
        let mut example: Value = serde_json::from_str(example).unwrap();
        example["user_pool"]["refresh_token_rotation"] = json!(true);
        example["user_pool"]["refresh_token_grace_seconds"] = json!(10);
        assert_eq!(config(None), example);
    }

    #[test]
    fn says_nothing_of_a_grace_without_rotation() {
        let mut outputs = outputs();
        outputs.insert("RefreshTokenRotation".to_owned(), "DISABLED".to_owned());
        let outputs = Outputs::read(&outputs).unwrap();
        let config = serde_json::to_value(SiteConfig::of(&outputs, None).unwrap()).unwrap();
        assert_eq!(config["user_pool"]["refresh_token_rotation"], json!(false));
        assert_eq!(
            config["user_pool"]["refresh_token_grace_seconds"],
            Value::Null
        );
    }

    #[test]
    fn locally_every_service_is_on_the_one_port() {
        let config = config(Some(4566));
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
        let mut offers = Offers::default();
        let routes = &[Route {
            name: "Token",
            method: "GET",
            path: "/require-token",
            auth: "bearer",
        }];
        offers.add(&Offer {
            routes,
            record_path: None,
            accounts: false,
        });
        let config = offering(&offers);
        assert_eq!(
            config["api"]["routes"][2],
            json!({ "name": "Token", "method": "GET", "path": "/require-token", "auth": "bearer" })
        );
    }

    #[test]
    fn records_and_accounts_are_offered_only_where_there_are_any() {
        let mut offers = Offers::default();
        let without = offering(&offers);
        assert_eq!(without.get("accounts"), None);
        assert_eq!(without["api"].get("record_path"), None);
        for (record_path, accounts) in [(Some("/me"), false), (None, true)] {
            offers.add(&Offer {
                routes: &[],
                record_path,
                accounts,
            });
        }
        let with = offering(&offers);
        assert_eq!(with["accounts"], json!({}));
        assert_eq!(with["api"]["record_path"], "/me");
    }

    fn offering(offers: &Offers) -> Value {
        let mut config = SiteConfig::of(&Outputs::read(&outputs()).unwrap(), Some(4566)).unwrap();
        config.offer(offers);
        serde_json::to_value(config).unwrap()
    }

    #[test]
    fn names_all_missing_outputs_at_once() {
        let mut outputs = outputs();
        outputs.remove("ApiKey");
        outputs.remove("Region");
        let message = Outputs::read(&outputs).unwrap_err().to_string();
        assert_eq!(message, "the deployed stack has no output Region, ApiKey");
    }
}
