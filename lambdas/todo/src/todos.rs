//! A port: the lists of all users. `dynamo.rs` implements it with DynamoDB.

use std::fmt;
use std::future::Future;

use lambda_cloud::CloudError;
use serde::{Deserialize, Serialize};
use time::Timestamp;

/// The id of a to-do: when it was created, in milliseconds, and a random number, as 28 hexadecimal digits. In the order of
/// their ids, to-dos are in the order of their creation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TodoId(String);

const ID_DIGITS: usize = 28;

impl TodoId {
    /// The id of a to-do that is created `at` this time.
    #[must_use]
    pub fn new(at: Timestamp, random: u64) -> Self {
        let milliseconds =
            u64::try_from(at.as_milliseconds()).unwrap_or_default() & 0xFFFF_FFFF_FFFF;
        Self(format!("{milliseconds:012x}{random:016x}"))
    }

    /// The id that a path or a record has; `None` if the text is no id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == ID_DIGITS && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for TodoId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a user writes of a to-do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// What is to be done.
    pub title: String,
    /// Whether it is done.
    #[serde(default)]
    pub done: bool,
}

/// A to-do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// Its id.
    pub id: TodoId,
    /// What the user wrote.
    #[serde(flatten)]
    pub content: Content,
    /// The name of the attached file, if there is one.
    pub attachment: Option<String>,
}

/// A file, as it was attached.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

impl fmt::Debug for File {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("File")
            .field("bytes", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// The lists of all users, each under the identity of its owner.
pub trait Todos {
    /// The to-dos of a user, in the order of their creation.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list(&self, owner: &str) -> impl Future<Output = Result<Vec<Todo>, CloudError>>;

    /// The number of to-dos of a user.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn count(&self, owner: &str) -> impl Future<Output = Result<usize, CloudError>>;

    /// Stores a new to-do without an attachment.
    ///
    /// # Errors
    /// When it cannot be written.
    fn add(
        &self,
        owner: &str,
        id: &TodoId,
        content: &Content,
    ) -> impl Future<Output = Result<(), CloudError>>;

    /// Replaces the content of a to-do and returns what it is now; `None` if the user has no such to-do.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace(
        &self,
        owner: &str,
        id: &TodoId,
        content: &Content,
    ) -> impl Future<Output = Result<Option<Todo>, CloudError>>;

    /// Deletes a to-do and its attachment, if they exist.
    ///
    /// # Errors
    /// When they cannot be deleted.
    fn remove(&self, owner: &str, id: &TodoId) -> impl Future<Output = Result<(), CloudError>>;

    /// Attaches a file to a to-do, in place of the one before, and returns what the to-do is now; `None` if the user has
    /// no such to-do.
    ///
    /// # Errors
    /// When it cannot be written.
    fn attach(
        &self,
        owner: &str,
        id: &TodoId,
        file: &File,
    ) -> impl Future<Output = Result<Option<Todo>, CloudError>>;

    /// The file that is attached to a to-do.
    ///
    /// # Errors
    /// When it cannot be read.
    fn attached(
        &self,
        owner: &str,
        id: &TodoId,
    ) -> impl Future<Output = Result<Option<File>, CloudError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_of_their_creation() {
        let at = |milliseconds| Timestamp::from_milliseconds(milliseconds).unwrap();
        let early = TodoId::new(at(1_700_000_000_000), u64::MAX);
        let late = TodoId::new(at(1_700_000_000_001), 0);
        assert!(early < late);
        assert_eq!(TodoId::parse(&early.to_string()), Some(early));
    }

    #[test]
    fn only_an_id_is_parsed_as_one() {
        for text in [
            "",
            "018bcfe56800ffffffffffffffffff",
            "018bcfe56800FFFFFFFFFFFFFFFF",
            "018bcfe56800ffffffffffffffff/",
            "../../../../../../etc/passwd",
            "018bcfe56800ffffffffffffff\u{e9}",
        ] {
            assert_eq!(TodoId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_content_of_a_file_is_in_no_log() {
        let file = File {
            name: "diary.txt".to_owned(),
            content: b"dear diary".to_vec(),
        };
        assert_eq!(format!("{file:?}"), "File { bytes: 10, .. }");
    }
}
