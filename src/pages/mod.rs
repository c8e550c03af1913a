//! The pages. A page composes components, reads the session and sends its requests.

pub(super) mod account;
pub(super) mod callback;
pub(super) mod home;
pub(super) mod not_found;
pub(super) mod session;
pub(super) mod setup;
pub(super) mod signed_out;
mod user_record;
