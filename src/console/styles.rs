//! The style sheets of the console. They are in the part `console`, so that the first view does not load them.

use crate::browser::page;

/// Adds them to the page, once.
pub(super) fn adopt() {
    page::adopt_style_sheet(include_str!("../../style/console.css"));
    page::adopt_style_sheet(include_str!("../../style/answer.css"));
    page::adopt_style_sheet(include_str!("../../style/json.css"));
}
