//! API Gateway as a client sees it, pure: the request for a route, and what the answers mean.

pub mod answer;
pub mod refusal;
pub mod request;

pub use answer::Answer;
pub use refusal::Refusal;
