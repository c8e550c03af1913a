//! The facade: one short method for each use case. Each part below it has its own state and knows only parts below
//! itself.
//!
//! [`Client`] contains no rules of its own. To find what a use case does, follow its method to the part that it calls.

mod calls;

use std::fmt;
use std::rc::Rc;

use super::accounts::{Account, AccountError, AccountSignOut, Accounts};
use super::call::Calls;
use super::context::{Context, Ports};
use super::credentials::CredentialsSource;
use super::credentials_cache::CredentialsCache;
use super::error::AuthError;
use super::event::{Change, EventKind};
use super::idle::Idle;
use super::provider::ProviderMetadata;
use super::renewal::Renewal;
use super::restore::{Restore, Restored};
use super::session_info::SessionInfo;
use super::session_store::SessionStore;
use super::sign_in::{Completed, SignIn};
use super::sign_out::{SignOut, SignOutReport, SignOutScope};
use super::state::Session;
use super::tabs::Tabs;
use super::tick::{Tick, Ticker};
use crate::aws::credentials::Credentials;
use crate::config::Config;
use crate::host::Host;
use crate::http::Transport;
use crate::later::PartUnavailable;
use crate::oauth::authorize::Entropy;
use crate::oauth::callback::Callback;
use crate::oauth::options::SignInOptions;
use crate::store::Store;
use crate::time::Timestamp;

/// The session of one tab, and all that an app does with it.
///
/// One exists per page; it lives until the page is closed. In a browser, [`browser_client`](crate::browser_client)
/// creates it with the ports of the browser, and [`crate::client`] drives it; in tests it runs natively on fakes. With
/// Leptos, `Auth` is the handle for views.
///
/// `T` sends requests, `S` stores texts, `H` is the device with the other tabs. The client has interior mutability and
/// is used through shared references, usually in an `Rc`. Its futures are not `Send`: a page has one thread.
///
/// # Examples
///
/// ```
/// use velvet_rope::{Answer, CallError, Client, Host, Store, Transport};
///
/// /// Calls a configured route by its name.
/// async fn call_by_name<T, S, H>(client: &Client<T, S, H>, name: &str) -> Option<Result<Answer, CallError>>
/// where
///     T: Transport + 'static,
///     S: Store + 'static,
///     H: Host + 'static,
/// {
///     let routes = &client.config().api.routes;
///     let route = routes.iter().find(|route| route.name == name)?;
///     Some(client.call(route).await)
/// }
/// ```
pub struct Client<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    idle: Rc<Idle<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    renewal: Rc<Renewal<T, S, H>>,
    credentials: Rc<CredentialsSource<T, S, H>>,
    accounts: Rc<Accounts<T, S, H>>,
    calls: Rc<Calls<T, S, H>>,
    sign_in: Rc<SignIn<T, S, H>>,
    sign_out: Rc<SignOut<T, S, H>>,
    restore: Restore<T, S, H>,
    ticker: Ticker<T, S, H>,
}

