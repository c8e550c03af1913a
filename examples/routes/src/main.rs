//! Pages behind a guard, a typed route, and the ready pages for sign-in and sign-out. It works with any OpenID Connect
//! provider; the README has a configuration for Auth0.
use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::hooks::use_params;
use leptos_router::params::Params;
use leptos_router::path;
use velvet_rope::{
    AuthError, AuthProvider, CallAuth, CallbackPage, RequireAuth, SignInButton, SignedOut,
    SignedOutPage, UserMenu, use_auth,
};

/// The parameters of `/orders/:id`.
#[derive(Clone, Debug, PartialEq, Params)]
struct OrderParams {
    id: Option<u32>,
}

#[component]
fn OrderPage() -> impl IntoView {
    let params = use_params::<OrderParams>();
    let id = move || params.get().ok().and_then(|params| params.id);
    view! {
        <RequireAuth fallback=|| view! { <SignInButton>"Sign in to see your order"</SignInButton> }>
            {move || match id() {
                Some(id) => view! { <Order id/> }.into_any(),
                None => view! { <p>"The number of an order consists of digits."</p> }.into_any(),
            }}
        </RequireAuth>
    }
}

#[component]
fn Order(id: u32) -> impl IntoView {
    let auth = use_auth();
    let answer = LocalResource::new(move || async move {
        // The demo API has no orders; this is its route for bearer tokens.
        let request = auth.gateway().get("/require-token").query("order", id);
        match request.auth(CallAuth::Bearer).send().await {
            Ok(answer) => format!("The API answered {}.", answer.status),
            Err(error) if error.needs_sign_in() => "Please sign in again.".to_owned(),
            Err(error) => error.to_string(),
        }
    });
    view! {
        <h1>"Order "{id}</h1>
        <p role="status">{move || answer.get()}</p>
    }
}

fn describe(error: &AuthError) -> String {
    if error.needs_sign_in() {
        return "Please sign in again.".to_owned();
    }
    if error.is_retryable() {
        return "The service is busy. Please try again.".to_owned();
    }
    error.to_string()
}

#[component]
fn App() -> impl IntoView {
    let callback =
        || view! { <CallbackPage error=|error| view! { <p role="alert">{describe(&error)}</p> }/> };
    view! {
        <Router>
            <header>
                <A href="/">"Start"</A>" "<A href="/orders/7">"Order 7"</A>" "
                <UserMenu/>
                <SignedOut><SignInButton/></SignedOut>
            </header>
            <main>
                <Routes fallback=|| "There is no such page.">
                    <Route path=path!("/") view=|| view! { <h1>"Welcome"</h1> }/>
                    <Route path=path!("/orders/:id") view=OrderPage/>
                    <Route path=path!("/authenticated") view=callback/>
                    <Route path=path!("/signedout") view=|| view! { <SignedOutPage/> }/>
                </Routes>
            </main>
        </Router>
    }
}

fn main() {
    leptos::mount::mount_to_body(|| view! { <AuthProvider><App/></AuthProvider> });
}
