//! The smallest app of one's own: sign in, call a protected route, sign out.
use leptos::prelude::*;
use velvet_rope::auth::{self, Auth, Restoring, SignedIn, SignedOut};
use velvet_rope::{config::Config, session::sign_out::SignOutScope::ThisApp};

#[component]
fn App(config: Config) -> impl IntoView {
    auth::provide_auth(config);
    let auth = auth::use_auth();
    let call = Action::new_local(move |(): &()| call(auth));
    let sign_out = Action::new_local(move |(): &()| auth.sign_out(ThisApp));
    view! {
        <Restoring>"One moment…"</Restoring>
        <SignedOut><button on:click=move |_| auth.sign_in("/")>"Sign in"</button></SignedOut>
        <SignedIn>
            <p>"Hello, "{move || auth.session_info().map(|facts| facts.user.name)}</p>
            <button on:click=move |_| { call.dispatch(()); }>"Call the protected route"</button>
            <button on:click=move |_| { sign_out.dispatch(()); }>"Sign out"</button>
            <pre role="status">{move || call.value().get().flatten()}</pre>
        </SignedIn>
    }
}

async fn call(auth: Auth) -> Option<String> {
    let mut routes = auth.config().api.routes.into_iter();
    let route = routes.find(|route| route.name == "Protected route")?;
    let answer = auth.call(&route).await;
    Some(answer.map_or_else(|error| error.to_string(), |answer| answer.body))
}

fn main() {
    leptos::mount::mount_to_body(|| {
        let config = LocalResource::new(auth::load_config);
        move || match config.get()? {
            Ok(config) => Some(view! { <App config/> }.into_any()),
            Err(error) => Some(error.to_string().into_any()),
        }
    });
}
