//! The page as it is developed, and the release in a folder: built by Trunk, minified, named after its content, compressed
//! and measured.

mod bundle;
pub(crate) mod dev_page;
pub(crate) mod dist;
pub(crate) mod examples;
mod exports;
mod kept;
mod minify;
mod names;
mod page;
mod size;
mod tools;
pub(crate) mod weigh;
