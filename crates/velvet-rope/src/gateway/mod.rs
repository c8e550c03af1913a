//! API Gateway as a client sees it, pure: how a call is built, what is sent again, and what the answers mean.

mod address;
pub mod answer;
mod cancel;
mod error;
mod headers;
mod multipart;
mod place;
pub mod refusal;
mod request;
pub(crate) mod retry;

pub(crate) use address::encode;
pub use address::wire_url;
pub use answer::{Answer, Timing};
pub use cancel::CancelToken;
pub use error::{JsonError, RequestError};
pub(crate) use headers::folded;
pub use headers::wire_headers;
pub use multipart::Multipart;
pub use refusal::{Denial, DenialReason, Refusal};
pub use request::CallAuth;
pub(crate) use request::{Draft, finish};
