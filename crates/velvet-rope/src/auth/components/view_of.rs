//! A prop that makes a view out of a value.
//!
//! The components take texts and views for errors and users as functions, because the library has no texts for users.

use std::fmt;
use std::sync::Arc;

use leptos::prelude::*;

/// A function from a value to a view, as a prop of a component.
///
/// It is cheap to clone. The closure may be called several times: once for each value that is shown. It must be `Send`
/// and `Sync`, as Leptos requires of every view; move only such values into it.
///
/// A closure becomes one by itself:
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
    /// Erases the type of the view, so that the component is compiled once and not once for each closure.
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
