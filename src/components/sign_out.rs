//! Signing out, wherever it is offered.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::browser::page;
use velvet_rope::auth::use_auth;
use velvet_rope::session::sign_out::SignOutScope;

/// Signing out, for every part of the page that offers it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignOut {
    /// Signs out. Where the provider cannot be reached, the page that it would lead to is shown without it.
    pub(crate) run: Callback<SignOutScope>,
    /// Whether that is going on.
    pub(crate) busy: RwSignal<bool>,
}

/// To be called below the router.
pub(crate) fn use_sign_out() -> SignOut {
    let auth = use_auth();
    let navigate = use_navigate();
    let busy = RwSignal::new(false);
    let run = Callback::new(move |scope| {
        let navigate = navigate.clone();
        busy.set(true);
        // What was pressed goes.
        page::focus("main");
        spawn_local(async move {
            let stays = auth.sign_out(scope).await;
            busy.set(false);
            if stays {
                let path = auth.config().provider.sign_out_path;
                navigate(&path, NavigateOptions::default());
            }
        });
    });
    SignOut { run, busy }
}
