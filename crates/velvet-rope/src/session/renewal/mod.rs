//! Renewing the tokens with the refresh token (RFC 6749, section 6): once per browser, however many tabs want it.
//!
//! Where each renewal replaces the refresh token, one that may have reached the provider is not sent again: the provider
//! would take that for theft and end the session (RFC 9700, section 4.14.2). So it is noted before it is sent, here and
//! in every tab, and the note is withdrawn only when it is certain that the token was not used.
//!
//! [`decision`] says what to do next; this file does it.

mod backoff;
mod decision;

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use futures::lock::Mutex;

use super::context::Context;
use super::error::AuthError;
use super::event::EventKind;
use super::message::Message;
use super::notes::Note;
use super::provider::ProviderMetadata;
use super::session_store::SessionStore;
use super::state::SignedIn;
use super::state::SignedOutReason;
use super::state::first_expiry;
use super::tabs::POLL;
use super::tabs::Tabs;
use crate::config::Rotation;
use crate::host::Host;
use crate::http::{HttpResponse, Transport, TransportError};
use crate::oauth::discovery::Endpoints;
use crate::oauth::id_token::{Claims, decode, validate_renewed};
use crate::oauth::tokens::{AccessToken, IdToken, RefreshToken, RenewalResponse, refresh_request};
use crate::store::Store;
use crate::time::Timestamp;

use backoff::Backoff;
use decision::{Answer, Decision, Situation, decide, read_answer};

/// Tokens this near to their expiry are renewed before they are used, even soon after a failure.
const LAST_MOMENT: Duration = Duration::from_secs(30);
/// The name of the lock.
const LOCK: &str = "renewal";
/// How long to wait for the lock. Longer than a renewal takes; a frozen tab must not block the others.
const LOCK_PATIENCE: Duration = Duration::from_secs(45);
/// How often to look whether a note was withdrawn.
const NOTE_POLL: Duration = Duration::from_millis(100);

/// The renewal of the session's tokens.
///
/// Of several callers in a tab one renews; of several tabs one does. The session can change at each `await`: after the
/// answer it is checked again whether the session is still the same.
pub(super) struct Renewal<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    tabs: Rc<Tabs<T, S, H>>,
    provider: Rc<ProviderMetadata<T, S, H>>,
    /// Held by the one caller of this tab that renews; the others use its result.
    flight: Mutex<()>,
    backoff: Backoff,
    /// The revision whose end the user has been warned of.
    warned: Cell<u64>,
}

