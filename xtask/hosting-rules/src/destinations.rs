//! With whom the page talks: the hosts that `config.json` names or implies.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::files::is_page_address;
use velvet_rope::config::{self, Config, ConfigError, Mistake, ProviderKind, is_secure_address};
use velvet_rope::http::HttpResponse;
use velvet_rope::oauth::discovery::{
    DiscoveryError, Endpoints, discovery_request, known_endpoints, parse_discovery,
};

/// The origins that the page sends requests to, its own not among them, and where to ask for those that the
/// configuration does not name. Leaving for a sign-in page is not a request of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destinations {
    origins: BTreeSet<String>,
    provider: Option<config::Provider>,
}

/// Why a site cannot be served with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// The application would refuse it: every mistake, each on a line of its own.
    #[error("the page would refuse this config.json:\n{}", .0.join("\n"))]
    Configuration(Vec<String>),
    /// A path that the provider returns to, which hosts would take for the name of a file.
    #[error(
        "{0} has a dot in its last part: a host would look for a file of that name instead of answering with the page"
    )]
    PathLikeAFile(String),
    /// The provider's own description of itself is of no use to the page either.
    #[error("the page could not use this provider: {0}")]
    Discovery(String),
    /// What was named as a further host is no address that the page would send anything to.
    #[error("`{0}` is no https address, as in https://login.example.com")]
    Address(String),
}

impl Destinations {
    /// Those that the text of a `config.json` names or implies.
    ///
    /// # Errors
    /// [`Unusable`] when the application would not take it, or hosts could not serve it.
    pub fn of(config_json: &str) -> Result<Self, Unusable> {
        let config =
            config::parse(config_json).map_err(|error| Unusable::Configuration(mistakes(error)))?;
        for path in [
            &config.provider.sign_in_path,
            &config.provider.sign_out_path,
        ] {
            if !is_page_address(path) {
                return Err(Unusable::PathLikeAFile(path.clone()));
            }
        }
        Ok(Self::of_config(config))
    }

    fn of_config(config: Config) -> Self {
        let mut destinations = Self::default();
        destinations.add_origin(&config.api.base_url);
        if let Some(address) = config
            .api
            .openapi
            .filter(|address| !address.starts_with('/'))
        {
            destinations.add_origin(&address);
        }
        if let Some(accounts) = &config.accounts {
            destinations.add_origin(&accounts.base_url);
        }
        if let Some(pool) = &config.identity_pool {
            destinations.add_origin(&pool.endpoint);
        }
        if let ProviderKind::Cognito { endpoint, .. } = &config.provider.kind {
            destinations.add_origin(endpoint);
        }
        if let Some(endpoints) = known_endpoints(&config.provider) {
            destinations.add_endpoints(&endpoints);
        } else {
            destinations.add_origin(&config.provider.issuer);
            destinations.provider = Some(config.provider);
        }
        destinations
    }

    /// Where the provider describes itself, if it is one that has to be asked for its endpoints: they may be on other
    /// hosts than its issuer.
    #[must_use]
    pub fn discovery_address(&self) -> Option<String> {
        self.provider
            .as_ref()
            .map(|provider| discovery_request(provider).url)
    }

    /// Adds the hosts that the provider names, out of what it answered at [`Self::discovery_address`].
    ///
    /// # Errors
    /// [`Unusable::Discovery`] when the page could not use that answer.
    pub fn add_discovered(&mut self, status: u16, body: &str) -> Result<(), Unusable> {
        let Some(provider) = &self.provider else {
            return Ok(());
        };
        let response = HttpResponse::new(status, Vec::new(), body);
        let endpoints = parse_discovery(&response, provider)
            .map_err(|error: DiscoveryError| Unusable::Discovery(error.to_string()))?;
        self.add_endpoints(&endpoints);
        Ok(())
    }

    /// Adds a host by an address on it.
    ///
    /// # Errors
    /// [`Unusable::Address`] when it is not https, nor on this machine.
    pub fn add(&mut self, address: &str) -> Result<(), Unusable> {
        if !is_secure_address(address) {
            return Err(Unusable::Address(address.to_owned()));
        }
        self.add_origin(address);
        Ok(())
    }

    /// These and those of `other`.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            origins: self.origins.union(&other.origins).cloned().collect(),
            provider: self.provider.clone(),
        }
    }

    /// The origins, each once, in alphabetical order.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(String::as_str)
    }

    /// The page fetches tokens and keys and revokes tokens; to the other endpoints it only sends the browser.
    fn add_endpoints(&mut self, endpoints: &Endpoints) {
        self.add_origin(&endpoints.token);
        self.add_origin(&endpoints.jwks);
        if let Some(revocation) = &endpoints.revocation {
            self.add_origin(revocation);
        }
    }

    /// `address` has been checked: its host consists of letters, digits, dots and hyphens.
    fn add_origin(&mut self, address: &str) {
        if let Some((scheme, rest)) = address.split_once("://") {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            self.origins
                .insert(format!("{scheme}://{host}").to_ascii_lowercase());
        }
    }
}

fn mistakes(error: ConfigError) -> Vec<String> {
    match error {
        ConfigError::NotJson { .. } => vec![error.to_string()],
        ConfigError::Mistakes(mistakes) => mistakes.into_iter().map(mistake).collect(),
    }
}

fn mistake(
    Mistake {
        key,
        expected,
        found,
    }: Mistake,
) -> String {
    let found = found.map_or_else(
        || "it is missing".to_owned(),
        |found| format!("found {found}"),
    );
    format!("  {key}: expected {expected}; {found}")
}
