//! The port [`Host`] on Web Locks, `BroadcastChannel`, timers and the Web Cryptography API. Where a browser
//! lacks one of them, this tab acts as if it were alone.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use wasm_bindgen::JsCast as _;
use web_sys::{BroadcastChannel, MessageEvent};

pub use super::locks::WebLock;
use super::locks::{Mode, held_after};
use super::{clock, js, page, signature};
use crate::host::{Host, RsaKey};
use crate::time::Timestamp;

/// The browser around this page.
///
/// Two hosts with the same `site` on one origin share locks, claims and messages.
#[derive(Debug)]
pub struct BrowserHost {
    /// `velvet-rope.` and the site, with a dot at the end.
    prefix: String,
    /// `None` where the browser has none: then this tab neither sends nor receives.
    channel: Option<BroadcastChannel>,
    /// The claim that other tabs see now.
    claim: RefCell<Option<WebLock>>,
    /// Counts the calls of `claim`, of which the last one decides.
    claims_made: Cell<u32>,
}

impl BrowserHost {
    /// The surroundings that this page shares with other pages of its origin that name the same `site`: the
    /// client id of the app, so that two apps on one origin keep apart.
    ///
    /// Locks and messages of the browser belong to the origin, so another origin never sees them.
    #[must_use]
    pub fn new(site: &str) -> Self {
        let name = ["velvet-rope.", site].concat();
        Self {
            channel: BroadcastChannel::new(&name).ok(),
            prefix: name + ".",
            claim: RefCell::default(),
            claims_made: Cell::default(),
        }
    }

    /// Calls `then` with every text that another tab of this site [broadcasts](Host::broadcast), for as long as the
    /// page lasts.
    pub fn listen(&self, then: impl Fn(String) + 'static) {
        let Some(channel) = &self.channel else {
            return;
        };
        let listener = js::listener(move |event| {
            if let Some(text) = event.unchecked_into::<MessageEvent>().data().as_string() {
                then(text);
            }
        });
        let _ = channel.add_event_listener_with_callback("message", &listener);
    }

    fn name(&self, kind: &str, name: &str) -> String {
        [&self.prefix, kind, name].concat()
    }
}

/// Separates the names of locks from those of claims.
const LOCK: &str = "lock.";
const CLAIM: &str = "claim.";

impl Host for BrowserHost {
    type Lock = WebLock;

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn monotonic(&self) -> Duration {
        Duration::try_from_secs_f64(clock::monotonic_milliseconds() / 1_000.0).unwrap_or_default()
    }

    fn spawn(&self, future: LocalBoxFuture<'static, ()>) -> Option<LocalBoxFuture<'static, ()>> {
        wasm_bindgen_futures::spawn_local(future);
        None
    }

    fn sha256(&self, bytes: &[u8]) -> impl Future<Output = Option<[u8; 32]>> {
        signature::sha256(bytes)
    }

    fn jitter(&self) -> f64 {
        js_sys::Math::random()
    }

    fn is_online(&self) -> bool {
        page::is_online()
    }

    fn pause(&self, duration: Duration) -> impl Future<Output = ()> {
        clock::pause(duration)
    }

    async fn lock(&self, name: &str) -> WebLock {
        WebLock::acquire(&self.name(LOCK, name), Mode::Exclusive).await
    }

    /// One name for each tab that claims one.
    async fn claims(&self) -> Vec<String> {
        held_after(&self.name(CLAIM, "")).await
    }

    /// When it returns, others do not see the claim before any more either.
    async fn claim(&self, name: Option<&str>) {
        let made = self.claims_made.get().wrapping_add(1);
        self.claims_made.set(made);
        let mut claim = None;
        if let Some(name) = name {
            claim = Some(WebLock::acquire(&self.name(CLAIM, name), Mode::Shared).await);
        }
        if self.claims_made.get() == made {
            claim = self.claim.replace(claim);
        }
        if let Some(claim) = claim {
            claim.release().await;
        }
    }

    fn broadcast(&self, message: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&message.into());
        }
    }

    fn verify_rs256(
        &self,
        key: &RsaKey,
        message: &str,
        signature: &[u8],
    ) -> impl Future<Output = Option<bool>> {
        signature::verify_rs256(key, message, signature)
    }
}
