//! A prop that makes a view out of a value.

use std::fmt;
use std::sync::Arc;

use leptos::prelude::*;

/// A function from a value to a view, as a prop of a component. A closure becomes one by itself:
///
/// ```
/// use leptos::prelude::*;
/// use velvet_rope::{AuthProvider, LoadError};
///
/// #[component]
/// fn App() -> impl IntoView {
///     view! {
///         <AuthProvider error=|error: LoadError| view! { <p>{error.to_string()}</p> }>
///             "Welcome"
///         </AuthProvider>
///     }
/// }
/// ```
pub struct ViewOf<T>(Arc<dyn Fn(T) -> AnyView + Send + Sync>);

impl<T> ViewOf<T> {
    /// Makes the view.
    #[must_use]
    pub fn run(&self, value: T) -> AnyView {
        (self.0)(value)
    }
}

impl<T: ToString + 'static> ViewOf<T> {
    /// Shows an error in the words for developers.
    pub(super) fn of_error() -> Self {
        Self::from(|error: T| {
            let text = error.to_string();
            view! { <p class="auth-error" role="alert">{text}</p> }
        })
    }
}

impl<T, V: IntoAny, F: Fn(T) -> V + Send + Sync + 'static> From<F> for ViewOf<T> {
    fn from(make: F) -> Self {
        Self(Arc::new(move |value| make(value).into_any()))
    }
}

impl<T> Clone for ViewOf<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for ViewOf<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ViewOf")
    }
}
