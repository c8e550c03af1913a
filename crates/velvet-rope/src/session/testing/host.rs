//! A fake browser: tabs with a channel, claims and locks between them, and a clock that may be wrong.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use futures::lock::{Mutex, OwnedMutexGuard};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::FakeCloud;
use crate::host::{Host, RsaKey};
use crate::time::Timestamp;

/// A fake browser.
pub(in crate::session) struct FakeBrowser {
    cloud: Rc<FakeCloud>,
    /// How far its clock is ahead, in seconds.
    pub(in crate::session) skew: Cell<i64>,
    pub(in crate::session) online: Cell<bool>,
    /// How long a message takes from tab to tab.
    pub(in crate::session) latency: Cell<Duration>,
    tabs: RefCell<HashMap<u32, UnboundedSender<String>>>,
    claims: RefCell<HashMap<u32, String>>,
    locks: RefCell<HashMap<String, Arc<Mutex<()>>>>,
    /// The tabs that show another site. Their page is in the back/forward cache, and hears nothing.
    away: RefCell<HashSet<u32>>,
    opened: Cell<u32>,
    /// How often a tab asked for chance.
    asked: Cell<u32>,
}

impl FakeBrowser {
    pub(super) fn new(cloud: Rc<FakeCloud>) -> Self {
        Self {
            cloud,
            skew: Cell::new(0),
            online: Cell::new(true),
            latency: Cell::new(Duration::from_millis(20)),
            tabs: RefCell::default(),
            claims: RefCell::default(),
            locks: RefCell::default(),
            away: RefCell::default(),
            opened: Cell::new(0),
            asked: Cell::new(0),
        }
    }

    pub(super) fn open_tab(self: &Rc<Self>) -> (FakeHost, UnboundedReceiver<String>) {
        let tab = self.opened.get() + 1;
        self.opened.set(tab);
        let (sender, receiver) = unbounded_channel();
        self.tabs.borrow_mut().insert(tab, sender);
        let host = FakeHost {
            browser: Rc::clone(self),
            tab,
        };
        (host, receiver)
    }
}

/// What surrounds one tab of it.
pub(in crate::session) struct FakeHost {
    browser: Rc<FakeBrowser>,
    tab: u32,
}

impl FakeHost {
    /// The tab leaves for another site.
    pub(in crate::session) fn leave(&self) {
        self.browser.away.borrow_mut().insert(self.tab);
    }

    /// The page comes back out of the back/forward cache.
    pub(in crate::session) fn come_back(&self) {
        self.browser.away.borrow_mut().remove(&self.tab);
    }

    /// Closes the tab: it receives no message, and its claim ends.
    pub(super) fn close(&self) {
        self.browser.tabs.borrow_mut().remove(&self.tab);
        self.browser.claims.borrow_mut().remove(&self.tab);
    }
}

impl Host for FakeHost {
    type Lock = OwnedMutexGuard<()>;

    fn now(&self) -> Timestamp {
        self.browser.cloud.now().shifted(self.browser.skew.get())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.browser.cloud.now().0)
    }

    fn spawn(&self, future: LocalBoxFuture<'static, ()>) -> Option<LocalBoxFuture<'static, ()>> {
        tokio::task::spawn_local(future);
        None
    }

    fn jitter(&self) -> f64 {
        // Never the same twice, and always about the same.
        let asked = self.browser.asked.get() + 1;
        self.browser.asked.set(asked);
        0.5 + f64::from(asked) / 1e7
    }

    fn is_online(&self) -> bool {
        self.browser.online.get()
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn lock(&self, name: &str) -> Self::Lock {
        let lock = {
            let mut locks = self.browser.locks.borrow_mut();
            Arc::clone(locks.entry(name.to_owned()).or_default())
        };
        lock.lock_owned().await
    }

    async fn claims(&self) -> Vec<String> {
        tokio::task::yield_now().await;
        self.browser.claims.borrow().values().cloned().collect()
    }

    async fn claim(&self, name: Option<&str>) {
        tokio::task::yield_now().await;
        let mut claims = self.browser.claims.borrow_mut();
        match name {
            Some(name) if self.browser.tabs.borrow().contains_key(&self.tab) => {
                claims.insert(self.tab, name.to_owned());
            }
            _ => {
                claims.remove(&self.tab);
            }
        }
    }

    fn broadcast(&self, message: &str) {
        for (tab, sender) in &*self.browser.tabs.borrow() {
            if *tab != self.tab && !self.browser.away.borrow().contains(tab) {
                let _ = sender.send(message.to_owned());
            }
        }
    }

    /// The real check is the browser's, and is tested there.
    async fn verify_rs256(&self, key: &RsaKey, _message: &str, signature: &[u8]) -> Option<bool> {
        tokio::task::yield_now().await;
        (key.exponent == "AQAB").then(|| signature == key.modulus.as_bytes())
    }
}
