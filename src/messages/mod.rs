//! Every error in words for people: what happened, why, and which setting or step mends it. The only room
//! where such words live; each `match` is exhaustive, so a new error cannot be forgotten here.

mod accounts;
mod config;
mod gateway;
mod identity_pool;
mod session;
mod sign_in;
mod sign_out;
mod time;
mod transport;

pub(super) use accounts::{describe_account_error, describe_account_sign_out};
pub(super) use config::{describe_load_error, describe_mistake};
pub(super) use gateway::describe_refusal;
pub(super) use session::{
    Fact, KEEPING, Known, LIFETIMES, PERSON, describe_claim, describe_event,
    describe_renewal_error, role_name,
};
pub(super) use sign_in::describe_passkey;
pub(super) use sign_out::{describe_sign_out, describe_signed_out, sign_out_choices};
pub(super) use time::{clock_error, read_aloud};

use velvet_rope::{AuthError, Config, ProviderKind, SigningError};

/// An error in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// What happened, in a few words.
    pub(super) title: String,
    /// Why, as far as it is known.
    pub(super) detail: String,
    /// What to change, and where, for those who run the system.
    pub(super) fix: Option<String>,
    /// What the person can do right here.
    pub(super) suggested_action: SuggestedAction,
}

/// What the person can do right here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SuggestedAction {
    /// Sign in (again).
    SignIn,
    /// Try the same again.
    Retry,
    /// Nothing: something has to be changed first.
    None,
}

