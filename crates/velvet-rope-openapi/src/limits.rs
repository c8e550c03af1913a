//! The bounds that keep a hostile document from exhausting memory or the stack.

/// The bounds of reading one document. The default admits every published API description that is known to be large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of the text, in bytes.
    pub bytes: usize,
    /// The levels of objects and lists in each other, aliases expanded.
    pub depth: usize,
    /// The values in the document, where keys count too, aliases expanded.
    pub values: usize,
    /// The values that YAML anchors and aliases copy.
    pub alias_values: usize,
    /// The memory for operations and what belongs to them, in bytes, `$ref`s followed. An estimate.
    pub expanded_bytes: usize,
    /// The problems that are listed; further ones are counted.
    pub problems: usize,
    /// The levels of an example that is made from a schema.
    pub example_depth: usize,
    /// The values of an example that is made from a schema.
    pub example_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 32 * 1024 * 1024,
            depth: 100,
            values: 2_000_000,
            alias_values: 200_000,
            expanded_bytes: 64 * 1024 * 1024,
            problems: 1_000,
            example_depth: 8,
            example_values: 500,
        }
    }
}
