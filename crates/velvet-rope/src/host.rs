//! The port to the device and the browser: the clock, timers, the network state, the other tabs of this site, and the
//! signature check that the browser has built in.

use std::future::{Future, ready};
use std::time::Duration;

use futures::future::LocalBoxFuture;

use crate::time::Timestamp;

/// A public RSA key as a JSON Web Key spells it (RFC 7518, section 6.3.1).
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
    type Lock;

    /// The time on this device, which may be wrong.
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
    fn is_online(&self) -> bool;

    /// Waits. It may take longer when the browser throttles the page or the device sleeps.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()>;

    /// Acquires the lock `name` once no other tab of this site has it. A tab that closes releases it.
    fn lock(&self, name: &str) -> impl Future<Output = Self::Lock>;

    /// The names that the tabs of this site claim, this tab's among them.
    fn claims(&self) -> impl Future<Output = Vec<String>>;

    /// Claims a name in place of the one before, or none. It is visible to others when this returns.
    fn claim(&self, name: Option<&str>) -> impl Future<Output = ()>;

    /// Sends a text to the other tabs of this site. Only tabs of the same origin receive it.
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
