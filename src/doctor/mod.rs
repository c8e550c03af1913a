//! The page that compares the configuration with the system that it names.
//!
//! ```text
//! page     the findings, as they come
//! place    what only a page can check: this browser, and a signed call
//! probe    requests that find out why another one cannot be read
//! ```

mod page;
mod place;
mod probe;

pub(crate) use page::DoctorPage;
pub(crate) use probe::probe;
