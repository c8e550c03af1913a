//! What is checked regularly: renewal ahead of time, and the end of sessions.

use std::rc::Rc;
use std::time::Duration;

use super::context::Context;
use super::event::EventKind;
use super::idle::Idle;
use super::renewal::Renewal;
use super::session_store::SessionStore;
use super::sign_out::SignOut;
use super::sign_out::SignOutScope;
use super::state::Session;
use super::state::SignedIn;
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;

/// The longest wait until the next check: a device that slept is noticed this soon.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long before the end of a session that cannot be renewed the user is warned.
const WARNING: Duration = Duration::from_mins(1);

/// The result of a check.
///
/// Returned by [`Client::tick`](super::Client::tick) and [`Client::wake`](super::Client::wake).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When to check again at the latest.
    /// Between one and five seconds. Less is harmless.
    pub wait: Duration,
    /// The address to open, if the session has just been ended here.
    /// The provider's sign-out page, after an idle session.
    pub leave_for: Option<String>,
}

/// The regular check.
/// It has no state of its own.
pub(super) struct Ticker<T, S, H> {
    context: Rc<Context<T, S, H>>,
    store: Rc<SessionStore<T, S, H>>,
    idle: Rc<Idle<T, S, H>>,
    renewal: Rc<Renewal<T, S, H>>,
    sign_out: Rc<SignOut<T, S, H>>,
}

impl<T: Transport, S: Store, H: Host> Ticker<T, S, H> {
    pub(super) fn new(
        context: Rc<Context<T, S, H>>,
        store: Rc<SessionStore<T, S, H>>,
        idle: Rc<Idle<T, S, H>>,
        renewal: Rc<Renewal<T, S, H>>,
        sign_out: Rc<SignOut<T, S, H>>,
    ) -> Self {
        Self {
            context,
            store,
            idle,
            renewal,
            sign_out,
        }
    }

    /// Renews or ends the session when it is time. It compares times and counts nothing, so that it does not matter how
    /// late it is called.
    pub(super) async fn tick(&self) -> Tick {
        let mut tick = Tick {
            wait: LONGEST_WAIT,
            leave_for: None,
        };
        let Session::SignedIn(signed_in) = self.store.session() else {
            return tick;
        };
        if self.idle.is_over() {
            tick.leave_for = self.sign_out.sign_out(SignOutScope::Idle).await;
            return tick;
        }
        let Some(due) = self.renewal.due(&signed_in) else {
            self.near_the_end(&signed_in).await;
            return tick;
        };
        let is_online = self.context.ports.host.is_online();
        if self.context.now() >= due && self.renewal.may_try(&signed_in) && is_online {
            // A failure is reported as an event.
            let _ = self.renewal.renew(&signed_in).await;
        }
        let next = self.store.signed_in().and_then(|next| next.renews_at());
        let until = next.map(|next| next.since(self.context.now()));
        let wait = until.unwrap_or(LONGEST_WAIT);
        tick.wait = wait.clamp(Duration::from_secs(1), LONGEST_WAIT);
        tick
    }

    /// Tokens that cannot be renewed any more: the user is warned before they expire, and the session ends with them,
    /// unless another tab has newer ones.
    async fn near_the_end(&self, signed_in: &SignedIn) {
        let now = self.context.now();
        if now >= signed_in.expires {
            let _ = self.renewal.renew(signed_in).await;
        } else if now.plus(WARNING) >= signed_in.expires
            && self.renewal.warned_of(signed_in.revision)
        {
            let at = signed_in.expires;
            self.context.emit(EventKind::SessionExpiring { at });
        }
    }
}
