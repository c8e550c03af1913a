//! The port to the device and the browser: the clock, timers, the network state, the other tabs of this site, and the
//! signature check that the browser has built in.
//!
//! `browser::host` implements it for pages. Tests implement it with several tabs in one process and a clock that the
//! test moves. The session is written against this trait only.

use std::future::{Future, ready};
use std::time::Duration;

use futures::future::LocalBoxFuture;

use crate::time::Timestamp;

/// A public RSA key as a JSON Web Key spells it (RFC 7518, section 6.3.1).
///
/// It stays in the form of the key set, because the browser imports keys in that form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus `n`, base64url.
    pub modulus: String,
    /// The exponent `e`, base64url.
    pub exponent: String,
}

/// The device and the browser.
///
/// Tabs agree through two things that end with their tab: a *lock*, which one of them has at a time, and a *claim*, a name
/// that a tab shows to all others while it is open. A claim is visible as soon as it was made; a message may arrive later.
pub trait Host {
    /// A lock, released when it is dropped.
    /// It must not be released while the value exists.
    type Lock;

    /// The time on this device, which may be wrong.
    /// The session corrects it by the times in server answers.
    fn now(&self) -> Timestamp;

    /// The time since some point in the past, by a clock that never runs backwards.
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.now().0)
    }

    /// Runs a future to its end even if nothing waits for it. Where the host cannot do that, it returns the future, and
    /// the caller waits for it itself.
    #[must_use]
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) -> Option<LocalBoxFuture<'static, ()>> {
        Some(future)
    }

    /// The SHA-256 digest of large bodies. `None` where the signer has to compute it.
    fn sha256(&self, _bytes: &[u8]) -> impl Future<Output = Option<[u8; 32]>> {
        ready(None)
    }

    /// A number from 0 to 1, excluding 1, to spread retries. It need not be secret.
    fn jitter(&self) -> f64;

    /// Whether the browser reports a network.
    /// `true` does not mean that a server can be reached.
    fn is_online(&self) -> bool;

    /// Waits. It may take longer when the browser throttles the page or the device sleeps.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()>;

    /// Acquires the lock `name` once no other tab of this site has it. A tab that closes releases it.
    /// Dropping the future before that gives the request up.
    fn lock(&self, name: &str) -> impl Future<Output = Self::Lock>;

    /// The names that the tabs of this site claim, this tab's among them.
    /// A name that two tabs claim is in the list twice: [`Client::tab_count`](crate::Client::tab_count) counts them.
    fn claims(&self) -> impl Future<Output = Vec<String>>;

    /// Claims a name in place of the one before, or none. It is visible to others when this returns.
    fn claim(&self, name: Option<&str>) -> impl Future<Output = ()>;

    /// Sends a text to the other tabs of this site. Only tabs of the same origin receive it.
    /// Messages may arrive late, and not at all in a tab that is just being opened or frozen. They contain tokens: an
    /// implementation must not send them to another origin.
    fn broadcast(&self, message: &str);

    /// Checks a signature RSASSA-PKCS1-v1_5 with SHA-256 over `message` (RFC 7518, section 3.3). `None` when
    /// the key is invalid or the browser cannot check signatures here.
    fn verify_rs256(
        &self,
        key: &RsaKey,
        message: &str,
        signature: &[u8],
    ) -> impl Future<Output = Option<bool>>;
}
