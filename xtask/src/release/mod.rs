//! The release build in `dist/`: built by Trunk, minified, named after its content, compressed and measured.

pub(crate) mod dist;
mod minify;
mod names;
mod size;
