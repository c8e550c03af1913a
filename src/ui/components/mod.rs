//! Pieces of pages: values and signals in, callbacks out.

pub(super) mod notice;
pub(super) mod route_card;
pub(super) mod site_header;
pub(super) mod user_menu;
