//! Calls: with what the protection of a route requires, repeated where that cannot do any harm, and no longer than the
//! user stays the same.

pub mod builder;
pub mod error;
pub mod streamed;

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, pending, select};

use super::accounts::Accounts;
use super::context::Context;
use super::credentials::CredentialsSource;
use super::error::AuthError;
use super::renewal::Renewal;
use super::session_store::SessionStore;
use super::state::SignedIn;
use super::tabs::Tabs;
use crate::aws::sigv4::{Scope, SignatureForm};
use crate::gateway::answer::{Answer, read_answer};
use crate::gateway::refusal::Refusal;
use crate::gateway::retry::{Next, Tried, decide};
use crate::gateway::{CallAuth, CancelToken, Draft, finish, wire_url};
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Method, Transport, TransportError, host_of};
use crate::oauth::tokens::AccessToken;
use crate::store::Store;
use builder::Hooks;
use error::CallError;

/// From this length on, in bytes, the browser's SHA-256 is faster than that of the module.
const LARGE_BODY: usize = 16 * 1024;

/// How one attempt is sent.
pub(super) type Exchange<'a> =
    &'a dyn Fn(HttpRequest) -> LocalBoxFuture<'a, Result<HttpResponse, TransportError>>;

/// Calls to the API.
pub(super) struct Calls<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    renewal: Rc<Renewal<T, S, H>>,
    credentials: Rc<CredentialsSource<T, S, H>>,
    accounts: Rc<Accounts<T, S, H>>,
}

/// What a call has found out so far.
#[derive(Default)]
struct Progress {
    failures: u32,
    renewed: bool,
    offset: Option<i64>,
    /// The session whose access token was sent.
    seen: Option<Box<SignedIn>>,
    credentials: Duration,
}

