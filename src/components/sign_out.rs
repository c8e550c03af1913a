//! Signing out with a button that disappears.

use leptos::prelude::*;

use crate::browser::page;
use velvet_rope::SignOutScope;

/// Signs out. The button that was pressed disappears, so the focus moves to the main part of the page.
pub(crate) fn use_sign_out() -> Callback<SignOutScope> {
    let sign_out = velvet_rope::use_sign_out();
    Callback::new(move |scope| {
        page::focus("main");
        sign_out.run(scope);
    })
}
