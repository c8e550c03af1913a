//! What people should be told wherever they are: that a renewal failed, that the clock is wrong. Nothing is shown
//! when there is nothing to say.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action::button;
use super::idle_warning::IdleWarning;
use super::keep_focus::keep_focus;
use super::notice::Notice;
use crate::messages::{MessageContext, clock_error, describe_renewal_error};
use velvet_rope::{Auth, AuthError, AuthState, Status, use_auth};

/// The bar below the header.
#[component]
pub(crate) fn NoticeBar() -> impl IntoView {
    let auth = use_auth();
    // What was waved away stays away until it is something else, or the same anew.
    let dismissed = RwSignal::new(Status::default());
    view! {
        <div class="bar" aria-live="polite">{renewal_error(auth, dismissed)}{clock(auth, dismissed)}{newer_release(auth, dismissed)}</div>
        <IdleWarning/>
    }
}

/// Why the last renewal failed, as long as somebody is signed in all the same. Whoever is not is told by the page.
fn renewal_error(auth: Auth, dismissed: RwSignal<Status>) -> AnyView {
    let (status, who) = (auth.status(), auth.state());
    let setting = StoredValue::new(MessageContext::new(
        &auth.config(),
        &velvet_rope::browser::origin(),
    ));
    let busy = RwSignal::new(false);
    let on_sign_in = Callback::new(move |()| auth.sign_in(&auth.return_path()));
    let on_retry = Callback::new(move |()| {
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                // What goes wrong is told as renewal_error again.
                let _ = auth.renew().await;
                busy.set(false);
            });
        }
    });
    let shown = move || -> Option<AuthError> {
        let renewal_error = status.with(|status| status.renewal_error.clone());
        if renewal_error.is_none() {
            dismissed.update_untracked(|dismissed| dismissed.renewal_error = None);
        }
        let told = dismissed.with(|dismissed| dismissed.renewal_error == renewal_error);
        let signed_in = who.with(|who| matches!(who, AuthState::SignedIn(_)));
        renewal_error.filter(|_| signed_in && !told)
    };
    let content = move || {
        let error = shown()?;
        let mut message = setting.with_value(|setting| describe_renewal_error(&error, setting));
        if busy.get() {
            "Trying again…".clone_into(&mut message.detail);
        }
        Some(view! { <Notice message on_sign_in on_retry/> }.into_any())
    };
    let on_dismiss = Callback::new(move |()| {
        let renewal_error = status.with_untracked(|status| status.renewal_error.clone());
        dismissed.update(|dismissed| dismissed.renewal_error = renewal_error);
    });
    let visible = Memo::new(move |_| shown().is_some());
    item("Renewal", visible, content, on_dismiss)
}

/// That this device's clock is wrong.
fn clock(auth: Auth, dismissed: RwSignal<Status>) -> AnyView {
    let status = auth.status();
    let offset = move || status.with(|status| status.clock_offset_seconds);
    let shown = move || {
        let told = dismissed.with(|dismissed| dismissed.clock_offset_seconds == offset());
        clock_error(offset()).filter(|_| !told)
    };
    let content = move || {
        let text = [
            "Your clock is ",
            &shown()?,
            ". Signing works anyway; set date and time to automatic.",
        ];
        Some(view! { <p>{text.concat()}</p> }.into_any())
    };
    let on_dismiss = Callback::new(move |()| {
        dismissed.update(|dismissed| dismissed.clock_offset_seconds = untrack(offset));
    });
    let visible = Memo::new(move |_| shown().is_some());
    item("Clock", visible, content, on_dismiss)
}

/// That another tab has loaded a newer release of the site.
fn newer_release(auth: Auth, dismissed: RwSignal<Status>) -> AnyView {
    let status = auth.status();
    let shown = move || {
        let told = dismissed.with(|dismissed| dismissed.newer_release);
        status.with(|status| status.newer_release) && !told
    };
    let content = move || {
        let text = "There is a newer version of this site. Reload this page to use it.";
        shown().then(|| view! { <p>{text}</p> }.into_any())
    };
    let on_dismiss = Callback::new(move |()| {
        dismissed.update(|dismissed| dismissed.newer_release = true);
    });
    item("Version", Memo::new(move |_| shown()), content, on_dismiss)
}

/// Something to say, which can be waved away. While it is there its elements stay, whatever they say.
fn item(
    label: &'static str,
    visible: Memo<bool>,
    content: impl Fn() -> Option<AnyView> + Copy + Send + Sync + 'static,
    on_dismiss: Callback<()>,
) -> AnyView {
    let view = move || {
        visible.get().then(|| {
            let item = view! {
                <section class="bar-item" aria-label=label>
                    <div>{content}</div>
                    {button("Dismiss", on_dismiss)}
                </section>
            };
            keep_focus(item.into_any())
        })
    };
    view.into_any()
}
