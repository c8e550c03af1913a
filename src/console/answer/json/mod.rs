//! A JSON text as a tree with search.

pub(super) mod find;
pub(super) mod index;
pub(super) mod tree;
