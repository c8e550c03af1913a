//! The router, which is started when it is first needed: by a page other than the start page, by the first click on a link, or
//! by Back and Forward. A guest's first view does not load it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use leptos_router::location::{BrowserUrl, Location, LocationProvider as _};
use velvet_rope::{PartUnavailable, later};

use crate::browser::page;

/// The address of the page, as far as it chooses what is shown.
#[derive(Clone, Copy)]
pub(crate) struct Address {
    path: RwSignal<String>,
    /// That of the app: what the router provides is below it.
    owner: StoredValue<Owner>,
    has_router: StoredValue<bool>,
}

/// Provides the address to all components below, and starts the router when it is needed. Call it in the root of the app.
pub(crate) fn provide_address() {
    let address = Address {
        path: RwSignal::new(velvet_rope::browser::path()),
        owner: StoredValue::new(Owner::current().unwrap_or_default()),
        has_router: StoredValue::new(false),
    };
    provide_context(address);
    let is_started = move || address.has_router.try_get_value() != Some(false);
    page::on_navigation(is_started, move |link| {
        spawn_local(async move {
            match (start(address).await, link) {
                // The router handles it now.
                (Ok(()), Some(link)) => link.click(),
                (Ok(()), None) => {}
                (Err(PartUnavailable), link) => page::follow(link.as_ref()),
            }
        });
    });
}

/// The path of the page. Reading it subscribes.
pub(crate) fn use_path() -> impl Fn() -> String + Copy {
    let address: Option<Address> = use_context();
    move || address.map_or_else(velvet_rope::browser::path, |address| address.path.get())
}

/// Returns once there is a router, where this is called below [`provide_address`].
pub(super) async fn ready(address: Option<Address>) -> Result<(), PartUnavailable> {
    match address {
        Some(address) => start(address).await,
        None => Ok(()),
    }
}

later! { session:
    async fn start(address: Address) -> () {
        let owner = address.owner.try_get_value();
        if let (Some(owner), Some(false)) = (owner, address.has_router.try_get_value()) {
            address.has_router.set_value(true);
            // It has no view of its own; what it provides belongs to the app.
            owner.with(|| drop(view! { <Router>{follow(address.path)}</Router> }));
        }
    }
}

/// Completes each navigation once the new page is shown.
///
/// The router updates the address bar only after `ready_to_complete`, which its route patterns would call. And a
/// followed link loses the focus: it moves to the new page, so that the keyboard and screen readers continue there.
fn follow(path: RwSignal<String>) {
    let Location {
        pathname,
        search,
        hash,
        ..
    } = use_location();
    let browser_url = use_context::<BrowserUrl>();
    Effect::new(move |before: Option<String>| {
        search.track();
        hash.track();
        let now = pathname.get();
        if path.get_untracked() != now {
            path.set(now.clone());
        }
        if let Some(browser_url) = &browser_url {
            browser_url.ready_to_complete();
        }
        if before.is_some_and(|before| before != now) {
            page::focus("main");
        }
        now
    });
}
