//! Notices on every page: a failed renewal, a wrong clock, a newer release.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::action::button;
use super::idle_warning::IdleWarning;
use super::keep_focus::keep_focus;
use super::notice::Notice;
use super::view_later::view_later;
use crate::messages::{MessageContext, clock_error, describe_renewal_error};
use velvet_rope::{Auth, AuthError, AuthState, Status, later, use_auth};

/// The bar below the header.
#[component]
pub(crate) fn NoticeBar() -> impl IntoView {
    let status = use_auth().status();
    // From the first notice on: what was shown once may have to be dismissed, or to stay for some seconds.
    let wanted = RwSignal::new(false);
    Effect::new(move || {
        if status.with(|status| *status != Status::default()) && !wanted.get_untracked() {
            wanted.set(true);
        }
    });
    view! {
        <div class="bar" aria-live="polite">{move || wanted.get().then(|| view_later(|| notices(false)))}</div>
        {move || wanted.get().then(|| view_later(|| notices(true)))}
    }
}

later! { pages:
    /// The warning of an idle session is at the bottom of the page, all others in the bar.
    async fn notices(at_bottom: bool) -> AnyView {
        if at_bottom {
            return view! { <IdleWarning/> }.into_any();
        }
        let auth = use_auth();
        // A dismissed notice stays away until its content changes or it occurs again.
        let dismissed = RwSignal::new(Status::default());
        view! { {renewal_error(auth, dismissed)}{clock(auth, dismissed)}{newer_release(auth, dismissed)} }
            .into_any()
    }
}

/// Why the last renewal failed, while the user stays signed in. Otherwise the page itself shows the error.
fn renewal_error(auth: Auth, dismissed: RwSignal<Status>) -> AnyView {
    let (status, state) = (auth.status(), auth.state());
    let context = StoredValue::new(MessageContext::new(
        &auth.config(),
        &velvet_rope::browser::origin(),
    ));
    let busy = RwSignal::new(false);
    let on_sign_in = Callback::new(move |()| auth.sign_in(&auth.return_path()));
    let on_retry = Callback::new(move |()| {
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                // An error is shown as renewal_error again.
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
        let seen = dismissed.with(|dismissed| dismissed.renewal_error == renewal_error);
        let signed_in = state.with(|state| matches!(state, AuthState::SignedIn(_)));
        renewal_error.filter(|_| signed_in && !seen)
    };
    let notice = move || {
        let error = shown()?;
        let mut message = context.with_value(|context| describe_renewal_error(&error, context));
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
    item("Renewal", visible, notice, on_dismiss)
}

/// That this device's clock is wrong.
fn clock(auth: Auth, dismissed: RwSignal<Status>) -> AnyView {
    let status = auth.status();
    let offset = move || status.with(|status| status.clock_offset_seconds);
    let shown = move || {
        let seen = dismissed.with(|dismissed| dismissed.clock_offset_seconds == offset());
        clock_error(offset()).filter(|_| !seen)
    };
    let notice = move || {
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
    item("Clock", visible, notice, on_dismiss)
}

/// That another tab has loaded a newer release of the site.
fn newer_release(auth: Auth, dismissed: RwSignal<Status>) -> AnyView {
    let status = auth.status();
    let shown = move || {
        let seen = dismissed.with(|dismissed| dismissed.newer_release);
        status.with(|status| status.newer_release) && !seen
    };
    let notice = move || {
        let text = "There is a newer version of this site. Reload this page to use it.";
        shown().then(|| view! { <p>{text}</p> }.into_any())
    };
    let on_dismiss = Callback::new(move |()| {
        dismissed.update(|dismissed| dismissed.newer_release = true);
    });
    item("Version", Memo::new(move |_| shown()), notice, on_dismiss)
}

/// A notice that can be dismissed. Its elements stay while its content changes.
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
