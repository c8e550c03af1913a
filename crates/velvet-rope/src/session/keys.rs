//! The keys in the browser's storage. All have the same prefix, so that they can be recognised there.
//!
//! A release must be able to read, or to ignore, what an older one has stored under the same key.

/// The session.
pub(super) const SESSION: &str = "velvet-rope.session";

/// The API-managed account.
pub(super) const ACCOUNT: &str = "velvet-rope.account";

/// The device tokens of API-managed accounts, by name.
pub(super) const DEVICES: &str = "velvet-rope.devices";

/// The ids of the last sessions that ended in this browser, shared by all tabs.
pub(super) const ENDED: &str = "velvet-rope.ended";

/// What has to be added to this device's clock, in seconds.
pub(super) const CLOCK: &str = "velvet-rope.clock";

/// The keys of the provider.
pub(super) const JWKS: &str = "velvet-rope.jwks";

/// The endpoints of the provider.
pub(super) const ENDPOINTS: &str = "velvet-rope.endpoints";

/// When the user was last active.
pub(super) const ACTIVE: &str = "velvet-rope.active";

/// The identity of a guest.
pub(super) const GUEST: &str = "velvet-rope.guest";

/// That a user was signed in when the page was left, where nothing else is stored.
pub(super) const WAS_SIGNED_IN: &str = "velvet-rope.was-signed-in";

/// The report of the last sign-out.
pub(super) const SIGN_OUT: &str = "velvet-rope.sign-out";

/// The page to return to after adding a passkey.
pub(super) const PASSKEY: &str = "velvet-rope.passkey";

/// The prefix of the keys of pending sign-ins.
pub(super) const PENDING: &str = "velvet-rope.sign-in.";

/// The pending sign-in with this `state`.
pub(super) fn pending(state: &str) -> String {
    [PENDING, state].concat()
}