impl<T, S, H> Calls<T, S, H>
where
    T: Transport + 'static,
    S: Store + 'static,
    H: Host + 'static,
{
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        renewal: Rc<Renewal<T, S, H>>,
        credentials: Rc<CredentialsSource<T, S, H>>,
        accounts: Rc<Accounts<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            tabs,
            renewal,
            credentials,
            accounts,
        }
    }

    /// Makes a call, until it is cancelled, its time is over, or the user has changed.
    pub(super) async fn run(
        &self,
        draft: &Draft,
        hooks: &Hooks,
        exchange: Exchange<'_>,
    ) -> Result<Answer, CallError> {
        let config = &self.context.config;
        let auth = draft.auth(&config.api.routes, config.identity_pool.is_some());
        let work = pin!(self.attempts(draft, &auth, hooks, exchange));
        let stop = pin!(self.stopped(draft, &auth));
        // The stop is polled first: a call that was cancelled before it began sends nothing.
        match select(stop, work).await {
            Either::Left((error, _)) => Err(error),
            Either::Right((outcome, _)) => outcome,
        }
    }

    /// Cancelled when the user of this call signs out, or another one signs in.
    fn user_of(&self, draft: &Draft) -> Option<CancelToken> {
        let config = &self.context.config;
        self.user(&draft.auth(&config.api.routes, config.identity_pool.is_some()))
    }

    /// Ends with the reason why a call must not go on.
    async fn stopped(&self, draft: &Draft, auth: &CallAuth) -> CallError {
        let cancelled = async {
            match &draft.cancel {
                Some(cancel) => cancel.cancelled().await,
                None => pending().await,
            }
            CallError::Cancelled
        };
        let user = self.user(auth);
        let changed = async {
            match &user {
                Some(user) => user.cancelled().await,
                None => pending().await,
            }
            CallError::SessionChanged
        };
        let timed_out = async {
            let Some(after) = draft.timeout else {
                return pending().await;
            };
            self.context.ports.host.pause(after).await;
            let host = host_of(&self.context.config.api.base_url).to_owned();
            CallError::Transport(TransportError::TimedOut { host, after })
        };
        let (cancelled, timed_out) = (pin!(cancelled), pin!(timed_out));
        let by_app = select(cancelled, timed_out);
        match select(by_app, pin!(changed)).await {
            Either::Left((either, _)) => either.factor_first().0,
            Either::Right((changed, _)) => changed,
        }
    }

    /// Cancelled when the user of a call with this protection signs out, or another one signs in.
    fn user(&self, auth: &CallAuth) -> Option<CancelToken> {
        match auth {
            CallAuth::Open | CallAuth::Header { .. } => None,
            CallAuth::Bearer
                if self.store.signed_in().is_none() && self.accounts.token().is_some() =>
            {
                Some(self.accounts.calls())
            }
            CallAuth::Iam | CallAuth::Bearer => Some(self.store.calls()),
        }
    }

    async fn attempts(
        &self,
        draft: &Draft,
        auth: &CallAuth,
        hooks: &Hooks,
        exchange: Exchange<'_>,
    ) -> Result<Answer, CallError> {
        let mut progress = Progress::default();
        let mut attempts = 0;
        loop {
            let request = self.request(draft, auth, hooks, &mut progress).await?;
            attempts += 1;
            let outcome = exchange(request).await.map(|response| {
                let mut answer = read_answer(&response);
                answer.attempts = attempts;
                answer.timing.credentials = progress.credentials;
                (answer, response)
            });
            if let Ok((answer, _)) = &outcome
                && !refuses_signature(answer)
            {
                // The gateway accepted the signature, and with it the time.
                self.context.share_offset(progress.offset);
            }
            let next = decide(&Tried {
                method: draft.method,
                idempotent: draft.idempotent,
                auth,
                failures: progress.failures + 1,
                outcome: outcome.as_ref().map(|(answer, _)| answer),
                renewed: progress.renewed,
                clock_corrected: progress.offset.is_some(),
                now: self.context.now(),
                jitter: self.context.ports.host.jitter(),
            });
            let response = outcome.as_ref().ok().map(|(_, response)| response);
            if !self.prepare(next, &mut progress, response).await {
                let (mut answer, _) = outcome.map_err(CallError::Transport)?;
                hooks.after(&mut answer);
                return Ok(answer);
            }
        }
    }

    /// Does what the next attempt needs. Whether there is one.
    async fn prepare(
        &self,
        next: Next,
        progress: &mut Progress,
        response: Option<&HttpResponse>,
    ) -> bool {
        match next {
            Next::Finish => false,
            Next::Wait(wait) => {
                progress.failures += 1;
                self.context.ports.host.pause(wait).await;
                true
            }
            Next::RenewCredentials => {
                progress.renewed = true;
                self.credentials.forget();
                true
            }
            Next::CorrectClock(server) => {
                progress.offset = response
                    .and_then(|response| self.context.offset_from_refusal(server, response));
                progress.offset.is_some()
            }
            Next::RenewToken => {
                progress.renewed = true;
                // The token of an API-managed account cannot be renewed.
                let Some(seen) = progress.seen.take() else {
                    return false;
                };
                let renewal = Rc::clone(&self.renewal);
                let renewed = self.detached(async move { renewal.renew(&seen).await });
                renewed.await.is_ok()
            }
        }
    }

    /// The request of one attempt, complete with token or signature.
    async fn request(
        &self,
        draft: &Draft,
        auth: &CallAuth,
        hooks: &Hooks,
        progress: &mut Progress,
    ) -> Result<HttpRequest, CallError> {
        let (api, host) = (&self.context.config.api, &self.context.ports.host);
        let boundary = || {
            let random = [host.jitter(), host.jitter()].map(f64::to_bits);
            format!("velvet-rope-{:x}{:x}", random[0], random[1])
        };
        let mut request = draft.request(api, boundary)?;
        hooks.before(&mut request)?;
        let mut request = finish(request, api, auth, draft.timeout)?;
        let started = host.monotonic();
        match auth {
            CallAuth::Open | CallAuth::Header { .. } => return Ok(request),
            CallAuth::Iam => {
                let form = SignatureForm::Headers;
                request = self.signed(request, progress.offset, form).await?;
            }
            CallAuth::Bearer => {
                let token = self.bearer_token(progress).await?;
                let bearer = ["Bearer ", token.secret()].concat();
                request = request.header("authorization", bearer);
            }
        }
        progress.credentials += host.monotonic().saturating_sub(started);
        Ok(request)
    }

    /// The address of a request with the signature in its query.
    pub(super) async fn presign(
        &self,
        draft: &Draft,
        hooks: &Hooks,
        valid: Duration,
    ) -> Result<String, CallError> {
        let mut request = draft.request(&self.context.config.api, String::new)?;
        hooks.before(&mut request)?;
        self.presign_url(request.method, &request.url, valid).await
    }

    /// An address with the signature in its query. The browser sends neither headers nor a body with it.
    pub(in crate::session) async fn presign_url(
        &self,
        method: Method,
        url: &str,
        valid: Duration,
    ) -> Result<String, CallError> {
        let bare = HttpRequest::new(method, wire_url(url)?);
        let form = SignatureForm::Query(valid);
        let signed = pin!(self.signed(bare, None, form));
        let user = self.store.calls();
        match select(signed, pin!(user.cancelled())).await {
            Either::Left((signed, _)) => Ok(signed?.url),
            Either::Right(_) => Err(CallError::SessionChanged),
        }
    }

    async fn signed(
        &self,
        mut request: HttpRequest,
        offset: Option<i64>,
        form: SignatureForm,
    ) -> Result<HttpRequest, AuthError> {
        let signer = &self.context.ports.signer;
        signer.prepare();
        let source = Rc::clone(&self.credentials);
        let credentials = self.detached(async move { source.fresh().await }).await?;
        if request.body.len() >= LARGE_BODY
            && let Some(digest) = self.context.ports.host.sha256(&request.body).await
        {
            request.body = request.body.with_sha256(digest);
        }
        let scope = Scope {
            region: &self.context.config.api.region,
            service: &self.context.config.api.service,
        };
        let offset = offset.unwrap_or(self.context.offset_seconds());
        let now = self.context.device_time().shifted(offset);
        Ok(signer.sign(request, &credentials, scope, now, form).await?)
    }

    /// The access token of the user, or, without a session at the provider, the token of the API-managed account.
    async fn bearer_token(&self, progress: &mut Progress) -> Result<AccessToken, AuthError> {
        self.tabs.restored().await;
        if let (None, Some(token)) = (self.store.signed_in(), self.accounts.token()) {
            return Ok(token);
        }
        let renewal = Rc::clone(&self.renewal);
        let signed_in = self.detached(async move { renewal.fresh().await }).await?;
        let token = signed_in.tokens.access_token.clone();
        progress.seen = Some(signed_in);
        Ok(token)
    }

    /// Runs `work` to its end even if the call is cancelled meanwhile: a refresh token that was sent must have its answer
    /// read, or the session is lost.
    async fn detached<R: 'static>(
        &self,
        work: impl Future<Output = Result<R, AuthError>> + 'static,
    ) -> Result<R, AuthError> {
        let (sender, receiver) = oneshot::channel();
        let task = Box::pin(async move {
            let _ = sender.send(work.await);
        });
        if let Some(task) = self.context.ports.host.spawn(task) {
            task.await;
        }
        receiver.await.unwrap_or(Err(AuthError::SessionChanged))
    }
}

/// Whether the answer says that the gateway refused the signature: then nothing is known of the time it was made with.
fn refuses_signature(answer: &Answer) -> bool {
    matches!(
        answer.refusal,
        Some(
            Refusal::SignatureExpired { .. }
                | Refusal::SignatureNotYetCurrent { .. }
                | Refusal::SignatureMismatch
                | Refusal::IncompleteSignature
                | Refusal::WrongScope
        )
    )
}
