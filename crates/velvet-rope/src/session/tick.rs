//! What has to be looked after while nobody does anything: renewal ahead of time, and the end of sessions.

use std::time::Duration;

use super::Client;
use super::error::AuthError;
use super::event::EventKind;
use super::sign_out::SignOutScope;
use super::state::{Session, SignedIn};
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;

/// The longest wait until the next look: a device that slept is noticed this soon.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long before the end of a session that cannot be renewed it is said.
const WARNING: Duration = Duration::from_mins(1);

/// What is to be done after a look at the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When to look again at the latest.
    pub wait: Duration,
    /// Where to send the browser, if the session has just been ended here.
    pub leave_for: Option<String>,
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Looks after the session. To be called again after the wait that it answers, and whenever the page wakes
    /// up or gets its network back. It compares times and counts nothing, so that it does not matter how late
    /// it is called.
    pub async fn tick(&self) -> Tick {
        let mut tick = Tick {
            wait: LONGEST_WAIT,
            leave_for: None,
        };
        if !matches!(self.session(), Session::SignedIn(_)) {
            return tick;
        }
        if self.is_over_idle() {
            tick.leave_for = self.sign_out(SignOutScope::Idle).await;
            return tick;
        }
        let Some(signed_in) = self.signed_in() else {
            return tick;
        };
        let due = signed_in.renews_at().filter(|_| self.may_send(&signed_in));
        let Some(due) = due else {
            self.near_the_end(&signed_in).await;
            return tick;
        };
        if self.now() >= due && self.renewal.may_try(self.host.now()) && self.host.is_online() {
            // What goes wrong has been told by then.
            let _ = self.renew(&signed_in).await;
        }
        let next = self.signed_in().and_then(|signed_in| signed_in.renews_at());
        let until = next.map(|next| next.since(self.now()));
        tick.wait = until
            .unwrap_or(LONGEST_WAIT)
            .clamp(Duration::from_secs(1), LONGEST_WAIT);
        tick
    }

    /// Tokens that cannot be renewed any more: it is said before they expire, and the session ends with them,
    /// unless another tab has newer ones.
    async fn near_the_end(&self, signed_in: &SignedIn) {
        let now = self.now();
        if now >= signed_in.expires {
            let _ = self.renew(signed_in).await;
        } else if now.plus(WARNING) >= signed_in.expires
            && self.renewal.warned_of(signed_in.revision)
        {
            let at = signed_in.expires;
            self.emit(EventKind::SessionExpiring { at });
        }
    }

    /// The page woke up, or has a network again: failures of before say nothing any more.
    pub async fn wake(&self) -> Tick {
        self.renewal.reset();
        self.tick().await
    }

    /// Renews the tokens now, whether or not it is time.
    ///
    /// # Errors
    /// [`AuthError::SignInRequired`] when nobody is signed in; otherwise why there are no new tokens.
    pub async fn renew_now(&self) -> Result<(), AuthError> {
        let signed_in = self.signed_in().ok_or(AuthError::SignInRequired)?;
        self.renew(&signed_in).await.map(|_| ())
    }
}
