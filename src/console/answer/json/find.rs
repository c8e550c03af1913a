//! The search in a JSON text.

use super::index::{Kind, Node};

/// Finds the values whose name or value contains a text, in steps.
#[derive(Debug)]
pub(super) struct Search {
    /// In lower case, if it is ASCII.
    wanted: Vec<u8>,
    at: u32,
    found: Vec<u32>,
}

impl Search {
    pub(super) fn new(wanted: &str) -> Self {
        Self {
            wanted: wanted.trim().to_ascii_lowercase().into_bytes(),
            at: 0,
            found: Vec::new(),
        }
    }

    /// The nodes found, in the order of the text.
    pub(super) fn into_found(self) -> Vec<u32> {
        self.found
    }

    /// Searches `count` more nodes. Whether there are more.
    pub(super) fn step(&mut self, text: &str, nodes: &[Node], count: usize) -> bool {
        let (first, text) = (self.at as usize, text.as_bytes());
        for node in nodes.iter().skip(first).take(count) {
            let in_name = node.name().is_some_and(|name| self.is_in(&text[name]));
            let is_scalar = matches!(node.kind, Kind::Text | Kind::Plain);
            if in_name || is_scalar && self.is_in(&text[node.value()]) {
                self.found.push(self.at);
            }
            self.at += 1;
        }
        (self.at as usize) < nodes.len()
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let wanted = &self.wanted;
        !wanted.is_empty()
            && text
                .windows(wanted.len())
                .any(|window| window.eq_ignore_ascii_case(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::super::index::Indexer;
    use super::*;

    #[test]
    fn finds_names_and_values_and_ignores_case() {
        let text = r#"{"Name":"tea","list":[12,"TEAPOT",{"steam":null}]}"#;
        let mut indexer = Indexer::new();
        let _ = indexer.step(text, usize::MAX);
        let nodes = indexer.into_nodes();
        let found = |wanted: &str, count: usize| {
            let mut search = Search::new(wanted);
            while search.step(text, &nodes, count) {}
            search.into_found()
        };
        assert_eq!(found("tea", 1), [1, 4, 6]);
        assert_eq!(found(" Tea ", 100), [1, 4, 6]);
        assert_eq!(found("12", 2), [3]);
        assert_eq!(found("null", 100), [6]);
        assert!(found("", 100).is_empty());
        assert!(found("nothing", 100).is_empty());
    }
}
