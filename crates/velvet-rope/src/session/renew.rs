//! Renewing the tokens with the refresh token (RFC 6749, section 6): once per browser, however many tabs want it.
//!
//! Where refresh tokens are replaced by each renewal, one that may have reached the provider is not sent again:
//! the provider would take that for theft and end the session (RFC 9700, section 4.14.2). So it is noted before
//! it is sent, here and in every tab, and the note is taken back only when it is certain that the token was not
//! spent.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use futures::lock::Mutex;

use super::Client;
use super::error::{AuthError, Step};
use super::event::EventKind;
use super::state::{SignedIn, SignedOutReason, first_expiry};
use super::tabs::Message;
use crate::config::Rotation;
use crate::host::Host;
use crate::http::{HttpResponse, Transport, TransportError};
use crate::oauth::id_token::{decode, validate_renewed};
use crate::oauth::tokens::{
    RefreshToken, TokenError, TokenErrorCode, TokenResponse, Tokens, parse_token_response,
    refresh_request,
};
use crate::store::Store;
use crate::time::Timestamp;

/// Tokens this near to their expiry are renewed before they are used, whatever the wait.
const LAST_MOMENT: Duration = Duration::from_secs(30);
/// The first wait after a failure; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait after a failure.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// The name of the lock.
const LOCK: &str = "renewal";
/// How long another tab may take to say that it sent nothing.
const NOTE_PATIENCE: Duration = Duration::from_secs(1);
/// How long is waited for it. Longer than a renewal takes; a tab that stands still must not hold up the others.
const LOCK_PATIENCE: Duration = Duration::from_secs(45);

/// How it stands with renewing.
#[derive(Default)]
pub(super) struct Renewal {
    /// Held by the one caller of this tab that renews; the others find what it brought.
    flight: Mutex<()>,
    failures: Cell<u32>,
    /// When to try again, by this device's clock.
    retry_at: Cell<Option<Timestamp>>,
    /// The revision of whose end people have been warned.
    warned: Cell<u64>,
    /// Refresh tokens that are on their way, or whose answer got lost, as far as this tab has heard.
    notes: RefCell<Vec<Note>>,
}

/// That the refresh token of a revision was sent. Each sending has a tag of its own: what one tab takes back says
/// nothing about what another one has sent since.
struct Note {
    id: String,
    revision: u64,
    tag: u64,
    at: Timestamp,
}

/// How many notes are remembered.
const NOTES: usize = 16;

impl Renewal {
    /// Forgets failures, because something has changed.
    pub(super) fn reset(&self) {
        self.failures.set(0);
        self.retry_at.set(None);
    }

    /// Notes that people are warned of the end of a revision. Whether they were not before.
    pub(super) fn warned_of(&self, revision: u64) -> bool {
        self.warned.replace(revision) != revision
    }

    /// Remembers a note, or that it was taken back; also of a session that this tab may get to know only later.
    pub(super) fn note(&self, id: &str, revision: u64, tag: u64, at: Option<Timestamp>) {
        let mut notes = self.notes.borrow_mut();
        notes.retain(|note| note.tag != tag || note.revision != revision || note.id != id);
        if let Some(at) = at {
            let id = id.to_owned();
            notes.push(Note {
                id,
                revision,
                tag,
                at,
            });
        }
        let from = notes.len().saturating_sub(NOTES);
        notes.drain(..from);
    }

    /// Puts on a session what was noted of it. Within a grace period, the first sending counts.
    pub(super) fn add_note(&self, signed_in: &mut SignedIn) {
        let notes = self.notes.borrow();
        let of_it = notes
            .iter()
            .filter(|note| note.id == signed_in.id && note.revision == signed_in.revision);
        let first = of_it.min_by_key(|note| note.at);
        signed_in.renewal_sent = first.map(|note| note.at);
        signed_in.renewal_tag = first.map_or(0, |note| note.tag);
    }

    /// Takes over the note that came with a session.
    pub(super) fn keep_note(&self, signed_in: &SignedIn) {
        if signed_in.renewal_sent.is_some() {
            let (tag, at) = (signed_in.renewal_tag, signed_in.renewal_sent);
            self.note(&signed_in.id, signed_in.revision, tag, at);
        }
    }

