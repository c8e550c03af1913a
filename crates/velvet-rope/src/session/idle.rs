//! Ending a session that nobody uses. Whoever touches a page in any tab keeps it alive in all of them.

use std::cell::Cell;
use std::time::Duration;

use super::event::EventKind;
use super::tabs::Message;
use super::{Client, keys};
use crate::config::StorageKind;
use crate::host::Host;
use crate::http::Transport;
use crate::store::Store;
use crate::time::Timestamp;

/// How long before the end people are warned, unless the limit is shorter than twice that.
const WARNING: Duration = Duration::from_mins(1);
/// A touch is told to the other tabs at most this often.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// When somebody last touched a page, by this device's clock.
#[derive(Default)]
pub(super) struct Idle {
    last: Cell<Option<Timestamp>>,
    told: Cell<Option<Timestamp>>,
    warned: Cell<bool>,
}

impl<T: Transport, S: Store, H: Host> Client<T, S, H> {
    /// Somebody touched the page. Cheap: it may be called for every key and every movement.
    pub fn touch(&self) {
        if self.config.session.idle_limit.is_none() {
            return;
        }
        let now = self.host.now();
        let told = self.idle.told.get();
        if told.is_some_and(|told| now >= told && now.since(told) < TELL_EVERY)
            && !self.idle.warned.get()
        {
            return;
        }
        self.idle.told.set(Some(now));
        if self.rest_unless_over() {
            self.broadcast(&Message::Active);
        }
    }

    /// Begins to count anew, unless the limit has passed already: a device that slept wakes up by being touched.
    pub(super) fn rest_unless_over(&self) -> bool {
        let last = self.idle.last.get().zip(self.config.session.idle_limit);
        let over = last.is_some_and(|(last, limit)| self.host.now().since(last) >= limit);
        if !over {
            self.rest_from_now();
        }
        !over
    }

    /// Begins to count anew.
    pub(super) fn rest_from_now(&self) {
        let now = self.host.now();
        self.idle.last.set(Some(now));
        self.idle.warned.set(false);
        if self.config.session.idle_limit.is_some() {
            let _ = self.idle_store().set(keys::ACTIVE, &now.0.to_string());
        }
    }

    /// Where nothing is kept of the session, the tab still keeps when it was last touched.
    fn idle_store(&self) -> &S {
        match self.config.session.storage {
            StorageKind::Memory => &self.pending,
            StorageKind::Session | StorageKind::Local => &self.sessions,
        }
    }

    /// Whether a kept session was left alone for too long before this page was opened.
    pub(super) fn was_left_alone(&self) -> bool {
        let kept = self.idle_store().get(keys::ACTIVE).ok().flatten();
        let kept: Option<u64> = kept.and_then(|text| text.parse().ok());
        let limit = self.config.session.idle_limit;
        match (kept, limit) {
            (Some(kept), Some(limit)) => self.host.now().since(Timestamp(kept)) >= limit,
            _ => false,
        }
    }

    /// When the session will be ended because nobody uses it, by this device's clock: only known while people
    /// are warned of it.
    pub fn idle_end(&self) -> Option<Timestamp> {
        let limit = self.config.session.idle_limit?;
        self.signed_in()?;
        let last = self.idle.last.get()?;
        let warned = self.idle.warned.get();
        warned.then(|| last.plus(limit))
    }

    /// Warns when it is time to. Whether the session has to be ended.
    pub(super) fn is_over_idle(&self) -> bool {
        let Some(limit) = self.config.session.idle_limit else {
            return false;
        };
        let now = self.host.now();
        let last = self.idle.last.get().unwrap_or(now);
        self.idle.last.set(Some(last));
        let rested = now.since(last);
        let warn_after = limit.saturating_sub(WARNING.min(limit / 2));
        if rested >= warn_after && !self.idle.warned.replace(rested >= warn_after) {
            let at = last.plus(limit).shifted(self.offset_seconds());
            self.emit(EventKind::SessionExpiring { at });
        }
        rested >= limit
    }
}
