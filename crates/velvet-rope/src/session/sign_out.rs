//! Signing out: what is stored here is removed first, whatever the network does afterwards; then each thing that can be
//! ended elsewhere is ended, and the report says what could not be.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::context::Context;
use super::credentials::CredentialsSource;
use super::keys;
use super::message::Message;
use super::provider::ProviderMetadata;
use super::session_store::SessionStore;
use super::state::SignedIn;
use super::state::SignedOutReason;
use super::tabs::Tabs;
use crate::host::Host;
use crate::http::{HttpRequest, Transport, TransportError};
use crate::json;
use crate::oauth::logout::{
    GLOBAL_SIGN_OUT_SCOPE, global_sign_out_request, has_scope, logout_url, revoke_request,
};
use crate::store::Store;
use crate::time::Timestamp;

/// How long each request may take: the user is waiting.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How far a sign-out goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOutScope {
    /// This browser.
    ThisApp,
    /// Every device, where the provider can do that.
    Everywhere,
    /// This browser, to sign in as another user at once.
    SwitchUser,
    /// This browser, because the session was idle.
    Idle,
}

const SCOPES: [(SignOutScope, &str); 4] = [
    (SignOutScope::ThisApp, "this_app"),
    (SignOutScope::Everywhere, "everywhere"),
    (SignOutScope::SwitchUser, "switch_user"),
    (SignOutScope::Idle, "idle"),
];

/// The result for one thing that was to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was ended.
    Done,
    /// It was not to be ended, or there was nothing to end.
    NotAsked,
    /// The access token lacks [`GLOBAL_SIGN_OUT_SCOPE`], or the provider cannot do it.
    NotPossible,
    /// The provider did not answer, or refused.
    Failed,
}

const ENDINGS: [(Ending, &str); 4] = [
    (Ending::Done, "done"),
    (Ending::NotAsked, "not_asked"),
    (Ending::NotPossible, "not_possible"),
    (Ending::Failed, "failed"),
];

/// What a sign-out did, and what stays valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignOutReport {
    /// How far it was to go.
    pub scope: SignOutScope,
    /// The refresh token.
    pub refresh_token: Ending,
    /// The sessions on other devices.
    pub everywhere: Ending,
    /// The provider's own session in this browser.
    pub provider_session: Ending,
    /// Until when copies of the tokens are accepted by servers that check only their signature.
    pub tokens_until: Option<Timestamp>,
    /// Until when copies of the AWS credentials are accepted.
    pub credentials_until: Option<Timestamp>,
}

impl SignOutReport {
    fn write(&self) -> Value {
        json!({
            "scope": name_of(&SCOPES, &self.scope),
            "refresh_token": name_of(&ENDINGS, &self.refresh_token),
            "everywhere": name_of(&ENDINGS, &self.everywhere),
            "provider_session": name_of(&ENDINGS, &self.provider_session),
            "tokens_until": self.tokens_until.map(|time| time.0),
            "credentials_until": self.credentials_until.map(|time| time.0),
        })
    }

    fn read(record: &Value) -> Option<Self> {
        let ending = |key| named(&ENDINGS, record, key);
        Some(Self {
            scope: named(&SCOPES, record, "scope")?,
            refresh_token: ending("refresh_token")?,
            everywhere: ending("everywhere")?,
            provider_session: ending("provider_session")?,
            tokens_until: json::time(record, "tokens_until"),
            credentials_until: json::time(record, "credentials_until"),
        })
    }
}

