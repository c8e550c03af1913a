//! Components of several pages: values and signals in, callbacks out.

pub(super) mod action;
pub(super) mod call_context;
pub(super) mod copy;
pub(super) mod idle_warning;
pub(super) mod json;
pub(super) mod keep_focus;
pub(super) mod notice;
pub(super) mod notice_bar;
pub(super) mod outcome;
pub(super) mod route_card;
pub(super) mod router;
pub(super) mod sign_out;
pub(super) mod site_header;
pub(super) mod ticking;
pub(super) mod view_later;
