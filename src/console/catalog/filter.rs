//! Which operations the list shows.

use std::collections::BTreeSet;

use super::Catalog;
use super::protection::Protection;

/// What the user looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::console) struct Filter {
    /// Words that path, summary, id or tag contain.
    pub(in crate::console) text: String,
    pub(in crate::console) method: Option<String>,
    pub(in crate::console) protection: Option<Protection>,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) enum Row {
    /// A group with the number of its operations that fit the filter.
    Group {
        tag: String,
        count: usize,
        is_open: bool,
    },
    /// The position of an operation in the catalog.
    Entry(usize),
}

impl Filter {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The rows of the list. The operations of closed groups are left out, unless the user looks for something.
pub(in crate::console) fn rows(
    catalog: &Catalog,
    filter: &Filter,
    closed: &BTreeSet<String>,
) -> Vec<Row> {
    let lower = filter.text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let method = filter.method.as_deref();
    let fits = |position: &usize| {
        let entry = &catalog.entries[*position];
        words.iter().all(|word| entry.haystack.contains(word))
            && method
                .is_none_or(|method| entry.methods.iter().any(|known| known.as_str() == method))
            && filter
                .protection
                .is_none_or(|protection| entry.protection == protection)
    };
    let found: Vec<usize> = (0..catalog.entries.len()).filter(fits).collect();
    let mut rows = Vec::with_capacity(found.len() + 8);
    for group in found.chunk_by(|a, b| catalog.entries[*a].tag == catalog.entries[*b].tag) {
        let tag = &catalog.entries[group[0]].tag;
        let is_open = !filter.is_empty() || !closed.contains(tag);
        rows.push(Row::Group {
            tag: tag.clone(),
            count: group.len(),
            is_open,
        });
        if is_open {
            rows.extend(group.iter().copied().map(Row::Entry));
        }
    }
    rows
}
