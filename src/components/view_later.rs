//! Views whose code is in a part of the app that is fetched when it is first needed.

use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use velvet_rope::PartUnavailable;

use super::action::button;
use super::router::{Address, ready};
use crate::browser::page;
use crate::messages::part_unavailable;

/// A view, once its code is there.
type Later = Pin<Box<dyn Future<Output = Result<AnyView, PartUnavailable>>>>;

/// How far the loading is.
enum Progress {
    Loading,
    /// The view, until it is shown.
    Loaded(Option<AnyView>),
    Failed,
}

/// Shows the view that `load` makes. Until its code is there, shows nothing; if that cannot be loaded, shows it, with
/// buttons to try again and to reload the page.
pub(crate) fn view_later<F>(load: impl Fn() -> F + 'static) -> AnyView
where
    F: Future<Output = Result<AnyView, PartUnavailable>> + 'static,
{
    view_boxed(Rc::new(move || Box::pin(load())))
}

/// Not generic, because it would be compiled once for each view.
fn view_boxed(load: Rc<dyn Fn() -> Later>) -> AnyView {
    // A signal of this type would be larger.
    let (progress, changed) = (StoredValue::new_local(Progress::Loading), Trigger::new());
    let load = StoredValue::new_local(load);
    let address = use_context::<Address>();
    // The view belongs to this component, also when it is made later, or after a press of a button.
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let set = move |now| {
        // The component may be gone by now.
        if progress.try_set_value(now).is_none() {
            changed.notify();
        }
    };
    let start = move || {
        set(Progress::Loading);
        let (Some(loading), Some(owner)) =
            (load.try_with_value(|load| load()), owner.try_get_value())
        else {
            return;
        };
        let show = async move {
            // Views in parts may use the router.
            let loaded = match ready(address).await {
                Ok(()) => loading.await,
                Err(unavailable) => Err(unavailable),
            };
            set(match loaded {
                Ok(view) => Progress::Loaded(Some(view)),
                Err(PartUnavailable) => Progress::Failed,
            });
        };
        spawn_local(owner.with(|| ScopedFuture::new(show)));
    };
    start();
    let on_retry = Callback::new(move |()| start());
    let view = move || {
        changed.track();
        let view = progress.try_update_value(|progress| match progress {
            Progress::Loading => None,
            Progress::Loaded(view) => view.take(),
            Progress::Failed => Some(view_failed(on_retry)),
        });
        view.flatten().unwrap_or_else(|| ().into_any())
    };
    view.into_any()
}

/// In place of a view that could not be loaded.
fn view_failed(on_retry: Callback<()>) -> AnyView {
    let message = part_unavailable();
    let on_reload = Callback::new(|()| page::reload());
    view! {
        <div class="notice" role="alert">
            <p class="notice-title">{message.title}</p>
            <p>{message.detail}</p>
            <p class="actions">{button("Try again", on_retry)}{button("Reload the page", on_reload)}</p>
        </div>
    }
    .into_any()
}
