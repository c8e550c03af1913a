//! Why a document cannot be read, and what is wrong in one that can.

use std::fmt;

use thiserror::Error;

/// Why a document cannot be read at all. Lines and columns count from one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text is larger than [`Limits::bytes`](crate::Limits::bytes).
    #[error("the document has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    #[error("the document is not UTF-8: byte {offset} is invalid")]
    NotUtf8 {
        /// The offset of the first invalid byte, from zero.
        offset: usize,
    },
    /// The text is empty.
    #[error("the document is empty")]
    Empty,
    /// The text is neither JSON nor YAML.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// The line of the error.
        line: usize,
        /// The column of the error, in characters for YAML and bytes for JSON.
        column: usize,
        /// What the parser expected or found.
        message: String,
    },
    /// Objects and lists are nested deeper than [`Limits::depth`](crate::Limits::depth).
    #[error("line {line}: more than {limit} levels of nested values")]
    TooDeep {
        /// The line where the limit is exceeded.
        line: usize,
        /// The limit in levels.
        limit: usize,
    },
    /// The document has more values than [`Limits::values`](crate::Limits::values).
    #[error("line {line}: more than {limit} values")]
    TooManyValues {
        /// The line where the limit is exceeded.
        line: usize,
        /// The limit.
        limit: usize,
    },
    /// The aliases stand for more values than [`Limits::alias_values`](crate::Limits::alias_values).
    #[error("line {line}: aliases expand to more than {limit} values")]
    AliasExpansion {
        /// The line where the limit is exceeded.
        line: usize,
        /// The limit.
        limit: usize,
    },
    /// The operations, with their `$ref`s followed, need more memory than
    /// [`Limits::expanded_bytes`](crate::Limits::expanded_bytes).
    #[error("the operations expand to more than {limit} bytes")]
    TooMuchExpansion {
        /// The limit in bytes.
        limit: usize,
    },
    /// The document is a text, a number or a list.
    #[error("the document is not an object")]
    NotAnObject,
    /// There is neither `openapi` nor `swagger`, or the version is one that this crate does not read.
    #[error("unsupported version: {}", found.as_deref().unwrap_or("neither `openapi` nor `swagger`"))]
    UnsupportedVersion {
        /// The version in the document, if there is one.
        found: Option<String>,
    },
}

/// Where something is in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A JSON pointer (RFC 6901); the empty one is the whole document.
    Pointer(String),
    /// A line of the text, counted from one.
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(pointer) => write!(formatter, "#{pointer}"),
            Self::Line(line) => write!(formatter, "line {line}"),
        }
    }
}

/// Something wrong in a document that could be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {kind}")]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong in a document that could be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A value has the wrong type and is left out.
    #[error("expected {expected}")]
    WrongType {
        /// The type that the specification requires.
        expected: &'static str,
    },
    /// A member that the specification requires is absent; what it belongs to is left out.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member that the specification does not define is ignored.
    #[error("the member is not part of the specification")]
    UnexpectedMember,
    /// A member is repeated; the last one counts.
    #[error("the member `{0}` is repeated")]
    DuplicateMember(String),
    /// A `$ref` to a value that the document does not have.
    #[error("`{0}` does not exist")]
    DanglingReference(String),
    /// A `$ref` to another document.
    #[error("`{0}` refers to another document")]
    ExternalReference(String),
    /// A `$ref` that refers to itself by way of others, and never to a value.
    #[error("`{0}` refers to itself")]
    ReferenceCycle(String),
    /// An `operationId` that an earlier operation has.
    #[error("the operationId `{0}` is not unique")]
    DuplicateOperationId(String),
    /// A path that does not begin with a slash.
    #[error("the path does not begin with a slash")]
    PathWithoutSlash,
    /// A parameter at a location that does not exist; it is left out.
    #[error("unknown parameter location `{0}`")]
    UnknownLocation(String),
    /// A schema of a type that does not exist.
    #[error("unknown type `{0}`")]
    UnknownType(String),
    /// A security requirement that names a scheme that the document does not define.
    #[error("the security scheme `{0}` is not defined")]
    UndefinedScheme(String),
    /// A security scheme of a type that this crate does not know.
    #[error("unknown security scheme `{0}`")]
    UnknownScheme(String),
    /// A server whose URL names a variable without a value; the server is left out.
    #[error("the server variable `{0}` has no value")]
    UndefinedVariable(String),
    /// The text has a second YAML document, which is ignored.
    #[error("only the first YAML document is read")]
    SecondDocument,
}

/// The list of problems, up to a limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    pub(crate) list: Vec<Problem>,
    pub(crate) omitted: usize,
    limit: usize,
}

impl Problems {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            list: Vec::new(),
            omitted: 0,
            limit,
        }
    }

    pub(crate) fn add(&mut self, place: Place, kind: ProblemKind) {
        let problem = Problem { place, kind };
        if self.list.len() >= self.limit {
            self.omitted += 1;
        } else if !self.list.contains(&problem) {
            // A parameter of a path item is read once for each of its operations.
            self.list.push(problem);
        }
    }
}
