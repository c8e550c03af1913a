//! Reading in bounded steps.

use crate::error::{Problems, ReadError};
use crate::limits::Limits;
use crate::model::Document;
use crate::read::Modelling;
use crate::syntax::Reader;

/// The steps between two pauses of [`Document::parse`], which does not pause.
const ALL: usize = usize::MAX;

/// A document that is being read. Between two calls of [`advance`](Self::advance) an app can answer its user.
///
/// ```
/// use velvet_rope_openapi::{Limits, Loader, Progress};
///
/// # fn main() -> Result<(), velvet_rope_openapi::ReadError> {
/// let mut loader = Loader::new("{\"openapi\": \"3.0.1\", \"paths\": {}}", Limits::default())?;
/// let document = loop {
///     match loader.advance(10)? {
///         Progress::Working(next) => loader = next, // here the app waits for the next frame
///         Progress::Done(document) => break document,
///     }
/// };
/// assert!(document.operations.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Loader<'a> {
    stage: Stage<'a>,
}

#[derive(Debug)]
enum Stage<'a> {
    Text {
        reader: Box<Reader<'a>>,
        limits: Limits,
        problems: Problems,
    },
    Model(Box<Modelling>),
}

/// How much of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Of the text, in bytes; about, for YAML with characters of several bytes.
    Text {
        /// What is read.
        done: usize,
        /// The text.
        total: usize,
    },
    /// The text is read. Of its parts, paths and components, that many are part of the model.
    Parts {
        /// What is read.
        done: usize,
        /// All parts.
        total: usize,
    },
}

/// How far a document is read.
#[derive(Debug)]
pub enum Progress<'a> {
    /// There is more to do.
    Working(Loader<'a>),
    /// The document is read.
    Done(Box<Document>),
}

impl<'a> Loader<'a> {
    /// Starts to read `text`: JSON, if it begins with a brace or bracket, else YAML.
    ///
    /// # Errors
    /// When the text is empty or too large.
    pub fn new(text: &'a str, limits: Limits) -> Result<Self, ReadError> {
        let reader = Box::new(Reader::new(text, &limits)?);
        let problems = Problems::new(limits.problems);
        let stage = Stage::Text {
            reader,
            limits,
            problems,
        };
        Ok(Self { stage })
    }

    /// How much is read.
    #[must_use]
    pub fn amount(&self) -> Amount {
        match &self.stage {
            Stage::Text { reader, .. } => {
                let (done, total) = reader.amount();
                Amount::Text { done, total }
            }
            Stage::Model(modelling) => {
                let (done, total) = modelling.amount();
                Amount::Parts { done, total }
            }
        }
    }

    /// Works for about `steps`. A step is one value of the text, some hundred nanoseconds natively. One string, one
    /// path with its operations, or one component is read without a pause.
    ///
    /// # Errors
    /// When the document cannot be read, or exceeds a limit.
    pub fn advance(self, steps: usize) -> Result<Progress<'a>, ReadError> {
        let steps = steps.max(1);
        match self.stage {
            Stage::Text {
                mut reader,
                limits,
                mut problems,
            } => {
                let root = reader.advance(steps, &mut problems)?;
                let stage = match root {
                    Some(root) => Stage::Model(Box::new(Modelling::new(root, limits, problems)?)),
                    None => Stage::Text {
                        reader,
                        limits,
                        problems,
                    },
                };
                Ok(Progress::Working(Self { stage }))
            }
            Stage::Model(mut modelling) => {
                if modelling.advance(steps)? {
                    return Ok(Progress::Done(Box::new(modelling.finish()?)));
                }
                let stage = Stage::Model(modelling);
                Ok(Progress::Working(Self { stage }))
            }
        }
    }
}

impl Document {
    /// Reads a document without a pause.
    ///
    /// # Errors
    /// When the document cannot be read, or exceeds a limit.
    pub fn parse(text: &str, limits: Limits) -> Result<Self, ReadError> {
        let mut loader = Loader::new(text, limits)?;
        loop {
            match loader.advance(ALL)? {
                Progress::Working(next) => loader = next,
                Progress::Done(document) => return Ok(*document),
            }
        }
    }

    /// Reads the bytes of a file without a pause.
    ///
    /// # Errors
    /// When the bytes are too many or not UTF-8, and as [`parse`](Self::parse).
    pub fn parse_bytes(bytes: &[u8], limits: Limits) -> Result<Self, ReadError> {
        Self::parse(utf8(bytes, &limits)?, limits)
    }
}

/// The text in the bytes of a file.
///
/// # Errors
/// When the bytes are more than [`Limits::bytes`] or not UTF-8.
pub fn utf8<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, ReadError> {
    if bytes.len() > limits.bytes {
        return Err(ReadError::TooLarge {
            bytes: bytes.len(),
            limit: limits.bytes,
        });
    }
    str::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 {
        offset: error.valid_up_to(),
    })
}
