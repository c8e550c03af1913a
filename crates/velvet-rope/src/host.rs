//! The port to what surrounds the page: the device's clock, waiting, the network's state, the other tabs of
//! this site, and the signature check that the browser has built in.

use std::future::Future;
use std::time::Duration;

use crate::time::Timestamp;

/// A public RSA key as a JSON Web Key spells it (RFC 7518, section 6.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus `n`, base64url.
    pub modulus: String,
    /// The exponent `e`, base64url.
    pub exponent: String,
}

/// What surrounds the page.
///
/// Tabs agree through two things that survive in no storage: a *lock*, which one of them holds at a time, and
/// a *claim*, a name that a tab shows to all others for as long as it lives. A claim is seen by whoever asks
/// after it was made; a message may arrive later than that.
pub trait Host {
    /// Held as long as it is not dropped.
    type Lock;

    /// The time on this device, which may be wrong.
    fn now(&self) -> Timestamp;

    /// A number from 0 up to, not including, 1, to spread retries with. Nothing secret hangs on it.
    fn jitter(&self) -> f64;

    /// Whether the browser believes that it has a network.
    fn is_online(&self) -> bool;

    /// Waits; longer when the browser throttles the page or the device sleeps.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()>;

    /// Waits until no other tab of this site holds the lock `name`, and holds it then. A tab that dies lets go.
    fn lock(&self, name: &str) -> impl Future<Output = Self::Lock>;

    /// The names that the tabs of this site claim, this tab's among them.
    fn claims(&self) -> impl Future<Output = Vec<String>>;

    /// Claims a name in place of the one before, or none. When it returns, others see it.
    fn claim(&self, name: Option<&str>) -> impl Future<Output = ()>;

    /// Sends a text to the other tabs of this site. They are of the same origin, or they do not get it.
    fn broadcast(&self, message: &str);

    /// Checks a signature RSASSA-PKCS1-v1_5 with SHA-256 over `message` (RFC 7518, section 3.3). `None` when
    /// the key is of no use or the browser cannot check signatures here.
    fn verify_rs256(
        &self,
        key: &RsaKey,
        message: &str,
        signature: &[u8],
    ) -> impl Future<Output = Option<bool>>;
}
