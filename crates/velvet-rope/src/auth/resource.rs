//! A value of the API that follows the session.

use std::fmt;

use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use super::use_auth;
use crate::client::{BrowserGateway, BrowserRequest};
use crate::gateway::{Answer, CancelToken, JsonError};
use crate::session::CallError;
use crate::session::state::AuthState;

/// The state of a [`GatewayResource`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded<T> {
    /// The session is being restored, or the answer has not come yet.
    Loading,
    /// The answer, read as JSON.
    Value(T),
    /// The gateway or the API refused: [`Answer::refusal`] says why.
    Refused(Answer),
    /// The answer is not the expected JSON.
    Unexpected(JsonError),
    /// No answer came.
    Failed(CallError),
}

/// A value of the API, for views. It is `Copy`.
pub struct GatewayResource<T: 'static> {
    state: RwSignal<Loaded<T>, LocalStorage>,
    /// The last value of the current user.
    latest: RwSignal<Option<T>, LocalStorage>,
    again: Trigger,
}

/// Loads a value for the current user: the answer to the request that `request` builds, as JSON. It loads again when the
/// user changes, and when a signal that `request` reads changes. The call is cancelled when the component goes.
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::gateway_resource;
///
/// #[component]
/// fn Orders() -> impl IntoView {
///     let orders = gateway_resource::<Vec<String>>(|gateway| gateway.get("/orders"));
///     let list = move || orders.value().map(|orders| orders.into_iter().map(|name| view! { <li>{name}</li> }).collect_view());
///     view! { <ul>{list}</ul> }
/// }
/// ```
///
/// # Panics
/// Outside a component below [`provide_auth`](super::provide_auth) or [`AuthProvider`](super::AuthProvider).
pub fn gateway_resource<T: DeserializeOwned + Clone + 'static>(
    request: impl Fn(BrowserGateway) -> BrowserRequest + 'static,
) -> GatewayResource<T> {
    let auth = use_auth();
    let resource = GatewayResource {
        state: RwSignal::new_local(Loaded::Loading),
        latest: RwSignal::new_local(None),
        again: Trigger::new(),
    };
    let running = StoredValue::new(CancelToken::new());
    let cancel = move || {
        let _ = running.try_update_value(|token| std::mem::take(token).cancel());
    };
    Effect::new(move |before: Option<AuthState>| {
        resource.again.track();
        let user = auth.state().get();
        cancel();
        resource.state.set(Loaded::Loading);
        if before.as_ref() != Some(&user) {
            resource.latest.set(None);
        }
        if matches!(user, AuthState::Restoring | AuthState::SigningIn) {
            return user;
        }
        let token = running.get_value();
        let call = send(request(auth.gateway()).cancel(&token));
        spawn_local(async move {
            let loaded: Loaded<T> = load(call.await);
            if !token.is_cancelled() {
                // The component may be gone by now.
                if let Loaded::Value(value) = &loaded {
                    let _ = resource.latest.try_set(Some(value.clone()));
                }
                let _ = resource.state.try_set(loaded);
            }
        });
        user
    });
    on_cleanup(cancel);
    resource
}

/// Not generic, so that the code of a call is compiled here, and not for each app and type.
fn send(request: BrowserRequest) -> LocalBoxFuture<'static, Result<Answer, CallError>> {
    Box::pin(request.send())
}

fn load<T: DeserializeOwned>(outcome: Result<Answer, CallError>) -> Loaded<T> {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => return Loaded::Failed(error),
    };
    if answer.refusal.is_some() {
        return Loaded::Refused(answer);
    }
    match answer.json() {
        Ok(value) => Loaded::Value(value),
        Err(error) => Loaded::Unexpected(error),
    }
}

impl<T: Clone + 'static> GatewayResource<T> {
    /// The state.
    #[must_use]
    pub fn get(self) -> Loaded<T> {
        self.state.get()
    }

    /// The value, once it is loaded.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self.get() {
            Loaded::Value(value) => Some(value),
            Loaded::Loading | Loaded::Refused(_) | Loaded::Unexpected(_) | Loaded::Failed(_) => {
                None
            }
        }
    }

    /// The last value of the current user, also while it is loaded again, or where that failed.
    #[must_use]
    pub fn latest(self) -> Option<T> {
        self.latest.get()
    }

    /// Loads it again.
    pub fn reload(self) {
        self.again.notify();
    }
}

impl<T> Clone for GatewayResource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for GatewayResource<T> {}

impl<T> fmt::Debug for GatewayResource<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("GatewayResource")
    }
}
