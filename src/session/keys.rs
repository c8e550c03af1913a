//! The keys under which records are kept. All start alike, so that a person who looks into the browser's
//! storage sees whose they are.

/// The session.
pub(super) const SESSION: &str = "velvet-rope.session";

/// The sign-in that waits for the callback with this `state`.
pub(super) fn pending(state: &str) -> String {
    format!("velvet-rope.sign-in.{state}")
}
