//! The request form of an operation.
//!
//! ```text
//! view fields body_view        what the user sees
//! state pair body_kind         the signals, and the request made of them
//! stored json greedy           what is kept in the tab; JSON; paths
//! ```

mod body_kind;
mod body_view;
mod fields;
mod greedy;
mod json;
mod pair;
mod state;
mod stored;
mod view;

pub(super) use state::Form;
pub(super) use view::{Actions, method_class, view_form};
