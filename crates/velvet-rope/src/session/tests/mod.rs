//! The use cases in a fake cloud and a fake browser.

mod accounts;
mod calls;
mod clock;
mod credentials;
mod gateway;
mod lifetime;
mod model;
mod parts;
mod provider;
mod releases;
mod renewal;
mod renewal_answers;
mod sign_in;
mod sign_out;
mod tabs;
