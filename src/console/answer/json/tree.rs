//! The rows of a tree of JSON values.

use super::find::Search;
use super::index::{Kind, Node};

/// Objects and arrays at this depth and below are closed at first.
const OPEN_DEPTH: u32 = 2;
/// Objects and arrays with more members are closed at first, unless they are the outermost.
const OPEN_COUNT: u32 = 100;
/// Characters of a value in a row; the row of a longer one ends with `…`.
const SHOWN: usize = 200;

/// A JSON text as a tree, some of whose objects and arrays are open.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    open: Vec<bool>,
    /// The nodes that have a row now.
    rows: Vec<u32>,
}

/// A row as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) node: u32,
    /// How many objects and arrays it is in.
    pub(super) depth: u32,
    /// Its name, or its position in an array; empty for the outermost value.
    pub(super) name: String,
    /// The value, or the number of its members.
    pub(super) value: String,
    pub(super) kind: Kind,
    /// Whether it is open; `None` if there is nothing to open.
    pub(super) is_open: Option<bool>,
}

impl Tree {
    pub(super) fn new(nodes: Vec<Node>) -> Self {
        let is_open = |node: &Node| {
            node.kind.is_container()
                && (node.depth == 0 || node.depth < OPEN_DEPTH && node.count <= OPEN_COUNT)
        };
        let open = nodes.iter().map(is_open).collect();
        let mut tree = Self {
            nodes,
            open,
            rows: Vec::new(),
        };
        tree.set_rows();
        tree
    }

