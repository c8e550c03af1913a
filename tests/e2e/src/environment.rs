//! The local cloud and the tools of a test run, read from the `cloud.json` that `cargo xtask test` writes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::Programs;
use crate::oidc::CLIENT_ID;

/// The environment variable that holds the path of `cloud.json`.
const VARIABLE: &str = "VELVET_ROPE_E2E";

/// The local cloud and the tools for this run.
#[derive(Clone, Debug, Deserialize)]
pub struct Environment {
    /// The port of the site, part of the only redirect URI that the user pool knows.
    pub site_port: u16,
    /// The port of MiniStack.
    pub cloud_port: u16,
    /// Scheme, host and port of MiniStack.
    pub cloud_url: String,
    /// The configuration of a site that talks to MiniStack directly, for a system without optional parts.
    pub config: Value,
    /// The routes of the optional parts, all of which are there.
    pub routes_of_parts: Vec<Value>,
    /// The outputs of the stack.
    pub outputs: BTreeMap<String, String>,
    /// The port of the OpenID provider that the system trusts beside its user pool.
    pub provider_port: u16,
    /// What that provider's access tokens for the API say in `aud`.
    pub audience: String,
    /// The name under which the user pool is to know that provider.
    pub federated_provider: String,
    /// The command `cargo xtask`.
    pub xtask: PathBuf,
    /// The release build of the site.
    pub dist: PathBuf,
    /// The builds of the examples, each in a folder of its name.
    pub examples: PathBuf,
    /// The browser of this run, and its WebDriver server.
    pub browser: Programs,
    /// The script of axe-core.
    pub axe: PathBuf,
    /// Node.js, for the OpenID provider.
    pub node: PathBuf,
    /// The folder of modules that the OpenID provider is in.
    pub oidc_provider: PathBuf,
    /// Where failures save their artifacts.
    pub artifacts: PathBuf,
    /// The name of the user that exists.
    pub demo_user: String,
    /// That user's password.
    pub demo_password: String,
}

impl Environment {
    /// Reads the file that `cargo xtask test` wrote.
    ///
    /// # Errors
    /// When the variable is not set, or the file cannot be read.
    pub fn from_environment() -> Result<Self> {
        let Some(path) = std::env::var_os(VARIABLE) else {
            bail!(
                "{VARIABLE} is not set: run these tests with `cargo xtask test`, which starts the local cloud for them"
            );
        };
        let path = PathBuf::from(path);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{VARIABLE} names {}, which cannot be read", path.display())
        })?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is not what `cargo xtask test` writes", path.display()))
    }

    /// Scheme, host and port of the site.
    #[must_use]
    pub fn site_url(&self) -> String {
        format!("http://localhost:{}", self.site_port)
    }

    /// An output of the stack.
    ///
    /// # Errors
    /// When it has none of that name.
    pub fn output(&self, name: &str) -> Result<&str> {
        let output = self.outputs.get(name);
        Ok(output.with_context(|| format!("the stack has no output {name}"))?)
    }

    /// The redirect URI of the user pool at an identity provider. The local cloud uses the address on AWS.
    ///
    /// # Errors
    /// When the stack has no output with the domain of the user pool.
    pub fn federation_callback(&self) -> Result<String> {
        let domain = self.output("OAuthDomain")?;
        Ok(format!("https://{domain}/oauth2/idpresponse"))
    }

    /// The configuration of a site that calls the proxy on `port` instead of MiniStack.
    #[must_use]
    pub fn config_via_proxy(&self, port: u16) -> Value {
        let mut config = self.config.clone();
        for pointer in [
            "/user_pool/domain",
            "/user_pool/endpoint",
            "/identity_pool/endpoint",
            "/api/base_url",
        ] {
            if let Some(Value::String(address)) = config.pointer_mut(pointer) {
                *address = address.replace(&format!(":{}", self.cloud_port), &format!(":{port}"));
            }
        }
        config
    }

    /// The configuration of a site that signs in at the provider `issuer` instead of the user pool, and calls
    /// the proxy on `port` instead of MiniStack.
    #[must_use]
    pub fn config_with_provider(&self, port: u16, issuer: &str) -> Value {
        let mut config = self.config_via_proxy(port);
        if let Some(sections) = config.as_object_mut() {
            sections.remove("user_pool");
            let provider = json!({
                "issuer": issuer,
                "client_id": CLIENT_ID,
                "scopes": ["openid", "email", "profile", "offline_access"],
                "logout": "end_session",
            });
            sections.insert("oidc".to_owned(), provider);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> Environment {
        serde_json::from_value(json!({
            "site_port": 8080, "cloud_port": 4566, "cloud_url": "http://localhost:4566", "dist": "", "examples": "",
            "browser": { "engine": "firefox", "browser": "", "driver": "" }, "axe": "", "node": "", "oidc_provider": "",
            "routes_of_parts": [{ "name": "Token route" }], "outputs": { "Region": "eu-west-1" }, "provider_port": 5555,
            "audience": "", "federated_provider": "", "xtask": "",
            "artifacts": "", "demo_user": "", "demo_password": "",
            "config": {
                "user_pool": { "domain": "http://localhost:4566", "endpoint": "http://localhost:4566", "client_id": "a:4566" },
                "identity_pool": { "endpoint": "http://localhost:4566" },
                "api": { "base_url": "http://a1b2.execute-api.localhost:4566/latest" },
            },
        }))
        .unwrap()
    }

    #[test]
    fn only_addresses_change_on_the_way_via_a_proxy() {
        let expected = json!({
            "user_pool": { "domain": "http://localhost:9999", "endpoint": "http://localhost:9999", "client_id": "a:4566" },
            "identity_pool": { "endpoint": "http://localhost:9999" },
            "api": { "base_url": "http://a1b2.execute-api.localhost:9999/latest" },
        });
        assert_eq!(cloud().config_via_proxy(9999), expected);
    }

    #[test]
    fn an_output_that_there_is_not_is_named() {
        assert_eq!(cloud().output("Region").unwrap(), "eu-west-1");
        let error = cloud().output("Nothing").unwrap_err();
        assert_eq!(error.to_string(), "the stack has no output Nothing");
    }

    #[test]
    fn a_site_with_a_provider_has_no_user_pool() {
        let config = cloud().config_with_provider(9999, "http://localhost:5555");
        assert_eq!(config.get("user_pool"), None);
        assert_eq!(config["oidc"]["issuer"], "http://localhost:5555");
        assert_eq!(config["identity_pool"]["endpoint"], "http://localhost:9999");
    }
}
