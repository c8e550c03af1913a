//! The keys under which records are kept. All start alike, so that a person who looks into the browser's
//! storage sees whose they are.

/// The session.
pub(super) const SESSION: &str = "velvet-rope.session";

/// The account of the API's own.
pub(super) const ACCOUNT: &str = "velvet-rope.account";

/// The device tokens of API-managed accounts, by name.
pub(super) const DEVICES: &str = "velvet-rope.devices";

/// The last sessions that were ended in this browser, by their ids: all that is shared by every tab.
pub(super) const ENDED: &str = "velvet-rope.ended";

/// What has to be added to this device's clock, in seconds.
pub(super) const CLOCK: &str = "velvet-rope.clock";

/// The keys of the provider.
pub(super) const JWKS: &str = "velvet-rope.jwks";

/// The endpoints of the provider.
pub(super) const ENDPOINTS: &str = "velvet-rope.endpoints";

/// When somebody last touched the page.
pub(super) const ACTIVE: &str = "velvet-rope.active";

/// The identity of people who are not signed in.
pub(super) const GUEST: &str = "velvet-rope.guest";

/// That somebody was signed in when the page was left, where nothing else is kept.
pub(super) const WAS_SIGNED_IN: &str = "velvet-rope.was-signed-in";

/// What the last sign-out did.
pub(super) const SIGN_OUT: &str = "velvet-rope.sign-out";

/// Where to go after a passkey was added.
pub(super) const PASSKEY: &str = "velvet-rope.passkey";

/// What the keys of waiting sign-ins begin with.
pub(super) const PENDING: &str = "velvet-rope.sign-in.";

/// The sign-in that waits for the callback with this `state`.
pub(super) fn pending(state: &str) -> String {
    [PENDING, state].concat()
}
