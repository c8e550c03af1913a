//! Compares a configuration with the system that it names: discovery, signing keys, app client, identity pool, each route
//! with its CORS, and the clock. Each check says what it found, what it expected, and which setting to change.
//!
//! ```no_run
//! use velvet_rope::{Config, Timestamp};
//! use velvet_rope_doctor::{Finding, Surroundings, checks};
//!
//! async fn examine(config: &Config, surroundings: &impl Surroundings) -> Vec<Finding> {
//!     let mut findings = Vec::new();
//!     for check in checks(config) {
//!         println!("{} …", check.title(config));
//!         findings.push(check.run(config, surroundings).await);
//!     }
//!     findings
//! }
//! ```
//!
//! The checks run in a page and in a terminal: what differs between them is behind [`Surroundings`]. They change nothing in
//! the system. A request to a route has neither a valid API key nor a signature, so that the gateway refuses it before it
//! reaches the API.

mod api;
mod finding;
mod provider;
mod surroundings;

pub use finding::{Finding, State, report};
pub use surroundings::{Missing, Preflight, Surroundings, missing_of_preflight, needed_headers};

/// In place of the values of headers: no gateway accepts it, so that no request of a check reaches the API.
pub const NO_VALUE: &str = "velvet-rope-doctor-no-value";

use velvet_rope::{Config, ProviderKind};

/// One comparison of the configuration with the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The provider describes itself under the issuer that is configured.
    Discovery,
    /// The provider publishes keys that sign ID tokens.
    Keys,
    /// The provider knows the client id and lets it use the code flow.
    Client,
    /// The identity pool exists, and lets guests in if the configuration says so.
    IdentityPool,
    /// A route can be called from a page: the preflight of the route with this position.
    Route(usize),
    /// A page can read why the gateway refuses a call.
    Refusals,
    /// The clock of this device is that of the servers.
    Clock,
}

/// The checks for a configuration, in the order in which one explains the next.
#[must_use]
pub fn checks(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    if matches!(config.provider.kind, ProviderKind::Oidc { .. }) {
        checks.push(Check::Discovery);
    }
    checks.extend([Check::Keys, Check::Client]);
    if config.identity_pool.is_some() {
        checks.push(Check::IdentityPool);
    }
    checks.extend((0..config.api.routes.len()).map(Check::Route));
    checks.extend([Check::Refusals, Check::Clock]);
    checks
}

impl Check {
    /// What it compares, in a few words.
    #[must_use]
    pub fn title(self, config: &Config) -> String {
        match self {
            Self::Discovery => "Discovery document".to_owned(),
            Self::Keys => "Signing keys of the provider".to_owned(),
            Self::Client => "Client id and code flow".to_owned(),
            Self::IdentityPool => "Identity pool".to_owned(),
            Self::Route(position) => match config.api.routes.get(position) {
                Some(route) => ["CORS of ", route.method.as_str(), " ", &route.path].concat(),
                None => "CORS of a route".to_owned(),
            },
            Self::Refusals => "Refusals of the gateway can be read".to_owned(),
            Self::Clock => "Clock of this device".to_owned(),
        }
    }

    /// Makes the comparison.
    pub async fn run(self, config: &Config, surroundings: &impl Surroundings) -> Finding {
        let title = self.title(config);
        match self {
            Self::Discovery => provider::discovery(title, config, surroundings).await,
            Self::Keys => provider::keys(title, config, surroundings).await,
            Self::Client => provider::client(title, config, surroundings).await,
            Self::IdentityPool => provider::identity_pool(title, config, surroundings).await,
            Self::Route(position) => api::route(title, config, position, surroundings).await,
            Self::Refusals => api::refusals(title, config, surroundings).await,
            Self::Clock => api::clock(title, config, surroundings).await,
        }
    }
}
