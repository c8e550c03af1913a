//! What the end-to-end tests stand on: the site as it is deployed, a recording stand-in in front of the
//! local cloud, an OpenID provider, a browser, and one object for each page. The tests themselves are
//! in `tests/suite`.
//!
//! `cargo xtask test` starts the local cloud, builds the site and runs them.

pub mod aws;
pub mod axe;
pub mod browser;
pub mod doctor;
pub mod environment;
pub mod fixture;
pub mod http;
pub mod oidc;
pub mod page_scripts;
pub mod pages;
pub mod proxy;
pub mod site;
pub mod smoke;
pub mod storage;
pub mod wait;
