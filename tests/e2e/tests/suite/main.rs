//! The scenarios, each in a browser of its own. `cargo xtask test` starts what they need.

mod accessibility;
mod accounts;
mod browser_limits;
mod callback;
mod chaos;
mod clock;
mod gateway;
mod guest;
mod identity;
mod identity_pool;
mod keyboard;
mod network;
mod oidc_sign_in;
mod probe;
mod provider;
mod renewal;
mod session;
mod session_page;
mod setup;
mod shared_session;
mod sign_in;
mod sign_out;
mod storage;
mod tabs;
mod throttling;
mod token_endpoint;
