//! What all parts share: the site, the ports, the corrected clock, and the function that is notified of changes.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::clock::Clock;
use super::error::AuthError;
use super::error::Step;
use super::event::Change;
use super::event::Event;
use super::event::EventKind;
use super::keys;
use super::message::Message;
use crate::aws::signer::Signer;
use crate::config::Config;
use crate::host::Host;
use crate::http::{HttpRequest, HttpResponse, Transport};
use crate::store::Store;
use crate::time::Timestamp;

type Watcher = Rc<dyn Fn(Change<'_>)>;

/// The ports that a [`Client`](super::Client) needs.
///
/// [`browser_client`](crate::browser_client) fills it with the APIs of the browser.
pub struct Ports<T, S, H> {
    /// Sends requests.
    /// To the provider, to Cognito and to the API.
    pub transport: T,
    /// Stores the session.
    /// The configured storage, which may be memory.
    pub sessions: S,
    /// Stores sign-ins until their callback; must outlive a page load even when `sessions` does not.
    pub pending: S,
    /// Storage that all tabs of this site share. The ids of ended sessions, the provider's public keys and the device tokens
    /// of accounts are written to it.
    pub shared: S,
    /// The device's clock, the other tabs, and the signature check.
    pub host: H,
    /// Signs requests.
    pub signer: Box<dyn Signer>,
}

impl<T, S, H> fmt::Debug for Ports<T, S, H> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ports")
    }
}

/// The site, its ports, the clock, and the watcher.
pub(super) struct Context<T, S, H> {
    pub(super) config: Config,
    /// `https://app.example.com`, without a slash at the end.
    pub(super) origin: String,
    pub(super) ports: Ports<T, S, H>,
    clock: Clock,
    watcher: RefCell<Option<Watcher>>,
    on_session: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl<T: Transport, S: Store, H: Host> Context<T, S, H> {
    pub(super) fn new(config: Config, origin: String, ports: Ports<T, S, H>) -> Self {
        let stored = ports.sessions.get(keys::CLOCK).ok().flatten();
        let offset = stored.and_then(|text| text.parse().ok());
        Self {
            config,
            origin,
            ports,
            clock: Clock::with_offset(offset.unwrap_or_default()),
            watcher: RefCell::default(),
            on_session: RefCell::default(),
        }
    }

    /// The time on this device, which may be wrong.
    pub(super) fn device_time(&self) -> Timestamp {
        self.ports.host.now()
    }

    /// The time, as far as it is known.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.at(self.device_time())
    }

    /// What has to be added to the device's clock, in seconds.
    pub(super) fn offset_seconds(&self) -> i64 {
        self.clock.offset_seconds()
    }

    /// Learns from the `Date` header of a response, if the page may read it. Whether it could.
    pub(super) fn learn_from(&self, response: &HttpResponse) -> bool {
        let date = date_of(response);
        if let Some(date) = date {
            self.share_offset(self.clock.correction(self.device_time(), date));
        }
        date.is_some()
    }

    /// The offset to sign with once more after a gateway refused the time of a signature: from its message, else from the
    /// `Date` of its response. It is not used for anything else until [`Self::share_offset`].
    pub(super) fn offset_from_refusal(
        &self,
        server: Option<Timestamp>,
        response: &HttpResponse,
    ) -> Option<i64> {
        let server = server.or_else(|| date_of(response))?;
        self.clock
            .correction_from_refusal(self.device_time(), server)
    }

    /// The offset by which to validate a token that has just been issued. Where its response has no readable `Date`, the
    /// token's own time decides, within bounds.
    pub(super) fn offset_for_token(&self, date_is_known: bool, iat: Timestamp) -> i64 {
        let correction = self.clock.correction_from_token(self.device_time(), iat);
        let correction = correction.filter(|_| !date_is_known);
        correction.unwrap_or(self.offset_seconds())
    }

    /// Uses an offset from now on, in every tab.
    pub(super) fn share_offset(&self, offset_seconds: Option<i64>) {
        if let Some(offset) = offset_seconds.filter(|offset| *offset != self.offset_seconds()) {
            self.correct_clock(offset);
            self.broadcast(&Message::Clock(offset));
        }
    }

    /// Uses an offset from now on, in this tab.
    pub(super) fn correct_clock(&self, offset_seconds: i64) {
        if self.clock.set(offset_seconds) {
            let text = offset_seconds.to_string();
            let _ = self.ports.sessions.set(keys::CLOCK, &text);
            self.emit(EventKind::ClockCorrected { offset_seconds });
        }
    }

    /// Sends a request to the server that `during` names.
    pub(super) async fn send(
        &self,
        request: HttpRequest,
        during: Step,
    ) -> Result<HttpResponse, AuthError> {
        let sent = self.ports.transport.send(request).await;
        sent.map_err(|source| AuthError::Transport { during, source })
    }

    /// Sends a message to the other tabs of this site.
    pub(super) fn broadcast(&self, message: &Message) {
        let text = message.write(&self.config.provider);
        self.ports.host.broadcast(&text);
    }

    /// Calls `watcher` with every change from now on, in place of the watcher before.
    pub(super) fn watch(&self, watcher: impl Fn(Change<'_>) + 'static) {
        *self.watcher.borrow_mut() = Some(Rc::new(watcher));
    }

    /// Calls `then` once there is a session.
    pub(super) fn when_session(&self, then: impl FnOnce() + 'static) {
        *self.on_session.borrow_mut() = Some(Box::new(then));
    }

    /// There is a session.
    pub(super) fn session_is_there(&self) {
        let then = self.on_session.borrow_mut().take();
        if let Some(then) = then {
            then();
        }
    }

    /// Reports an event of now.
    pub(super) fn emit(&self, kind: EventKind) {
        let event = Event {
            at: self.now(),
            kind,
        };
        self.notify(Change::Event(&event));
    }

    /// The watcher may call the client, so nothing is borrowed while it runs.
    pub(super) fn notify(&self, change: Change<'_>) {
        let watcher = self.watcher.borrow().clone();
        if let Some(watcher) = watcher {
            watcher(change);
        }
    }
}

/// `None` where CORS does not expose the header `Date`.
fn date_of(response: &HttpResponse) -> Option<Timestamp> {
    response.header("date").and_then(Timestamp::from_http_date)
}