impl<T, S, H> Client<T, S, H>
where
    T: Transport + 'static,
    S: Store + 'static,
    H: Host + 'static,
{
    /// A client for the site at `origin` (`https://app.example.com`, without a slash at the end).
    ///
    /// It reads the stored clock correction and sends nothing. The session is [`Session::Restoring`] until
    /// [`Client::restore`] or [`Client::complete_sign_in`] was called.
    pub fn new(config: Config, origin: String, ports: Ports<T, S, H>) -> Self {
        let context = Rc::new(Context::new(config, origin, ports));
        let cache = Rc::<CredentialsCache>::default();
        let store = Rc::new(SessionStore::new(context.clone(), cache.clone()));
        let idle = Rc::new(Idle::new(context.clone()));
        let tabs = Rc::new(Tabs::new(context.clone(), store.clone(), idle.clone()));
        let provider = Rc::new(ProviderMetadata::new(context.clone()));
        let renewal = Rc::new(Renewal::new(
            context.clone(),
            store.clone(),
            tabs.clone(),
            provider.clone(),
        ));
        let credentials = Rc::new(CredentialsSource::new(
            context.clone(),
            store.clone(),
            tabs.clone(),
            renewal.clone(),
            cache,
        ));
        let accounts = Rc::new(Accounts::new(context.clone()));
        let sign_in = Rc::new(SignIn::new(
            context.clone(),
            store.clone(),
            tabs.clone(),
            provider.clone(),
            idle.clone(),
        ));
        let sign_out = Rc::new(SignOut::new(
            context.clone(),
            store.clone(),
            tabs.clone(),
            provider,
            credentials.clone(),
        ));
        Self {
            calls: Rc::new(Calls::new(
                context.clone(),
                store.clone(),
                tabs.clone(),
                renewal.clone(),
                credentials.clone(),
                accounts.clone(),
            )),
            restore: Restore::new(
                context.clone(),
                store.clone(),
                idle.clone(),
                tabs.clone(),
                renewal.clone(),
                sign_in.clone(),
                sign_out.clone(),
            ),
            ticker: Ticker::new(
                context.clone(),
                store.clone(),
                idle.clone(),
                renewal.clone(),
                sign_out.clone(),
            ),
            context,
            store,
            idle,
            tabs,
            renewal,
            credentials,
            accounts,
            sign_in,
            sign_out,
        }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.context.config
    }

    /// The port to the device and the other tabs.
    #[must_use]
    pub fn host(&self) -> &H {
        &self.context.ports.host
    }

    /// The session. With its tokens: do not show or log it.
    #[must_use]
    pub fn session(&self) -> Session {
        self.store.session()
    }

    /// The parts of the session that are not secret, if there is one.
    #[must_use]
    pub fn session_info(&self) -> Option<SessionInfo> {
        let signed_in = self.store.signed_in()?;
        Some(SessionInfo::new(*signed_in, self.credentials.expiration()))
    }

    /// Calls `watcher` with every change from now on, in place of the watcher before.
    /// The watcher may call the client. There is one: an app that needs several distributes the changes itself.
    pub fn watch(&self, watcher: impl Fn(Change<'_>) + 'static) {
        self.context.watch(watcher);
    }

    /// The time, as far as it is known: this device's clock, corrected by what servers report.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.context.now()
    }

    /// What has to be added to this device's clock, in seconds; zero when it is right.
    #[must_use]
    pub fn offset_seconds(&self) -> i64 {
        self.context.offset_seconds()
    }

    /// Looks for a stored session, without sending anything.
    /// A session with valid tokens is usable when this returns.
    #[must_use]
    pub fn restore(&self) -> Restored {
        self.restore.look_in_storage()
    }

    /// Whether this tab has a session, also while it is being restored.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.store.signed_in().is_some()
    }

    /// Calls `then` once this tab has a session: now, or when there is one.
    pub fn when_session(&self, then: impl FnOnce() + 'static) {
        self.context.when_session(then);
        if self.has_session() {
            self.context.session_is_there();
        }
    }

    /// Restores nothing on a page where nothing of a session or of a sign-in is stored, and no other tab has a session: the
    /// user is signed out. Returns whether that was so; otherwise call [`Client::restore`].
    pub fn finish_as_guest(&self) -> impl Future<Output = bool> {
        self.restore.finish_as_guest()
    }

    /// Reports that a part of the app is missing that the session needs: a failed renewal, which is tried again at
    /// `retry_at`, by this device's clock.
    pub fn report_unavailable(&self, retry_at: Option<Timestamp>) {
        let error = AuthError::PartUnavailable(PartUnavailable);
        self.context
            .emit(EventKind::RenewalFailed { error, retry_at });
    }

    /// Asks the provider to renew a stored session, or the other tabs for theirs. Where nothing is stored and a user was
    /// signed in, `entropy` serves to resume the provider's own session and to come back to `return_to`. Returns the
    /// address to open, if there is one.
    ///
    /// Call it after [`Client::restore`] has returned [`Restored::Unfinished`]. It waits at most three seconds for
    /// other tabs.
    pub fn finish_restoring(
        &self,
        return_to: &str,
        entropy: Option<Entropy>,
    ) -> impl Future<Output = Option<String>> {
        self.restore.finish(return_to, entropy)
    }

    /// Restores the session, or renews its tokens, after a failure.
    ///
    /// # Errors
    /// Why the tokens of a session that needs new ones could not be renewed.
    /// For a button "Try again". Earlier failures do not delay it.
    pub fn retry(&self) -> impl Future<Output = Result<(), AuthError>> {
        self.restore.retry()
    }

    /// Shows the other tabs what this one has, and sends the session to those that asked for it in vain.
    /// Call it after a page load that has restored a session, and when a page returns from the back/forward cache.
    pub async fn announce(&self) {
        self.tabs.claim().await;
        if let Some(signed_in) = self.store.signed_in() {
            self.tabs.broadcast_session(&signed_in);
        }
    }

    /// Asks the other tabs for their session, which a page that returns from the back/forward cache may have missed.
    pub async fn ask_tabs(&self) {
        self.tabs.request_session().await;
    }

    /// The browser is about to open the hosted UI.
    /// The state is [`Session::SigningIn`] until the page is gone.
    pub fn leaving(&self) {
        self.store.set(Session::SigningIn);
    }

    /// A sign-in did not begin. A user who is signed in stays signed in.
    pub fn fail(&self, error: AuthError) {
        self.restore.fail(error);
    }

    /// A callback failed. That does not end a session that there was before it: any site can make a browser open such an
    /// address.
    /// The error becomes the state only if no user is signed in afterwards.
    pub fn recover(&self, error: AuthError) -> impl Future<Output = ()> {
        self.restore.recover(error)
    }

    /// Starts a sign-in from the page `return_to` (a path on this site) and returns the address to open.
    ///
    /// `entropy` comes from a cryptographic source and is used once.
    ///
    /// # Errors
    /// When the browser stores nothing: the callback could then not be trusted. When the provider's endpoints cannot be
    /// discovered. When a step-up is requested and no user is signed in.
    pub fn begin_sign_in(
        &self,
        return_to: &str,
        options: &SignInOptions,
        entropy: Entropy,
    ) -> impl Future<Output = Result<String, AuthError>> {
        self.sign_in.begin(return_to, options, entropy)
    }

    /// Opens the hosted page that adds a passkey from the page `return_to`: returns the address to open.
    ///
    /// # Errors
    /// When no user is signed in, the provider has no such page, or the browser stores nothing.
    pub fn begin_passkey(&self, return_to: &str) -> Result<String, AuthError> {
        self.sign_in.begin_passkey(return_to)
    }

    /// Handles a callback. A second call with the same callback sends nothing.
    ///
    /// Remove the parameters from the address before, so that Reload and Back do not show them again.
    ///
    /// # Errors
    /// [`AuthError`] with the first thing that failed. A session that there was before still exists; call
    /// [`Client::recover`] to restore it.
    pub async fn complete_sign_in(&self, callback: Callback) -> Result<Completed, AuthError> {
        self.sign_in.complete(callback).await
    }

    /// Signs out, in every tab. Returns the address that ends the provider's own session too and leads back to the
    /// sign-out page; `None` when the provider cannot be reached now, so that the browser stays on this site.
    /// [`Client::sign_out_report`] says what was done, also after the way back.
    /// It does not fail: the session in this browser is gone when it returns.
    pub fn sign_out(&self, scope: SignOutScope) -> impl Future<Output = Option<String>> {
        self.sign_out.sign_out(scope)
    }

    /// What the last sign-out of this tab did, until the next sign-in begins.
    /// It survives the way to the provider and back.
    #[must_use]
    pub fn sign_out_report(&self) -> Option<SignOutReport> {
        self.sign_out.report()
    }

    /// Renews or ends the session when it is time. To be called again after the wait that it returns, and whenever the
    /// page wakes up or gets its network back.
    /// Calls that overlap are harmless: one renewal runs at a time.
    pub fn tick(&self) -> impl Future<Output = Tick> {
        self.ticker.tick()
    }

    /// The page woke up, or has a network again: earlier failures do not count any more.
    /// Otherwise like [`Client::tick`].
    pub async fn wake(&self) -> Tick {
        self.renewal.reset();
        self.ticker.tick().await
    }

    /// Renews the tokens now, whether or not it is time.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] when no user is signed in; otherwise why there are no new tokens.
    pub async fn renew_now(&self) -> Result<(), AuthError> {
        let signed_in = self.store.signed_in().ok_or(AuthError::SignInRequired)?;
        self.renewal.renew(&signed_in).await.map(|_| ())
    }

    /// Handles a message of another tab. Any other text is ignored.
    /// The port [`Host`] delivers messages of the same origin only.
    pub fn on_message(&self, text: &str) -> impl Future<Output = ()> {
        self.tabs.on_message(text)
    }

    /// How many tabs have the session, this one among them.
    /// Zero while no user is signed in, and where the browser has no Web Locks.
    pub fn tab_count(&self) -> impl Future<Output = usize> {
        self.tabs.count()
    }

    /// The user was active in this tab. Cheap: it may be called for every key and every movement.
    /// Does nothing without an idle limit.
    pub fn touch(&self) {
        self.idle.touch();
    }

    /// When the session will end because it is not used, by this device's clock: known once the user is warned.
    #[must_use]
    pub fn idle_end(&self) -> Option<Timestamp> {
        self.store.signed_in().and_then(|_| self.idle.end())
    }

    /// AWS credentials for the user, or for a guest where guests get any: those at hand while they are fresh, else new
    /// ones by one `GetId` and one `GetCredentialsForIdentity`, however many callers wait.
    ///
    /// To call AWS services other than the configured API. Ask again before each use instead of storing them.
    ///
    /// # Errors
    /// [`AuthError`] when no identity pool is configured, or why the identity pool gave no credentials.
    pub fn credentials(&self) -> impl Future<Output = Result<Credentials, AuthError>> {
        self.credentials.fresh()
    }

    /// Chooses one of the roles that the ID token offers, for every tab; `None` leaves the choice to the identity pool
    /// again. It takes effect with the next signed call, without a new sign-in.
    /// Source: Amazon Cognito Developer Guide, "Using role-based access control".
    ///
    /// The credentials at hand are dropped. `role` is an ARN of [`SessionInfo::roles`].
    ///
    /// # Errors
    /// [`AuthError::RoleNotOffered`] when the ID token does not list it.
    pub fn choose_role(&self, role: Option<&str>) -> Result<(), AuthError> {
        self.credentials.choose_role(role)
    }

    /// The API-managed account that is signed in, until its token expires.
    /// `None` without the section `accounts` in the configuration.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        self.accounts.account()
    }

    /// Signs in with an API-managed account, which is registered first if it is `new`.
    ///
    /// # Errors
    /// [`AccountError::Taken`] when the account of the new name has another password; otherwise why the sign-in failed.
    pub fn sign_in_account(
        &self,
        new: bool,
        name: &str,
        password: &str,
    ) -> impl Future<Output = Result<(), AccountError>> {
        self.accounts.sign_in(new, name, password)
    }

    /// Removes the token of the API-managed account, then ends its session, also where the token has expired. `None` when no
    /// account was signed in.
    pub fn sign_out_account(&self) -> impl Future<Output = Option<AccountSignOut>> {
        self.accounts.sign_out()
    }
}

impl<T, S, H> fmt::Debug for Client<T, S, H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("origin", &self.context.origin)
            .finish_non_exhaustive()
    }
}
