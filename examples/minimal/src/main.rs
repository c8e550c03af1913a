//! The smallest app: sign in, call a protected route, sign out.
use leptos::prelude::*;
use velvet_rope::{AuthProvider, Restoring, SignInButton, SignedIn, SignedOut, UserMenu, use_auth};

#[component]
fn Protected() -> impl IntoView {
    let auth = use_auth();
    let call = Action::new_local(move |(): &()| async move {
        let answer = auth.gateway().get("/require-auth").send().await;
        answer.map_or_else(
            |error| error.to_string(),
            |answer| answer.text().into_owned(),
        )
    });
    view! {
        <button on:click=move |_| { call.dispatch(()); }>"Call the protected route"</button>
        <pre role="status">{move || call.value().get()}</pre>
    }
}

fn main() {
    leptos::mount::mount_to_body(|| {
        view! {
            <AuthProvider>
                <UserMenu/>
                <Restoring>"One moment…"</Restoring>
                <SignedOut><SignInButton return_to="/"/></SignedOut>
                <SignedIn><Protected/></SignedIn>
            </AuthProvider>
        }
    });
}