    /// Continues a search. Whether there is more to search.
    pub(super) fn step(&self, search: &mut Search, text: &str, count: usize) -> bool {
        search.step(text, &self.nodes, count)
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The value `node`.
    pub(super) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// The row of a node, if it has one now.
    pub(super) fn row_of(&self, node: u32) -> Option<usize> {
        self.rows.binary_search(&node).ok()
    }

    /// The node of a row; that of the last one for greater numbers.
    pub(super) fn node_at(&self, row: usize) -> Option<u32> {
        let last = self.rows.len().checked_sub(1)?;
        self.rows.get(row.min(last)).copied()
    }

    /// The rows from `first` on, `count` at most.
    pub(super) fn rows(&self, text: &str, first: usize, count: usize) -> Vec<Row> {
        let rows = self.rows.iter().skip(first).take(count);
        rows.filter_map(|&node| self.row(text, node)).collect()
    }

    /// Opens or closes an object or array.
    pub(super) fn set_open(&mut self, node: u32, is_open: bool) {
        let is_container = self.node(node).is_some_and(|node| node.kind.is_container());
        if let (true, Some(open)) = (is_container, self.open.get_mut(node as usize)) {
            *open = is_open;
            self.set_rows();
        }
    }

    /// Opens or closes all objects and arrays. The outermost one stays open.
    pub(super) fn set_all_open(&mut self, is_open: bool) {
        for (index, (open, node)) in self.open.iter_mut().zip(&self.nodes).enumerate() {
            *open = node.kind.is_container() && (is_open || index == 0);
        }
        self.set_rows();
    }

    /// Whether a node is open; `None` if there is nothing to open.
    pub(super) fn is_open(&self, node: u32) -> Option<bool> {
        let found = self.node(node)?;
        let has_members = found.kind.is_container() && found.count > 0;
        has_members.then(|| self.open.get(node as usize).copied().unwrap_or_default())
    }

    /// Opens all that a node is in, so that it has a row.
    pub(super) fn reveal(&mut self, node: u32) {
        let mut at = node;
        while let Some(found) = self.nodes.get(at as usize) {
            let parent = found.parent;
            if parent == at {
                break;
            }
            if let Some(open) = self.open.get_mut(parent as usize) {
                *open = true;
            }
            at = parent;
        }
        self.set_rows();
    }

    /// The path of a node as `JSONPath` (RFC 9535): `$.items[3].name`.
    pub(super) fn path(&self, text: &str, node: u32) -> String {
        let mut steps = Vec::new();
        let mut at = node;
        while let Some(found) = self.node(at) {
            if found.parent == at {
                break;
            }
            steps.push(match found.name() {
                Some(name) => step(&text[name]),
                None => ["[", &found.position.to_string(), "]"].concat(),
            });
            at = found.parent;
        }
        steps.push("$".to_owned());
        steps.reverse();
        steps.concat()
    }

    /// The value of a node, as it is in the text; a JSON string without quotation marks and escapes.
    pub(super) fn value(&self, text: &str, node: u32) -> String {
        let Some(found) = self.node(node) else {
            return String::new();
        };
        let value = &text[found.value()];
        match found.kind {
            Kind::Text => serde_json::from_str(value).unwrap_or_else(|_| value.to_owned()),
            _ => value.to_owned(),
        }
    }

    fn row(&self, text: &str, index: u32) -> Option<Row> {
        let node = self.node(index)?;
        let name = match node.name() {
            Some(name) => shorten(&text[name]),
            None if node.parent == index => String::new(),
            None => node.position.to_string(),
        };
        let value = match node.kind {
            Kind::Object => ["{", &node.count.to_string(), "}"].concat(),
            Kind::Array => ["[", &node.count.to_string(), "]"].concat(),
            Kind::Text | Kind::Plain => shorten(&text[node.value()]),
        };
        Some(Row {
            node: index,
            depth: node.depth,
            name,
            value,
            kind: node.kind,
            is_open: self.is_open(index),
        })
    }

    fn set_rows(&mut self) {
        self.rows.clear();
        let mut index = 0;
        while let Some(node) = self.nodes.get(index as usize) {
            self.rows.push(index);
            let is_open = self.open.get(index as usize).copied().unwrap_or_default();
            index = if is_open { index + 1 } else { node.next };
        }
    }
}

/// A member as a step of a `JSONPath`.
fn step(name: &str) -> String {
    let is_plain = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_');
    if is_plain {
        [".", name].concat()
    } else {
        ["[\"", name, "\"]"].concat()
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text[..end].to_owned() + "…",
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::index::Indexer;
    use super::*;

    const TEXT: &str =
        r#"{"items":[{"name":"Tea","tags":["hot"]},{"name":"\u00e9"}],"a b":1,"none":{}}"#;

    fn tree(text: &str) -> Tree {
        let mut indexer = Indexer::new();
        let _ = indexer.step(text, usize::MAX);
        Tree::new(indexer.into_nodes())
    }

    fn names(tree: &Tree) -> Vec<String> {
        let rows = tree.rows(TEXT, 0, 100);
        rows.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn two_levels_are_open_at_first_and_each_object_opens() {
        let mut tree = tree(TEXT);
        assert_eq!(names(&tree), ["", "items", "0", "1", "a b", "none"]);
        tree.set_open(2, true);
        assert_eq!(
            names(&tree),
            ["", "items", "0", "name", "tags", "1", "a b", "none"]
        );
        tree.set_open(0, false);
        assert_eq!(names(&tree), [""]);
        tree.set_all_open(true);
        assert_eq!(tree.len(), tree.nodes.len());
        tree.set_all_open(false);
        assert_eq!(names(&tree), ["", "items", "a b", "none"]);
    }

    #[test]
    fn a_row_has_the_value_or_the_number_of_members() {
        let tree = tree(TEXT);
        let rows = tree.rows(TEXT, 0, 6);
        let shown: Vec<_> = rows.iter().map(|row| (&*row.value, row.is_open)).collect();
        assert_eq!(
            shown,
            [
                ("{3}", Some(true)),
                ("[2]", Some(true)),
                ("{2}", Some(false)),
                ("{1}", Some(false)),
                ("1", None),
                ("{0}", None),
            ]
        );
    }

    #[test]
    fn a_hidden_value_is_revealed_and_has_a_path() {
        let mut tree = tree(TEXT);
        let hot = 5;
        assert_eq!(tree.row_of(hot), None);
        tree.reveal(hot);
        assert_eq!(tree.row_of(hot), Some(5));
        assert_eq!(tree.path(TEXT, hot), "$.items[0].tags[0]");
        assert_eq!(tree.value(TEXT, hot), "hot");
        let last_name = tree.node_at(7).unwrap();
        assert_eq!(tree.path(TEXT, last_name), "$[\"a b\"]");
    }

    #[test]
    fn long_values_and_large_arrays_are_shortened_in_their_row_only() {
        let text = format!("[{}, \"{}\"]", "[1]", "ü".repeat(300));
        let tree = tree(&text);
        let rows = tree.rows(&text, 0, 10);
        assert!(rows.last().unwrap().value.ends_with('…'));
        let node = rows.last().unwrap().node;
        assert_eq!(tree.value(&text, node).chars().count(), 300);
        let many = format!("{{\"a\":[{}]}}", vec!["1"; 101].join(","));
        assert_eq!(self::tree(&many).len(), 2);
    }
}
