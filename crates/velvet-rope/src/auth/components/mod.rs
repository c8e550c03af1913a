//! Components for apps: guards that show their children by the auth state, and ready parts without styles. Each part
//! has class names, and takes the app's own words as children or props.
//!
//! Guards: [`SignedIn`], [`SignedOut`], [`Restoring`], [`RequireAuth`]. Parts: [`AuthProvider`], [`CallbackPage`],
//! [`SignedOutPage`], [`SignInButton`], [`UserMenu`].
//!
//! The parts use public items of the library only. An app that needs another layout or other texts can replace each of
//! them by a component of its own.
#![expect(
    unreachable_pub,
    reason = "the component macro makes what it expands to `pub`"
)]

mod callback_page;
mod guards;
mod provider;
mod sign_in_button;
mod sign_out;
mod signed_out_page;
mod user_menu;
mod view_of;

pub use callback_page::CallbackPage;
pub use guards::{RequireAuth, Restoring, SignedIn, SignedOut};
pub use provider::AuthProvider;
pub use sign_in_button::SignInButton;
pub use sign_out::use_sign_out;
pub use signed_out_page::SignedOutPage;
pub use user_menu::UserMenu;
pub use view_of::ViewOf;
