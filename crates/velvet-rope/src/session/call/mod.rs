//! Calls: with what the protection of a route requires, repeated where that cannot do any harm, and no longer than the
//! user stays the same.

pub mod builder;
pub mod error;
pub mod streamed;

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, select};

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

/// What follows an attempt.
enum Step {
    /// The caller gets the outcome.
    Finish,
    /// The next attempt, after a wait.
    Again(Duration),
}

/// What a call has found out so far.
#[derive(Default)]
struct Progress {
    attempts: u32,
    failures: u32,
    renewed: bool,
    offset: Option<i64>,
    /// The session whose access token was sent.
    seen: Option<Box<SignedIn>>,
    /// The session whose access token was refused.
    renew: Option<Box<SignedIn>>,
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
    ///
    /// A function that returns a box: the code of an `async fn` would be compiled once more in the crate of an app.
    pub(super) fn run<'a>(
        self: &'a Rc<Self>,
        draft: &'a Draft,
        hooks: &'a Hooks,
        exchange: Exchange<'a>,
    ) -> LocalBoxFuture<'a, Result<Answer, CallError>> {
        Box::pin(async move {
            let config = &self.context.config;
            let auth = draft.auth(&config.api.routes, config.identity_pool.is_some());
            let work = pin!(self.attempts(draft, &auth, hooks, exchange));
            let stop = pin!(self.stopped(draft, &auth));
            // The stop is polled first: a call that was cancelled before it began sends nothing.
            match select(stop, work).await {
                Either::Left((error, _)) => Err(error),
                Either::Right((outcome, _)) => outcome,
            }
        })
    }

    /// Cancelled when the user of this call signs out, or another one signs in.
    fn user_of(&self, draft: &Draft) -> Option<CancelToken> {
        let config = &self.context.config;
        self.user(&draft.auth(&config.api.routes, config.identity_pool.is_some()))
    }

    /// Ends with the reason why a call must not go on. One hand-written future: three nested selections would add a
    /// kilobyte to every app.
    async fn stopped(&self, draft: &Draft, auth: &CallAuth) -> CallError {
        let app = draft.cancel.as_ref().map(CancelToken::watch);
        let user = self.user(auth).map(|token| token.watch());
        let limit = |after| self.context.ports.host.pause(after).boxed_local();
        let mut limit = draft.timeout.map(|after| (after, limit(after)));
        poll_fn(|context| {
            if app.as_ref().is_some_and(|app| app.poll(context)) {
                return Poll::Ready(CallError::Cancelled);
            }
            if user.as_ref().is_some_and(|user| user.poll(context)) {
                return Poll::Ready(CallError::SessionChanged);
            }
            if let Some((after, limit)) = &mut limit
                && limit.poll_unpin(context).is_ready()
            {
                let (host, after) = (host_of(&self.context.config.api.base_url), *after);
                let host = host.to_owned();
                return Poll::Ready(TransportError::TimedOut { host, after }.into());
            }
            Poll::Pending
        })
        .await
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
        self: &Rc<Self>,
        draft: &Draft,
        auth: &CallAuth,
        hooks: &Hooks,
        exchange: Exchange<'_>,
    ) -> Result<Answer, CallError> {
        let host = &self.context.ports.host;
        let mut progress = Progress::default();
        let mut refused = None;
        loop {
            let request = self.request(draft, auth, hooks)?;
            let started = host.monotonic();
            let request = match self.authorized(request, auth, &mut progress).await {
                Ok(request) => request,
                // Without a new token, the answer says more than the failed renewal.
                Err(error) => return refused.ok_or(CallError::Session(error)),
            };
            progress.credentials += host.monotonic().saturating_sub(started);
            progress.attempts += 1;
            hooks.send(&request);
            let outcome = exchange(request).await;
            let outcome = self.read(&outcome, &mut progress, draft, auth);
            match outcome {
                (Step::Finish, Ok(mut answer)) => {
                    hooks.after(&mut answer);
                    return Ok(answer);
                }
                (Step::Finish, Err(error)) => return Err(error.into()),
                (Step::Again(wait), outcome) => {
                    refused = outcome.ok();
                    if !wait.is_zero() {
                        host.pause(wait).await;
                    }
                }
            }
        }
    }

    /// Reads the outcome of an attempt, and prepares the next one if there is one.
    fn read(
        &self,
        outcome: &Result<HttpResponse, TransportError>,
        progress: &mut Progress,
        draft: &Draft,
        auth: &CallAuth,
    ) -> (Step, Result<Answer, TransportError>) {
        let answer = outcome.as_ref().map(|response| {
            let mut answer = read_answer(response);
            answer.attempts = progress.attempts;
            answer.timing.credentials = progress.credentials;
            answer
        });
        if let Ok(answer) = &answer
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
            outcome: answer.as_ref().map_err(|error| *error),
            renewed: progress.renewed,
            clock_corrected: progress.offset.is_some(),
            now: self.context.now(),
            jitter: self.context.ports.host.jitter(),
        });
        let again = Step::Again(Duration::ZERO);
        let step = match next {
            Next::Finish => Step::Finish,
            Next::Wait(wait) => {
                progress.failures += 1;
                Step::Again(wait)
            }
            Next::RenewCredentials => {
                progress.renewed = true;
                self.credentials.forget();
                again
            }
            Next::CorrectClock(server) => {
                let response = outcome.as_ref().ok();
                progress.offset = response
                    .and_then(|response| self.context.offset_from_refusal(server, response));
                progress.offset.map_or(Step::Finish, |_| again)
            }
            // The token of an API-managed account cannot be renewed.
            Next::RenewToken if progress.seen.is_none() => Step::Finish,
            Next::RenewToken => {
                progress.renewed = true;
                progress.renew = progress.seen.take();
                again
            }
        };
        (step, answer.map_err(Clone::clone))
    }

    /// The request of one attempt, without token or signature.
    fn request(
        &self,
        draft: &Draft,
        auth: &CallAuth,
        hooks: &Hooks,
    ) -> Result<HttpRequest, CallError> {
        let api = &self.context.config.api;
        let mut request = draft.request(api)?;
        hooks.before(&mut request)?;
        Ok(finish(request, api, auth, draft.timeout)?)
    }

    /// The request with the token or the signature that it needs.
    async fn authorized(
        self: &Rc<Self>,
        request: HttpRequest,
        auth: &CallAuth,
        progress: &mut Progress,
    ) -> Result<HttpRequest, AuthError> {
        let iam = match auth {
            CallAuth::Open | CallAuth::Header { .. } => return Ok(request),
            CallAuth::Iam => true,
            CallAuth::Bearer => false,
        };
        let calls = Rc::clone(self);
        let (offset, renew) = (progress.offset, progress.renew.take());
        let outcome = self.to_the_end(async move {
            if iam {
                let signed = calls.signed(request, offset, SignatureForm::Headers).await;
                signed.map(|request| (request, None))
            } else {
                calls.with_token(request, renew).await
            }
        });
        let outcome = outcome.await;
        let (request, seen) = outcome?;
        progress.seen = seen;
        Ok(request)
    }

    /// Obtains what a call needs, even if the call is cancelled meanwhile: a refresh token that was sent must have its answer
    /// read, or the session is lost.
    async fn to_the_end<R: 'static>(
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

    /// Obtains what the next signed call needs: the credentials, and the module that signs.
    pub(super) async fn prepare(self: &Rc<Self>) -> Result<(), AuthError> {
        let calls = Rc::clone(self);
        self.to_the_end(async move {
            calls.context.ports.signer.prepare();
            calls.credentials.fresh().await.map(drop)
        })
        .await
    }

    /// The request with the access token of the user, or, without a session at the provider, with the token of the
    /// API-managed account; and the session. A token newer than that of `renew` is obtained first.
    async fn with_token(
        &self,
        request: HttpRequest,
        renew: Option<Box<SignedIn>>,
    ) -> Result<(HttpRequest, Option<Box<SignedIn>>), AuthError> {
        self.tabs.restored().await;
        let bearer = |token: &AccessToken| ["Bearer ", token.secret()].concat();
        if let (None, Some(token)) = (self.store.signed_in(), self.accounts.token()) {
            return Ok((request.header("authorization", bearer(&token)), None));
        }
        let signed_in = match renew {
            Some(seen) => self.renewal.renew(&seen).await?,
            None => self.renewal.fresh().await?,
        };
        let request = request.header("authorization", bearer(&signed_in.tokens.access_token));
        Ok((request, Some(signed_in)))
    }

    /// The address of a request with the signature in its query.
    pub(super) async fn presign(
        self: &Rc<Self>,
        draft: &Draft,
        hooks: &Hooks,
        valid: Duration,
    ) -> Result<String, CallError> {
        let mut request = draft.request(&self.context.config.api)?;
        hooks.before(&mut request)?;
        self.presign_url(request.method, &request.url, valid).await
    }

    /// An address with the signature in its query. The browser sends neither headers nor a body with it.
    pub(in crate::session) async fn presign_url(
        self: &Rc<Self>,
        method: Method,
        url: &str,
        valid: Duration,
    ) -> Result<String, CallError> {
        let bare = HttpRequest::new(method, wire_url(url)?);
        let form = SignatureForm::Query(valid);
        let calls = Rc::clone(self);
        let signed = pin!(self.to_the_end(async move { calls.signed(bare, None, form).await }));
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
        let credentials = self.credentials.fresh().await?;
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