impl Message {
    fn new(
        title: impl Into<String>,
        detail: impl Into<String>,
        suggested_action: SuggestedAction,
    ) -> Self {
        Self {
            title: title.into(),
            detail: detail.into(),
            fix: None,
            suggested_action,
        }
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// What is said of the values in use, so that they can be compared with the console's.
#[derive(Clone, Debug)]
pub(super) struct MessageContext {
    /// What the provider is called at the beginning of a sentence.
    provider: &'static str,
    user_pool: String,
    client_id: String,
    domain_key: &'static str,
    domain: String,
    identity_pool: String,
    api: String,
    region: String,
    service: String,
    origin: String,
    redirect_uri: String,
}

impl MessageContext {
    /// The settings of a configuration for the site at `origin`.
    pub(super) fn new(config: &Config, origin: &str) -> Self {
        Self {
            provider: match &config.provider.kind {
                ProviderKind::Cognito { .. } => "Cognito",
                ProviderKind::Oidc { .. } => "The sign-in provider",
            },
            user_pool: config.provider.logins_key.clone(),
            client_id: config.provider.client_id.clone(),
            domain_key: match &config.provider.kind {
                ProviderKind::Cognito { .. } => "user_pool.domain",
                ProviderKind::Oidc { .. } => "oidc.issuer",
            },
            domain: match &config.provider.kind {
                ProviderKind::Cognito { domain, .. } => domain.clone(),
                ProviderKind::Oidc { .. } => config.provider.issuer.clone(),
            },
            identity_pool: config
                .identity_pool
                .as_ref()
                .map_or_else(String::new, |pool| pool.id.clone()),
            api: config.api.base_url.clone(),
            region: config.api.region.clone(),
            service: config.api.service.clone(),
            origin: origin.to_owned(),
            redirect_uri: format!("{origin}{}", config.provider.sign_in_path),
        }
    }

    /// The first text for a user pool, the second for any other provider.
    fn either(&self, user_pool: &'static str, other: &'static str) -> &'static str {
        if self.provider == "Cognito" {
            user_pool
        } else {
            other
        }
    }

    /// A sentence about what the provider does.
    fn by_provider(&self, does: &str) -> String {
        [self.provider, " ", does].concat()
    }

    /// What `config.json` calls a setting of the provider.
    fn key(&self, name: &str) -> String {
        let section = self.domain_key.split('.').next().unwrap_or_default();
        [section, ".", name].concat()
    }
}

/// An error of a use case in words.
pub(super) fn describe(error: &AuthError, setting: &MessageContext) -> Message {
    match error {
        AuthError::InsecureContext
        | AuthError::NoRandomness
        | AuthError::Store(_)
        | AuthError::MalformedCallback(_)
        | AuthError::SignInRefused { .. }
        | AuthError::StateUnknown
        | AuthError::OtherIssuer(_)
        | AuthError::Token(_)
        | AuthError::IdToken(_)
        | AuthError::Discovery(_)
        | AuthError::Keys(_)
        | AuthError::RenewalUncertain
        | AuthError::OtherTabSilent
        | AuthError::SessionChanged
        | AuthError::NewerRelease
        | AuthError::RoleNotOffered
        | AuthError::NoPasskeys
        | AuthError::SignInRequired
        | AuthError::SessionExpired => sign_in::describe(error, setting),
        AuthError::NoIdentityPool => Message::new(
            "No identity pool is configured",
            "This route wants a signed request, and signing takes credentials from a Cognito identity pool.",
            SuggestedAction::None,
        )
        .fix("Set identity_pool.id in config.json."),
        AuthError::IdentityPool(error) => identity_pool::describe(error, setting),
        AuthError::Signing(SigningError::Unavailable) => Message::new(
            "What signs requests could not be loaded",
            "This site serves it as signer.js, apart from the page, and it did not come.",
            SuggestedAction::Retry,
        )
        .fix("Serve signer.js and signer_bg.wasm from the same release as index.html."),
        AuthError::Signing(SigningError::Invalid) => Message::new(
            "The request could not be signed",
            "Its address or one of its headers is not valid.",
            SuggestedAction::None,
        )
        .fix("Check api.base_url, api.key and the route's path in config.json."),
        AuthError::Transport { during, source } => transport::describe(*during, source, setting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velvet_rope::oauth::{TokenError, TokenErrorCode};
    use velvet_rope::{IdentityPoolError, Step, TransportError, parse_config};

    fn words(error: &AuthError) -> Message {
        let config = parse_config(include_str!("../../public/config.example.json")).unwrap();
        describe(
            error,
            &MessageContext::new(&config, "https://app.example.com"),
        )
    }

    #[test]
    fn an_unlinked_pool_names_both_values_to_compare() {
        let message = words(&AuthError::IdentityPool(IdentityPoolError::NotLinked));
        let fix = message.fix.unwrap();
        assert!(
            fix.contains("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"),
            "{fix}"
        );
        assert!(fix.contains("1example23456789abcdefghij"), "{fix}");
    }

    #[test]
    fn an_unreadable_answer_names_both_the_network_and_cors() {
        let source = TransportError::Unreachable {
            host: "api.example.com".into(),
        };
        let message = words(&AuthError::Transport {
            during: Step::Api,
            source,
        });
        assert!(
            message.detail.contains("network") && message.detail.contains("CORS"),
            "{}",
            message.detail
        );
        assert!(
            message.detail.contains("api.example.com"),
            "{}",
            message.detail
        );
        assert_eq!(message.suggested_action, SuggestedAction::Retry);
    }

    #[test]
    fn what_needs_a_sign_in_offers_one_and_what_can_be_retried_offers_that() {
        let spent = AuthError::Token(TokenError::Refused {
            error: TokenErrorCode::InvalidGrant,
            description: None,
        });
        for error in [
            AuthError::StateUnknown,
            AuthError::SignInRequired,
            AuthError::SessionExpired,
            spent,
            AuthError::Transport {
                during: Step::Api,
                source: TransportError::Offline,
            },
            AuthError::IdentityPool(IdentityPoolError::Throttled),
            AuthError::IdentityPool(IdentityPoolError::TokenExpired),
            AuthError::NoIdentityPool,
        ] {
            let expected = match (error.needs_sign_in(), error.is_retryable()) {
                (true, _) => SuggestedAction::SignIn,
                (_, true) => SuggestedAction::Retry,
                _ => SuggestedAction::None,
            };
            assert_eq!(words(&error).suggested_action, expected, "{error:?}");
        }
    }
}