fn name_of<V: PartialEq>(names: &[(V, &'static str)], value: &V) -> &'static str {
    let found = names.iter().find(|(known, _)| known == value);
    found.map_or("", |(_, name)| name)
}

fn named<V: Copy>(names: &[(V, &str)], record: &Value, key: &str) -> Option<V> {
    let text = record.get(key)?.as_str()?;
    let found = names.iter().find(|(_, name)| *name == text);
    found.map(|(value, _)| *value)
}

/// The sign-out.
pub(super) struct SignOut<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    provider: Rc<ProviderMetadata<T, S, H>>,
    credentials: Rc<CredentialsSource<T, S, H>>,
}

impl<T: Transport, S: Store, H: Host> SignOut<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        provider: Rc<ProviderMetadata<T, S, H>>,
        credentials: Rc<CredentialsSource<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            tabs,
            provider,
            credentials,
        }
    }

    /// Signs out, in every tab. Returns the address that ends the provider's session too and leads back to the sign-out
    /// page; `None` when the provider cannot be reached now.
    pub(super) async fn sign_out(&self, scope: SignOutScope) -> Option<String> {
        self.forget_stored();
        let signed_in = self.store.signed_in();
        let credentials_until = self.credentials.expiration();
        let reason = match scope {
            SignOutScope::Idle => SignedOutReason::Idle,
            _ => SignedOutReason::SignedOut,
        };
        if signed_in.is_some() {
            self.tabs.end(reason);
        } else {
            self.store.forget(reason);
        }
        // A second attempt at what could not be ended: the rest of the report is still true.
        let earlier = self.report().filter(|_| signed_in.is_none());
        let mut report = earlier.unwrap_or(SignOutReport {
            scope,
            refresh_token: Ending::NotAsked,
            everywhere: Ending::NotAsked,
            provider_session: Ending::Failed,
            tokens_until: signed_in
                .as_ref()
                .map(|signed_in| signed_in.expires.max(signed_in.claims.exp)),
            credentials_until,
        });
        report.provider_session = Ending::Failed;
        self.save_report(&report);
        self.tabs.claim().await;
        let url = self.end_elsewhere(signed_in.as_deref(), &mut report).await;
        self.save_report(&report);
        url
    }

    async fn end_elsewhere(
        &self,
        signed_in: Option<&SignedIn>,
        report: &mut SignOutReport,
    ) -> Option<String> {
        let asked = |asked: bool| {
            if asked {
                Ending::Failed
            } else {
                Ending::NotAsked
            }
        };
        let everywhere = report.scope == SignOutScope::Everywhere;
        if signed_in.is_some() {
            report.refresh_token = Ending::Failed;
            report.everywhere = asked(everywhere);
        }
        if !self.context.ports.host.is_online() {
            return None;
        }
        let endpoints = self.provider.endpoints().await.ok()?;
        let provider = &self.context.config.provider;
        let mut reachable = true;
        if let Some(signed_in) = signed_in {
            let access_token = &signed_in.tokens.access_token;
            if everywhere {
                let request = global_sign_out_request(provider, access_token)
                    .filter(|_| has_scope(access_token, GLOBAL_SIGN_OUT_SCOPE));
                (report.everywhere, _) = self.end_by(request).await;
            }
            if let Some(refresh_token) = &signed_in.tokens.refresh_token {
                let request = revoke_request(provider, &endpoints, refresh_token);
                (report.refresh_token, reachable) = self.end_by(request).await;
            } else {
                report.refresh_token = Ending::NotAsked;
            }
        }
        let url = logout_url(provider, &endpoints, &self.context.origin);
        report.provider_session = match (&url, reachable) {
            (None, _) => Ending::NotPossible,
            (Some(_), false) => Ending::Failed,
            (Some(_), true) => Ending::Done,
        };
        url.filter(|_| reachable)
    }

    /// The result, and whether the provider is reachable. A response that the page may not read says only that: not every
    /// provider lets pages of other origins revoke.
    async fn end_by(&self, request: Option<HttpRequest>) -> (Ending, bool) {
        let Some(mut request) = request else {
            return (Ending::NotPossible, true);
        };
        request.timeout = TIMEOUT;
        match self.context.ports.transport.send(request).await {
            Ok(response) if response.is_success() => (Ending::Done, true),
            Err(TransportError::Offline | TransportError::TimedOut { .. }) => {
                (Ending::Failed, false)
            }
            Ok(_) | Err(_) => (Ending::Failed, true),
        }
    }

    /// Ends a stored session that this tab has not restored (yet).
    fn forget_stored(&self) {
        if let Some(id) = self.store.end_stored() {
            let message = Message::SignedOut { id, idle: false };
            self.context.broadcast(&message);
        }
    }

    fn save_report(&self, report: &SignOutReport) {
        let _ = self
            .context
            .ports
            .pending
            .set(keys::SIGN_OUT, &report.write().to_string());
    }

    /// What the last sign-out of this tab did, until the next sign-in begins.
    pub(super) fn report(&self) -> Option<SignOutReport> {
        let text = self.context.ports.pending.get(keys::SIGN_OUT).ok()??;
        SignOutReport::read(&json::object(&text)?)
    }
}
