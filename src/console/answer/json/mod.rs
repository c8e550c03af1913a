//! A JSON text as a tree with search.

mod find;
mod index;
mod tree;
mod view;

pub(super) use view::view_json;
