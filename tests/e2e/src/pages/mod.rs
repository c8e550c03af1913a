//! One object for each page: where things are on it, and what users do there.

mod account;
mod callback;
mod card;
mod console;
mod header;
mod home;
mod hosted_ui;
mod not_found;
mod notice;
mod provider;
mod session;
mod setup;
mod signed_out;

pub use account::{AccountForm, AccountPage};
pub use callback::Callback;
pub use card::{Card, Outcome};
pub use console::ConsolePage;
pub use header::Header;
pub use home::Home;
pub use hosted_ui::HostedUi;
pub use not_found::NotFound;
pub use notice::Notice;
pub use provider::ProviderPages;
pub use session::SessionPage;
pub use setup::SetupPage;
pub use signed_out::SignedOut;
