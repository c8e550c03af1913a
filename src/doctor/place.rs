//! What only a page can check.

use crate::browser::page;
use crate::components::call_context::call_context;
use crate::messages::{describe_call_error, describe_refusal};
use velvet_rope::browser::storage::BrowserStore;
use velvet_rope::browser::{device_now, is_secure_context};
use velvet_rope::{Auth, AuthState, Method, RouteAuth, StorageKind, Store as _};
use velvet_rope_doctor::{Finding, State};

/// Whether the browser treats the page as secure: without that it has no Web Cryptography.
pub(super) fn secure_context(origin: &str) -> Finding {
    let title = "Secure context";
    if is_secure_context() {
        return Finding::ok(title, origin);
    }
    Finding::failed(
        title,
        origin,
        "https, or localhost",
        "Serve the site with https.",
    )
}

/// Whether a sign-in can be stored until its callback.
pub(super) fn storage() -> Finding {
    let title = "Storage of this browser";
    let store = BrowserStore::new(StorageKind::Session);
    let key = "velvet-rope.doctor";
    let stored = store.set(key, "1").and_then(|()| store.get(key));
    let _ = store.remove(key);
    match stored {
        Ok(Some(_)) => Finding::ok(title, "sessionStorage works"),
        Ok(None) => Finding::failed(
            title,
            "it forgets",
            "sessionStorage",
            "Allow site data in the settings of the browser.",
        ),
        Err(error) => {
            let fix = "Allow site data for this site in the settings of the browser.";
            Finding::failed(title, error.to_string(), "sessionStorage", fix)
        }
    }
}

/// What the Content-Security-Policy blocked while the checks ran.
pub(super) fn content_security_policy() -> Finding {
    let title = "Content-Security-Policy";
    let blocked = page::policy_violations();
    if blocked.is_empty() {
        return Finding::ok(title, "it blocked nothing");
    }
    let fix = "Publish again: cargo xtask host writes connect-src from config.json.";
    Finding::failed(
        title,
        ["it blocked ", &blocked.join(", ")].concat(),
        "nothing blocked",
        fix,
    )
}

/// A real call of the first signed route, which needs the identity pool, its role and the policy of the role.
pub(super) async fn signed_call(auth: Auth) -> Option<Finding> {
    let config = auth.config();
    let is_signed = |auth: RouteAuth| auth == RouteAuth::Iam;
    let route = config
        .api
        .routes
        .iter()
        .find(|route| is_signed(route.auth) && route.method == Method::Get)?;
    let title = ["Signed call of GET ", &route.path].concat();
    if !matches!(auth.state().get_untracked(), AuthState::SignedIn(_)) {
        let fix = "Sign in and check again: the role of a user cannot be checked without one.";
        let skipped = Finding::failed(title, "no user is signed in", "", fix);
        return Some(skipped.with_state(State::Skipped));
    }
    let context = call_context(auth);
    let message = match auth.call(route).await {
        Ok(answer) => match describe_refusal(&answer, route, &context, device_now()) {
            None => return Some(Finding::ok(title, format!("status {}", answer.status))),
            Some(message) => message,
        },
        Err(error) => describe_call_error(&error, &context),
    };
    let mut found = [&*message.title, ": ", &message.detail].concat();
    for (name, value) in &message.values {
        found = [&found, " ", name, ": ", value, "."].concat();
    }
    Some(Finding::failed(
        title,
        found,
        "an answer of the API",
        message.fix.unwrap_or_default(),
    ))
}
