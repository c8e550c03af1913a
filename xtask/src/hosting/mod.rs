//! Publishes what `cargo xtask dist` builds, on S3 behind CloudFront or on Firebase. Routing, headers and caching are in
//! the crate `hosting-rules`.

mod distribution;
pub(crate) mod firebase;
pub(crate) mod options;
mod provider;
pub(crate) mod release;
pub(crate) mod s3;
pub(crate) mod stack;
