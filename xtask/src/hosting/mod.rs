//! Hosting: what `cargo xtask dist` makes, on S3 behind CloudFront or on Firebase. How it is served is the business of
//! the crate `hosting-rules`; this only carries it there.

pub(crate) mod command;
mod firebase;
mod provider;
mod release;
pub(crate) mod s3;
mod stack;
mod trial;

pub(crate) use firebase::publish as publish_on_firebase;
pub(crate) use release::Release;
pub(crate) use trial::run as try_out;
