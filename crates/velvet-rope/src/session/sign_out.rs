//! Signing out: what is stored here is removed first, whatever the network does afterwards; then each thing that can be
//! ended elsewhere is ended, and the report says what could not be.
//!
//! Ending means, in this order: the session in every tab and in storage, with the AWS credentials; on request all
//! sessions of the user (`GlobalSignOut`); the refresh token (RFC 7009); the provider's own session in this browser.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

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
/// Afterwards the report says that the result is unknown.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How far a sign-out goes.
///
/// Every scope ends the session in all tabs of this browser and deletes tokens and credentials before a request is
/// sent.
///
/// ```
/// use velvet_rope::SignOutScope;
///
/// fn label(scope: SignOutScope) -> &'static str {
///     match scope {
///         SignOutScope::ThisApp => "Sign out",
///         SignOutScope::Everywhere => "Sign out on all devices",
///         SignOutScope::SwitchUser => "Switch the user",
///         SignOutScope::Idle => "Sign out now",
///     }
/// }
///
/// assert_eq!(label(SignOutScope::Everywhere), "Sign out on all devices");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOutScope {
    /// This browser.
    /// Includes the provider's own session in this browser.
    ThisApp,
    /// Every device, where the provider can do that.
    /// User pools only, with the scope `aws.cognito.signin.user.admin`; otherwise like [`ThisApp`](Self::ThisApp).
    Everywhere,
    /// This browser, to sign in as another user at once.
    /// After the way back from the provider, the next sign-in starts by itself.
    SwitchUser,
    /// This browser, because the session was idle.
    /// The library uses it by itself.
    Idle,
}

/// Their names in the stored report.
const SCOPES: [(SignOutScope, &str); 4] = [
    (SignOutScope::ThisApp, "this_app"),
    (SignOutScope::Everywhere, "everywhere"),
    (SignOutScope::SwitchUser, "switch_user"),
    (SignOutScope::Idle, "idle"),
];

/// The result for one thing that was to be ended.
///
/// For one line of a page that shows the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was ended.
    Done,
    /// It was not to be ended, or there was nothing to end.
    /// For example, there is no refresh token.
    NotAsked,
    /// The access token lacks [`GLOBAL_SIGN_OUT_SCOPE`], or the provider cannot do it.
    NotPossible,
    /// The provider did not answer, or refused.
    /// It may have been ended or not. A later attempt may succeed.
    Failed,
}

/// Their names in the stored report.
const ENDINGS: [(Ending, &str); 4] = [
    (Ending::Done, "done"),
    (Ending::NotAsked, "not_asked"),
    (Ending::NotPossible, "not_possible"),
    (Ending::Failed, "failed"),
];

/// What a sign-out did, and what stays valid.
///
/// A sign-out cannot take back what was copied before: servers that check only signature and expiry of a token accept
/// copies until [`tokens_until`](Self::tokens_until). The report is stored in the tab until the next sign-in begins,
/// because the page that shows it is another page load. It contains no token.
///
/// # Examples
///
/// ```
/// use velvet_rope::{Ending, SignOutReport, SignOutScope, Timestamp};
///
/// /// Whether the page should say that another attempt is needed.
/// fn is_incomplete(report: &SignOutReport) -> bool {
///     [report.refresh_token, report.everywhere, report.provider_session].contains(&Ending::Failed)
/// }
///
/// let report = SignOutReport {
///     scope: SignOutScope::ThisApp,
///     refresh_token: Ending::Done,
///     everywhere: Ending::NotAsked,
///     provider_session: Ending::Failed,
///     tokens_until: Some(Timestamp(1_700_003_600)),
///     credentials_until: None,
/// };
/// assert!(is_incomplete(&report));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignOutReport {
    /// How far it was to go.
    pub scope: SignOutScope,
    /// The refresh token.
    /// Without revocation it is valid until it expires: 30 days by default at Cognito.
    pub refresh_token: Ending,
    /// The sessions on other devices.
    /// [`Ending::NotAsked`] for every scope but [`SignOutScope::Everywhere`].
    pub everywhere: Ending,
    /// The provider's own session in this browser.
    /// [`Ending::Done`] means that the browser was sent to the provider's sign-out page.
    pub provider_session: Ending,
    /// Until when copies of the tokens are accepted by servers that check only their signature.
    /// `None` if no user was signed in.
    pub tokens_until: Option<Timestamp>,
    /// Until when copies of the AWS credentials are accepted.
    /// AWS cannot revoke single credentials. `None` if there were none in this tab.
    pub credentials_until: Option<Timestamp>,
}

impl SignOutReport {
    /// The report for storage.
    fn write(&self) -> Value {
        let ending = |ending| name_of(&ENDINGS, ending).into();
        json::record([
            ("scope", name_of(&SCOPES, &self.scope).into()),
            ("refresh_token", ending(&self.refresh_token)),
            ("everywhere", ending(&self.everywhere)),
            ("provider_session", ending(&self.provider_session)),
            ("tokens_until", self.tokens_until.map(|time| time.0).into()),
            (
                "credentials_until",
                self.credentials_until.map(|time| time.0).into(),
            ),
        ])
    }

    /// A report of another release with unknown names is ignored.
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

/// The name of a value in the stored report.
fn name_of<V: PartialEq>(names: &[(V, &'static str)], value: &V) -> &'static str {
    let found = names.iter().find(|(known, _)| known == value);
    found.map_or("", |(_, name)| name)
}

/// The value whose name is under `key`.
fn named<V: Copy>(names: &[(V, &str)], record: &Value, key: &str) -> Option<V> {
    let text = record.get(key)?.as_str()?;
    let found = names.iter().find(|(_, name)| *name == text);
    found.map(|(value, _)| *value)
}

/// The sign-out.
/// It has no state: the report is in storage.
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

    /// Sends the requests one after the other and enters the results into `report`. Without a network it sends none.
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

    /// Saved twice: before the requests, because the page may be closed during them, and after.
    fn save_report(&self, report: &SignOutReport) {
        let _ = self
            .context
            .ports
            .pending
            .set(keys::SIGN_OUT, &json::write(&report.write()));
    }

    /// What the last sign-out of this tab did, until the next sign-in begins.
    pub(super) fn report(&self) -> Option<SignOutReport> {
        let text = self.context.ports.pending.get(keys::SIGN_OUT).ok()??;
        SignOutReport::read(&json::object(&text)?)
    }
}
