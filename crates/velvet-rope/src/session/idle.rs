//! Ending a session that is not used. Activity in any tab extends it in all of them.
//!
//! Times are those of the device's clock, because no server is involved and the clock of all tabs is the same.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::context::Context;
use super::event::EventKind;
use super::keys;
use super::message::Message;
use crate::config::StorageKind;
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;
use crate::time::Timestamp;

/// How long before the end the user is warned, unless the limit is shorter than twice that.
const WARNING: Duration = Duration::from_mins(1);
/// Activity is sent to the other tabs at most this often.
const BROADCAST_INTERVAL: Duration = Duration::from_secs(5);

/// When the user was last active in a tab, by this device's clock.
pub(super) struct Idle<T, S, H> {
    context: Rc<Context<T, S, H>>,
    /// `None` before the session began.
    last: Cell<Option<Timestamp>>,
    /// When activity was last sent to the other tabs.
    broadcast: Cell<Option<Timestamp>>,
    /// Whether the user has been warned since the last activity.
    warned: Cell<bool>,
}

impl<T: Transport, S: Store, H: Host> Idle<T, S, H> {
    pub(super) fn new(context: Rc<Context<T, S, H>>) -> Self {
        Self {
            context,
            last: Cell::default(),
            broadcast: Cell::default(),
            warned: Cell::default(),
        }
    }

    /// `None` if sessions do not end for being idle.
    fn limit(&self) -> Option<Duration> {
        self.context.config.session.idle_limit
    }

    /// The user was active in this tab. Cheap: it may be called for every key and every movement.
    pub(super) fn touch(&self) {
        if self.limit().is_none() {
            return;
        }
        let now = self.context.device_time();
        let recent = self
            .broadcast
            .get()
            .is_some_and(|at| now >= at && now.since(at) < BROADCAST_INTERVAL);
        if recent && !self.warned.get() {
            return;
        }
        self.broadcast.set(Some(now));
        if self.restart_unless_over() {
            self.context.broadcast(&Message::Active);
        }
    }

    /// Restarts the countdown, unless the limit has passed already: activity can be what wakes a device up.
    pub(super) fn restart_unless_over(&self) -> bool {
        let last = self.last.get().zip(self.limit());
        let over =
            last.is_some_and(|(last, limit)| self.context.device_time().since(last) >= limit);
        if !over {
            self.restart();
        }
        !over
    }

    /// Restarts the countdown.
    /// The time is stored as well, so that a session does not survive a closed browser for longer than the limit.
    pub(super) fn restart(&self) {
        let now = self.context.device_time();
        self.last.set(Some(now));
        self.warned.set(false);
        if self.limit().is_some() {
            let _ = self.store().set(keys::ACTIVE, &now.0.to_string());
        }
    }

    /// Where the session is not stored, the tab still stores when it was last active.
    fn store(&self) -> &S {
        match self.context.config.session.storage {
            StorageKind::Memory => &self.context.ports.pending,
            StorageKind::Session | StorageKind::Local => &self.context.ports.sessions,
        }
    }

    /// Whether a stored session was idle for too long before this page was opened.
    pub(super) fn expired_while_closed(&self) -> bool {
        let stored = self.store().get(keys::ACTIVE).ok().flatten();
        let stored: Option<u64> = stored.and_then(|text| text.parse().ok());
        match (stored, self.limit()) {
            (Some(stored), Some(limit)) => {
                self.context.device_time().since(Timestamp(stored)) >= limit
            }
            _ => false,
        }
    }

    /// When the session will end because it is not used, by this device's clock: known once the user is warned.
    pub(super) fn end(&self) -> Option<Timestamp> {
        let end = self.last.get()?.plus(self.limit()?);
        self.warned.get().then_some(end)
    }

    /// Warns when it is time to. Whether the session has to be ended.
    pub(super) fn is_over(&self) -> bool {
        let Some(limit) = self.limit() else {
            return false;
        };
        let now = self.context.device_time();
        let last = self.last.get().unwrap_or(now);
        self.last.set(Some(last));
        let idle = now.since(last);
        let warn_after = limit.saturating_sub(WARNING.min(limit / 2));
        if idle >= warn_after && !self.warned.replace(true) {
            let at = last.plus(limit).shifted(self.context.offset_seconds());
            self.context.emit(EventKind::SessionExpiring { at });
        }
        idle >= limit
    }
}