    pub(super) fn may_try(&self, now: Timestamp) -> bool {
        self.retry_at.get().is_none_or(|at| now >= at)
    }
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Whoever is signed in, with tokens that hold for a moment longer.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] when nobody is; otherwise why the tokens could not be renewed.
    pub(super) async fn fresh(&self) -> Result<Box<SignedIn>, AuthError> {
        self.settled().await;
        let signed_in = self.signed_in().ok_or(AuthError::SignInRequired)?;
        let margin = LAST_MOMENT.min(signed_in.renewal_margin());
        if self.now().plus(margin) < signed_in.expires {
            return Ok(signed_in);
        }
        self.renew(&signed_in).await
    }

    /// Brings tokens that are newer than those of `seen`, unless another caller or another tab has brought them
    /// meanwhile.
    pub(super) async fn renew(&self, seen: &SignedIn) -> Result<Box<SignedIn>, AuthError> {
        let _flight = self.renewal.flight.lock().await;
        let lock = pin!(self.host.lock(LOCK));
        let limit = pin!(self.host.pause(LOCK_PATIENCE));
        let Either::Left((_lock, _)) = select(lock, limit).await else {
            return Err(AuthError::OtherTabSilent);
        };
        let outcome = self.renew_locked(seen).await;
        // Before the lock is let go, the others must be able to see what this tab now holds.
        self.claim().await;
        match &outcome {
            Ok(_) => self.renewal.reset(),
            Err(error) => self.note_failure(error),
        }
        outcome
    }

    async fn renew_locked(&self, seen: &SignedIn) -> Result<Box<SignedIn>, AuthError> {
        self.sync_from_tabs(seen).await?;
        let current = self.without_old_note().await;
        let current = current.ok_or(AuthError::SignInRequired)?;
        // A new refresh token whose tokens could not be judged is a higher revision, and no renewal.
        if current.id != seen.id || current.tokens.access_token != seen.tokens.access_token {
            return Ok(current);
        }
        let Some(refresh_token) = current.tokens.refresh_token.clone() else {
            return Err(self.end_if_expired(&current, AuthError::SessionExpired));
        };
        if !self.may_send(&current) {
            return Err(self.end_if_expired(&current, AuthError::RenewalUncertain));
        }
        let endpoints = self.endpoints().await?;
        let tag = self.new_tag();
        self.note_sent(&current, tag, Some(self.host.now()));
        let mut request = refresh_request(&self.config.provider, &endpoints, &refresh_token);
        if let Rotation::On { grace } = self.config.provider.rotation
            && !grace.is_zero()
        {
            // Time has to be left for asking again while that is allowed.
            request.timeout = request.timeout.min(grace / 2);
        }
        let sent = self.transport.send(request).await;
        if !self.is_session(&current.id) {
            return self.signed_in().ok_or(AuthError::SignInRequired);
        }
        let (response, answer) = self.read_answer(&current, tag, sent)?;
        self.take_answer(current, refresh_token, &response, answer)
            .await
    }

    /// The session, once another tab that sent nothing after all has had time to take its note back: it lets the
    /// lock go before everybody has heard that.
    async fn without_old_note(&self) -> Option<Box<SignedIn>> {
        let mut waited = Duration::ZERO;
        loop {
            let current = self.signed_in()?;
            if waited >= NOTE_PATIENCE || self.may_send(&current) {
                return Some(current);
            }
            self.host.pause(NOTE_PATIENCE / 10).await;
            waited += NOTE_PATIENCE / 10;
        }
    }

    /// Whether the refresh token may be sent: never twice, unless the provider allows it.
    pub(super) fn may_send(&self, signed_in: &SignedIn) -> bool {
        let Some(sent) = signed_in.renewal_sent else {
            return true;
        };
        match self.config.provider.rotation {
            Rotation::Off => true,
            Rotation::On { grace } => {
                let now = self.host.now();
                now >= sent && now < sent.plus(grace)
            }
            Rotation::Unknown => signed_in.rotates == Some(false),
        }
    }

    /// A session whose tokens have expired and cannot be renewed has ended.
    pub(super) fn end_if_expired(&self, signed_in: &SignedIn, error: AuthError) -> AuthError {
        if self.now() < signed_in.expires {
            return error;
        }
        self.end(match error {
            AuthError::RenewalUncertain => SignedOutReason::RenewalLost,
            _ => SignedOutReason::Expired,
        });
        AuthError::SessionExpired
    }

    /// Ends the session in every tab.
    pub(super) fn end(&self, reason: SignedOutReason) {
        if let Some(signed_in) = self.signed_in() {
            let idle = reason == SignedOutReason::Idle;
            let id = signed_in.id;
            self.forget(reason);
            self.broadcast(&Message::SignedOut { id, idle });
        }
    }

    /// Tells two sendings apart; nothing secret hangs on it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number below 2^32"
    )]
    fn new_tag(&self) -> u64 {
        (self.host.jitter() * 4_294_967_295.0) as u64
    }

    fn note_sent(&self, signed_in: &SignedIn, tag: u64, at: Option<Timestamp>) {
        let mut noted = signed_in.clone();
        let renewal = &self.renewal;
        renewal.note(&noted.id, noted.revision, tag, at);
        renewal.add_note(&mut noted);
        self.persist(&noted);
        self.broadcast(&Message::Sending {
            id: noted.id,
            revision: noted.revision,
            tag,
            at,
        });
    }

    /// Reads what came back, and takes the note back where it is certain that the token was not spent: the
    /// request did not leave, or the endpoint said that it did not take it.
    fn read_answer(
        &self,
        current: &SignedIn,
        tag: u64,
        sent: Result<HttpResponse, TransportError>,
    ) -> Result<(HttpResponse, TokenResponse), AuthError> {
        let response = sent.map_err(|source| {
            if matches!(
                source,
                TransportError::Offline | TransportError::Refused { .. }
            ) {
                self.note_sent(current, tag, None);
            }
            AuthError::Transport {
                during: Step::TokenEndpoint,
                source,
            }
        })?;
        let answer = parse_token_response(&response).map_err(|error| {
            let unspent = matches!(
                error,
                TokenError::Refused { .. } | TokenError::Unexpected { status: 429 | 503 }
            );
            if unspent {
                self.note_sent(current, tag, None);
            }
            let ended = matches!(
                error,
                TokenError::Refused {
                    error: TokenErrorCode::InvalidGrant,
                    ..
                }
            );
            if ended {
                self.end(SignedOutReason::Expired);
                return AuthError::SessionExpired;
            }
            AuthError::Token(error)
        })?;
        Ok((response, answer))
    }

    /// Keeps the new refresh token before anything else, because the old one is worth nothing any more; then
    /// judges the new tokens.
    async fn take_answer(
        &self,
        current: Box<SignedIn>,
        spent: RefreshToken,
        response: &HttpResponse,
        answer: TokenResponse,
    ) -> Result<Box<SignedIn>, AuthError> {
        let rotated = answer.tokens.refresh_token.clone();
        let mut renewed = current.clone();
        renewed.rotates = Some(rotated.is_some());
        renewed.renewal_sent = None;
        renewed.renewed_here = true;
        renewed.revision += 1;
        renewed.tokens.refresh_token = Some(rotated.unwrap_or(spent));
        self.persist(&renewed);
        self.broadcast_session(&renewed);
        self.claim().await;
        let judged = self.judge(&current, response, &answer.tokens).await;
        if !self.is_session(&current.id) {
            return self.signed_in().ok_or(AuthError::SignInRequired);
        }
        let claims = judged.inspect_err(|error| {
            if let AuthError::IdToken(_) = error {
                self.end(SignedOutReason::Failed(error.clone()));
            }
        })?;
        renewed.expires = first_expiry(&claims, answer.expires_in, self.now());
        renewed.claims = claims;
        renewed.revision += 1;
        renewed.tokens = Tokens {
            refresh_token: renewed.tokens.refresh_token,
            ..answer.tokens
        };
        self.persist(&renewed);
        self.broadcast_session(&renewed);
        self.emit(EventKind::TokenRenewed {
            here: true,
            expires: renewed.expires,
        });
        Ok(renewed)
    }

    async fn judge(
        &self,
        previous: &SignedIn,
        response: &HttpResponse,
        tokens: &Tokens,
    ) -> Result<crate::oauth::id_token::Claims, AuthError> {
        let claims = decode(&tokens.id_token)?;
        self.verify(tokens, &claims).await?;
        if !self.learn_from(response) {
            self.learn_time(claims.iat);
        }
        validate_renewed(&claims, &self.config.provider, &previous.claims, self.now())?;
        Ok(claims)
    }

    /// Waits longer after each failure, and not exactly as long as other browsers do.
    fn note_failure(&self, error: &AuthError) {
        let Some(signed_in) = self.signed_in() else {
            return;
        };
        let failures = self.renewal.failures.get().saturating_add(1).min(10);
        let wait = FIRST_WAIT * 2_u32.pow(failures - 1);
        let wait = wait
            .min(LONGEST_WAIT)
            .mul_f64(0.5 + self.host.jitter() / 2.0);
        let wait = wait.max(Duration::from_secs(1));
        let retry_at = self.host.now().plus(wait);
        self.renewal.failures.set(failures);
        self.renewal.retry_at.set(Some(retry_at));
        self.emit(EventKind::RenewalFailed {
            error: error.clone(),
            retry_at: self.may_send(&signed_in).then_some(retry_at),
        });
    }
}
