//! What a scenario asks for.

use std::time::Duration;

use serde_json::Value;

use crate::browser::Options;
use crate::oidc::Settings;
use crate::site::Policy;

/// What the site is configured to talk to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wiring {
    /// MiniStack, by way of the stand-in.
    #[default]
    ThroughStandIn,
    /// MiniStack, with nothing in between.
    Direct,
    /// MiniStack, by way of the stand-in; but people sign in at an OpenID provider.
    WithProvider,
    /// The same, with the one provider that the system trusts: its access tokens open the bearer routes, and the
    /// identity pool takes its ID tokens.
    WithTrustedProvider,
    /// MiniStack, by way of the stand-in, whose user pool knows an OpenID provider that people sign in at.
    WithFederation,
}

/// What a scenario asks for beyond the usual.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// What the site talks to.
    pub wiring: Wiring,
    /// The browser.
    pub browser: Options,
    /// The OpenID provider, where there is one.
    pub provider: Settings,
    /// Whether the site offers what the optional parts of the system bring.
    pub(super) parts: bool,
    /// What the site sends along with its files.
    pub(super) policy: Policy,
    /// What is changed about the site's configuration.
    pub(super) edits: Vec<fn(&mut Value)>,
    /// How long the scenario may take, unless the usual limit is enough.
    pub(super) limit: Option<Duration>,
}

impl Setup {
    /// A site that talks to MiniStack with nothing in between.
    #[must_use]
    pub fn direct() -> Self {
        Self {
            wiring: Wiring::Direct,
            ..Self::default()
        }
    }

    /// A site where people sign in at an OpenID provider.
    #[must_use]
    pub fn with_provider(provider: Settings) -> Self {
        Self {
            wiring: Wiring::WithProvider,
            provider,
            ..Self::default()
        }
    }

    /// A site where people sign in at the OpenID provider that the system trusts.
    #[must_use]
    pub fn with_trusted_provider(provider: Settings) -> Self {
        Self {
            wiring: Wiring::WithTrustedProvider,
            provider,
            ..Self::default()
        }
    }

    /// A site of a user pool that knows an OpenID provider.
    #[must_use]
    pub fn with_federation() -> Self {
        Self {
            wiring: Wiring::WithFederation,
            ..Self::default()
        }
    }

    /// A site that offers the routes of the optional parts as well.
    #[must_use]
    pub fn parts(mut self) -> Self {
        self.parts = true;
        self
    }

    /// A site whose configuration is changed like this before it begins.
    #[must_use]
    pub fn config(mut self, edit: fn(&mut Value)) -> Self {
        self.edits.push(edit);
        self
    }

    /// A site that sends this along with its files.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// A scenario that may take this long, because it has to wait for something that does.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// A browser with one more command line argument.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.browser.arguments.push(argument.to_owned());
        self
    }

    /// A browser with one more preference in its profile.
    #[must_use]
    pub fn preference(mut self, name: &str, value: Value) -> Self {
        self.browser.preferences.insert(name.to_owned(), value);
        self
    }
}
