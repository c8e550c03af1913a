//! What the text about a call needs to know.

use leptos::prelude::*;

use crate::messages::MessageContext;
use velvet_rope::Auth;
use velvet_rope::browser::origin;

/// The configuration and the session of a call, for the text about its result. Made before the call: its handle may be gone
/// afterwards.
pub(crate) fn call_context(auth: Auth) -> MessageContext {
    let roles = untrack(|| auth.session_info()).map_or(0, |session| session.roles.len());
    let offset = auth
        .status()
        .with_untracked(|status| status.clock_offset_seconds);
    MessageContext::new(&auth.config(), &origin()).with_session(roles > 1, offset)
}