impl<T: Transport, S: Store, H: Host> Renewal<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        tabs: Rc<Tabs<T, S, H>>,
        provider: Rc<ProviderMetadata<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            tabs,
            provider,
            flight: Mutex::default(),
            backoff: Backoff::default(),
            warned: Cell::default(),
        }
    }

    /// The session, with tokens that are valid for a moment longer.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] when no user is signed in; otherwise why the tokens could not be renewed.
    pub(super) async fn fresh(&self) -> Result<Box<SignedIn>, AuthError> {
        self.tabs.restored().await;
        let signed_in = self.store.signed_in().ok_or(AuthError::SignInRequired)?;
        let margin = LAST_MOMENT.min(signed_in.renewal_margin());
        if self.context.now().plus(margin) < signed_in.expires {
            return Ok(signed_in);
        }
        self.renew(&signed_in).await
    }

    /// The session with newer tokens than `seen` has, which another caller or another tab may have brought meanwhile.
    ///
    /// A failure is also reported as an event, with the time of the next attempt.
    pub(super) async fn renew(&self, seen: &SignedIn) -> Result<Box<SignedIn>, AuthError> {
        let _flight = self.flight.lock().await;
        let lock = pin!(self.context.ports.host.lock(LOCK));
        let limit = pin!(self.context.ports.host.pause(LOCK_PATIENCE));
        let Either::Left((_lock, _)) = select(lock, limit).await else {
            return Err(AuthError::OtherTabSilent);
        };
        let outcome = self.renew_locked(seen).await;
        // Before the lock is released, the others must be able to see which revision this tab has.
        self.tabs.claim().await;
        match &outcome {
            Ok(_) => self.backoff.reset(),
            Err(error) => self.note_failure(error),
        }
        outcome
    }

    /// With the lock held: decides and acts until there are tokens, or none can be had.
    async fn renew_locked(&self, seen: &SignedIn) -> Result<Box<SignedIn>, AuthError> {
        self.tabs.adopt_stored(&seen.id);
        let claimed = self.tabs.claimed_revision(&seen.id).await;
        let (mut asked, mut waited, mut waited_for_note) = (false, Duration::ZERO, Duration::ZERO);
        loop {
            let current = self.store.signed_in();
            let decision = decide(&Situation {
                seen,
                current: current.as_deref(),
                claimed,
                asked,
                waited,
                waited_for_note,
                shared_with_newer_release: self.store.is_shared_with_newer_release(&seen.id),
                rotation: self.context.config.provider.rotation,
                device: self.context.device_time(),
                now: self.context.now(),
            });
            match decision {
                Decision::Done(current) => return Ok(current),
                Decision::Ask => {
                    self.tabs.ask();
                    asked = true;
                }
                Decision::WaitForRevision(_) => {
                    self.context.ports.host.pause(POLL).await;
                    waited += POLL;
                }
                Decision::WaitForNote => {
                    self.context.ports.host.pause(NOTE_POLL).await;
                    waited_for_note += NOTE_POLL;
                }
                Decision::Send(current, token) => return self.send(*current, token).await,
                Decision::GiveUp(reason) => {
                    if let Some(ends) = reason.ends() {
                        self.tabs.end(ends);
                    }
                    return Err(reason.error());
                }
            }
        }
    }

    /// Notes that the refresh token is sent, sends it, and uses the answer.
    async fn send(
        &self,
        current: SignedIn,
        token: RefreshToken,
    ) -> Result<Box<SignedIn>, AuthError> {
        let endpoints = self.provider.endpoints().await?;
        let mut note = Note {
            id: current.id.clone(),
            revision: current.revision,
            tag: self.new_tag(),
            at: Some(self.context.device_time()),
        };
        self.publish_note(&note);
        let mut sent = self.send_token(&token, &endpoints).await;
        if let Ok(response) = &sent
            && let Some(moved) = self.provider.moved(response, &endpoints).await
        {
            sent = self.send_token(&token, &moved).await;
        }
        if !self.store.is_session(&current.id) {
            return self.store.signed_in().ok_or(AuthError::SignInRequired);
        }
        match read_answer(&sent) {
            Answer::Tokens(answer) => self.use_answer(current, token, sent.ok(), answer).await,
            Answer::NotUsed(error) => {
                note.at = None;
                self.publish_note(&note);
                Err(error)
            }
            Answer::MaybeUsed(error) => Err(error),
            Answer::Ended => {
                self.tabs.end(SignedOutReason::Expired);
                Err(AuthError::SessionExpired)
            }
        }
    }

    /// Sends the refresh token to the token endpoint. The caller has published a note about it.
    async fn send_token(
        &self,
        token: &RefreshToken,
        endpoints: &Endpoints,
    ) -> Result<HttpResponse, TransportError> {
        let mut request = refresh_request(&self.context.config.provider, endpoints, token);
        if let Rotation::On { grace } = self.context.config.provider.rotation
            && !grace.is_zero()
        {
            // Time has to be left for a second request while that is allowed.
            request.timeout = request.timeout.min(grace / 2);
        }
        self.context.ports.transport.send(request).await
    }

    /// Stores a note and sends it to the other tabs. It must be stored before the request is sent.
    fn publish_note(&self, note: &Note) {
        self.store.add_note(note);
        self.context.broadcast(&Message::Sending(note.clone()));
    }

    /// Identifies a request; nothing depends on its being secret.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number below 2^32"
    )]
    fn new_tag(&self) -> u64 {
        (self.context.ports.host.jitter() * 4_294_967_295.0) as u64
    }

    /// Stores the new refresh token before anything else, because the old one is worthless now; then validates the new
    /// ID token, if there is one (OpenID Connect Core, section 12.2).
    async fn use_answer(
        &self,
        current: SignedIn,
        sent_token: RefreshToken,
        response: Option<HttpResponse>,
        answer: RenewalResponse,
    ) -> Result<Box<SignedIn>, AuthError> {
        let rotated = answer.refresh_token;
        let mut renewed = Box::new(current.clone());
        renewed.rotates = Some(rotated.is_some());
        renewed.renewal_sent = None;
        renewed.renewed_here = true;
        renewed.revision += 1;
        renewed.tokens.refresh_token = Some(rotated.unwrap_or(sent_token));
        self.publish(&renewed);
        self.tabs.claim().await;
        let date_is_known = response.is_some_and(|response| self.context.learn_from(&response));
        if let Some(id_token) = answer.id_token {
            let validated = self
                .validate(&current, &id_token, &answer.access_token, date_is_known)
                .await;
            if !self.store.is_session(&current.id) {
                return self.store.signed_in().ok_or(AuthError::SignInRequired);
            }
            renewed.claims = validated.inspect_err(|error| {
                if let AuthError::IdToken(_) = error {
                    self.tabs.end(SignedOutReason::Failed(error.clone()));
                }
            })?;
            renewed.tokens.id_token = id_token;
            renewed.issued = renewed.claims.iat;
            renewed.expires = first_expiry(&renewed.claims, answer.expires_in, self.context.now());
        } else {
            renewed.issued = self.context.now();
            // Without a lifetime, the access token is assumed to live as long as the ID token did.
            let lifetime = answer.expires_in.unwrap_or(renewed.claims.lifetime());
            renewed.expires = renewed.issued.plus(lifetime);
        }
        renewed.revision += 1;
        renewed.tokens.access_token = answer.access_token;
        self.publish(&renewed);
        self.drop_withdrawn_role();
        self.context.emit(EventKind::TokenRenewed {
            here: true,
            expires: renewed.expires,
        });
        self.store.signed_in().ok_or(AuthError::SignInRequired)
    }

    /// Stores the session and sends it to the other tabs, with the role that was chosen meanwhile.
    fn publish(&self, renewed: &SignedIn) {
        self.store.update(renewed);
        if let Some(current) = self.store.signed_in() {
            self.tabs.broadcast_session(&current);
        }
    }

    /// Leaves the choice of the role to the identity pool again, if the new ID token does not offer the chosen one.
    fn drop_withdrawn_role(&self) {
        let Some(current) = self.store.signed_in() else {
            return;
        };
        let is_offered = |role| current.claims.roles.contains(role);
        if !current.identity.role.value.as_ref().is_none_or(is_offered) {
            let mut identity = current.identity;
            identity.role.set(None);
            self.tabs.set_identity(&current.id, identity);
        }
    }

    /// Checks signature and claims of a new ID token, and learns the time from it.
    async fn validate(
        &self,
        previous: &SignedIn,
        id_token: &IdToken,
        access_token: &AccessToken,
        date_is_known: bool,
    ) -> Result<Claims, AuthError> {
        let claims = decode(id_token)?;
        self.provider
            .verify(id_token, access_token, &claims)
            .await?;
        let offset = self.context.offset_for_token(date_is_known, claims.iat);
        let now = self.context.device_time().shifted(offset);
        let provider = &self.context.config.provider;
        validate_renewed(&claims, provider, &previous.claims, now)?;
        self.context.share_offset(Some(offset));
        Ok(claims)
    }

    /// Counts a failure and reports it. After the end of the session there is nothing to report.
    fn note_failure(&self, error: &AuthError) {
        let Some(signed_in) = self.store.signed_in() else {
            return;
        };
        let host = &self.context.ports.host;
        let retry_at = self.backoff.failed(&signed_in, host.now(), host.jitter());
        self.context.emit(EventKind::RenewalFailed {
            error: error.clone(),
            retry_at: self.may_send(&signed_in).then_some(retry_at),
        });
    }

    /// Whether the refresh token may be sent.
    fn may_send(&self, signed_in: &SignedIn) -> bool {
        let rotation = self.context.config.provider.rotation;
        decision::may_send(signed_in, rotation, self.context.device_time())
    }

    /// When the tokens are to be renewed, if they can be.
    pub(super) fn due(&self, signed_in: &SignedIn) -> Option<Timestamp> {
        signed_in.renews_at().filter(|_| self.may_send(signed_in))
    }

    /// Whether a renewal ahead of time may be tried now, after the failures of before.
    pub(super) fn may_try(&self, signed_in: &SignedIn) -> bool {
        self.backoff.may_try(signed_in, self.context.device_time())
    }

    /// Forgets failures, because something has changed.
    pub(super) fn reset(&self) {
        self.backoff.reset();
    }

    /// Notes that the user is warned of the end of a revision. Whether that is the first time.
    pub(super) fn warned_of(&self, revision: u64) -> bool {
        self.warned.replace(revision) != revision
    }
}
