//! Hosting: what `cargo xtask dist` makes, on S3 behind CloudFront or on Firebase. How it is served is the business of
//! the crate `hosting-rules`; this only carries it there.

mod change;
pub(crate) mod command;
mod firebase;
pub(crate) mod options;
mod provider;
mod release;
mod s3;
mod stack;
pub(crate) mod trial;
