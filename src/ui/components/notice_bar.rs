//! What people should be told wherever they are: that a renewal failed, that the clock is wrong. Nothing is shown
//! when there is nothing to say.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action::button;
use super::idle_warning::IdleWarning;
use super::notice::Notice;
use super::sign_out::SignOut;
use super::site_header::return_to;
use crate::auth::{Auth, Status, use_auth};
use crate::browser::page;
use crate::session::error::AuthError;
use crate::session::state::Who;
use crate::ui::messages::{Setting, clock_error, describe_trouble};

/// The bar below the header.
#[component]
pub(in crate::ui) fn NoticeBar(
    /// Signing out.
    sign_out: SignOut,
) -> impl IntoView {
    let auth = use_auth();
    // What was waved away stays away until it is something else, or the same anew.
    let dismissed = RwSignal::new(Status::default());
    let trouble = trouble(auth, dismissed);
    let clock = clock(auth, dismissed);
    view! {
        <div class="bar" aria-live="polite">{trouble}{clock}</div>
        <IdleWarning sign_out/>
    }
}

/// Why the last renewal failed, as long as somebody is signed in all the same. Whoever is not is told by the page.
fn trouble(
    auth: Auth,
    dismissed: RwSignal<Status>,
) -> impl Fn() -> Option<AnyView> + Send + 'static {
    let (status, who) = (auth.status(), auth.who());
    let setting = StoredValue::new(Setting::new(&auth.config(), &page::origin()));
    let busy = RwSignal::new(false);
    let on_sign_in = Callback::new(move |()| auth.sign_in(&return_to(&auth.config().provider)));
    let on_retry = Callback::new(move |()| {
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                // What goes wrong is told as trouble again.
                let _ = auth.renew().await;
                busy.set(false);
            });
        }
    });
    let on_dismiss = dismiss(dismissed, move |dismissed| {
        dismissed.trouble = status.with_untracked(|status| status.trouble.clone());
    });
    let shown = move || -> Option<AuthError> {
        let trouble = status.with(|status| status.trouble.clone());
        if trouble.is_none() {
            dismissed.update_untracked(|dismissed| dismissed.trouble = None);
        }
        let told = dismissed.with(|dismissed| dismissed.trouble == trouble);
        let signed_in = who.with(|who| matches!(who, Who::SignedIn(_)));
        trouble.filter(|_| signed_in && !told)
    };
    move || {
        let error = shown()?;
        let mut message = setting.with_value(|setting| describe_trouble(&error, setting));
        if busy.get() {
            "Trying again…".clone_into(&mut message.detail);
        }
        let view = view! {
            <div class="bar-item">
                <Notice message on_sign_in on_retry/>
                {button("Dismiss", on_dismiss)}
            </div>
        };
        Some(view.into_any())
    }
}

/// That this device's clock is wrong.
fn clock(auth: Auth, dismissed: RwSignal<Status>) -> impl Fn() -> Option<AnyView> + Send + 'static {
    let status = auth.status();
    let offset = move || status.with(|status| status.clock_offset_seconds);
    let on_dismiss = dismiss(dismissed, move |dismissed| {
        dismissed.clock_offset_seconds = untrack(offset);
    });
    move || {
        let told = dismissed.with(|dismissed| dismissed.clock_offset_seconds);
        let error = clock_error(offset()).filter(|_| told != offset())?;
        let text = [
            "Your clock is ",
            &error,
            ". Signing works anyway; set date and time to automatic.",
        ];
        let view = view! {
            <div class="bar-item bar-clock">
                <p>{text.concat()}</p>
                {button("Dismiss", on_dismiss)}
            </div>
        };
        Some(view.into_any())
    }
}

/// Waves something away. The focus was on it.
fn dismiss(
    dismissed: RwSignal<Status>,
    note: impl Fn(&mut Status) + Send + Sync + 'static,
) -> Callback<()> {
    Callback::new(move |()| {
        dismissed.update(&note);
        page::focus("main");
    })
}
