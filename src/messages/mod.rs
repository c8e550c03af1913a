//! The messages of the app: for each error what happened, why, and which setting or step fixes it. Each `match` is
//! exhaustive, so that a new error needs a message.

mod accounts;
mod config;
#[cfg(test)]
mod docs_table;
mod gateway;
mod identity_pool;
mod request;
mod session;
mod session_fields;
mod sign_in;
mod sign_out;
mod status;
mod time;
mod tokens;
mod transport;

pub(super) use accounts::{describe_account_error, describe_account_sign_out};
pub(super) use config::{describe_load_error, describe_mistake};
pub(super) use gateway::describe_refusal;
pub(super) use request::{
    OpenError, SignedPart, describe_difference, describe_open_error, describe_unreadable,
};
pub(super) use session::{describe_event, describe_renewal_error};
pub(super) use session_fields::{
    Field, FieldContext, LIFETIME_FIELDS, STORAGE_FIELDS, USER_FIELDS, describe_claim, role_name,
};
pub(super) use sign_in::describe_passkey;
pub(super) use sign_out::{GUEST, describe_sign_out, describe_signed_out, sign_out_choices};
pub(super) use status::reason;
pub(super) use time::{clock_error, read_aloud};

use velvet_rope::{AuthError, CallError, Config, ProviderKind, Step};

/// An error as a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// What happened, in a few words.
    pub(super) title: String,
    /// Why, if the app knows.
    pub(super) detail: String,
    /// What was seen, as names and values. Never a secret. Both are texts of their own, like the headers of an answer: another
    /// type would add its code to the first load.
    pub(super) values: Vec<(String, String)>,
    /// What to change, and where, for the operator of the system.
    pub(super) fix: Option<String>,
    /// What the user can do on this page.
    pub(super) suggested_action: SuggestedAction,
}

/// What the user can do on this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SuggestedAction {
    /// Sign in (again).
    SignIn,
    /// Try again.
    Retry,
    /// Fetch new AWS credentials and try again.
    NewCredentials,
    /// The same, because the answer with the credentials corrects the clock.
    CorrectClock,
    /// Choose another of the user's roles.
    ChooseRole,
    /// Compare the configuration with the system.
    CheckSetup,
    /// Nothing: a setting has to be changed first.
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
            values: Vec::new(),
            fix: None,
            suggested_action,
        }
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// The configured values that messages name, so that the operator can compare them with those in the AWS console.
#[derive(Clone, Debug)]
pub(super) struct MessageContext {
    is_cognito: bool,
    /// The name of the provider at the beginning of a sentence.
    provider: &'static str,
    user_pool: String,
    client_id: String,
    domain_key: &'static str,
    domain: String,
    identity_pool: String,
    api: String,
    region: String,
    service: String,
    /// The API key as far as it may be shown.
    api_key: String,
    origin: String,
    redirect_uri: String,
    /// Whether the user can choose among several roles.
    has_roles: bool,
    /// What the app adds to this device's clock.
    clock_offset_seconds: i64,
}

impl MessageContext {
    /// The values of a configuration for the site at `origin`.
    pub(super) fn new(config: &Config, origin: &str) -> Self {
        Self {
            is_cognito: matches!(config.provider.kind, ProviderKind::Cognito { .. }),
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
            api_key: describe_key(config.api.key.as_deref()),
            origin: origin.to_owned(),
            redirect_uri: format!("{origin}{}", config.provider.sign_in_path),
            has_roles: false,
            clock_offset_seconds: 0,
        }
    }

    /// With what is known of the session: whether the user can choose among roles, and the correction of the clock.
    pub(super) fn with_session(mut self, has_roles: bool, clock_offset_seconds: i64) -> Self {
        self.has_roles = has_roles;
        self.clock_offset_seconds = clock_offset_seconds;
        self
    }

    /// The first text for a user pool, the second for any other provider.
    fn either(&self, user_pool: &'static str, other: &'static str) -> &'static str {
        if self.is_cognito { user_pool } else { other }
    }

    /// A sentence about the provider.
    fn by_provider(&self, does: &str) -> String {
        [self.provider, " ", does].concat()
    }

    /// The key in `config.json` of a setting of the provider.
    fn key(&self, name: &str) -> String {
        let section = self.domain_key.split('.').next().unwrap_or_default();
        [section, ".", name].concat()
    }
}

/// An API key as far as it helps to find it in a list of keys.
fn describe_key(key: Option<&str>) -> String {
    let Some(key) = key else {
        return "not set".to_owned();
    };
    let length = key.chars().count();
    // A short key would be shown in whole.
    let end = key.chars().skip(length.saturating_sub(4));
    let end: String = end.filter(|_| length >= 16).collect();
    format!("…{end}, {length} characters")
}

/// The message for a call that was not answered.
pub(crate) fn describe_call_error(error: &CallError, context: &MessageContext) -> Message {
    match error {
        CallError::Session(error) => describe(error, context),
        CallError::Transport(error) => transport::describe(Step::Api, error, context),
        CallError::SessionChanged => session::session_changed(),
        CallError::Request(error) => gateway::request(error),
        CallError::Cancelled => gateway::cancelled(),
    }
}

/// That a part of the app is missing. Apart from [`describe`], which is in such a part.
pub(super) fn part_unavailable() -> Message {
    Message::new(
        "A part of this page could not be loaded",
        "The network may be down, or a new version of the site replaced this one. If trying again does not help, reload \
         the page.",
        SuggestedAction::Retry,
    )
}

/// An error of the library as a message.
pub(super) fn describe(error: &AuthError, context: &MessageContext) -> Message {
    match error {
        AuthError::InsecureContext => sign_in::insecure_context(context),
        AuthError::NoRandomness => sign_in::no_randomness(),
        AuthError::Store(error) => sign_in::storage(*error),
        AuthError::MalformedCallback(error) => sign_in::malformed(*error),
        AuthError::SignInRefused { error, description } => {
            sign_in::refused(error, description.as_deref(), context)
        }
        AuthError::StateUnknown => sign_in::state_unknown(),
        AuthError::OtherIssuer(issuer) => sign_in::other_issuer(issuer, context),
        AuthError::Discovery(error) => sign_in::discovery(error, context),
        AuthError::Keys(error) => tokens::keys(error.status, context),
        AuthError::Token(error) => tokens::token(error, context),
        AuthError::IdToken(error) => tokens::id_token(error, context),
        AuthError::RenewalUncertain => session::renewal_uncertain(),
        AuthError::OtherTabSilent => session::other_tab_silent(),
        AuthError::SessionChanged => session::session_changed(),
        AuthError::NewerRelease => session::newer_release(),
        AuthError::PartUnavailable(_) => part_unavailable(),
        AuthError::RoleNotOffered => session::role_not_offered(),
        AuthError::NoPasskeys => session::no_passkeys(),
        AuthError::SignInRequired => session::sign_in_required(),
        AuthError::SessionExpired => session::session_expired(),
        AuthError::NoIdentityPool => identity_pool::not_configured(),
        AuthError::IdentityPool(error) => identity_pool::describe(error, context),
        AuthError::Signing(error) => gateway::describe_signing_error(*error),
        AuthError::Transport { during, source } => transport::describe(*during, source, context),
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
    fn the_suggested_action_follows_from_the_error() {
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
