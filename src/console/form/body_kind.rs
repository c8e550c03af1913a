//! The kinds of bodies.

use velvet_rope::Body;

/// The kind of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    None,
    Json,
    Text,
    Form,
    File,
}

impl BodyKind {
    pub(super) const ALL: [Self; 5] = [Self::None, Self::Json, Self::Text, Self::Form, Self::File];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Json => "JSON",
            Self::Text => "Text",
            Self::Form => "Form",
            Self::File => "File",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Json => "json",
            Self::Text => "text",
            Self::Form => "form",
            Self::File => "file",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain;charset=UTF-8",
            Self::None | Self::Form | Self::File => "",
        }
    }

    pub(super) fn of_content_type(content_type: &str) -> Self {
        match content_type {
            "" => Self::None,
            _ if content_type.ends_with("json") => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            _ if content_type.starts_with("text/") || content_type.ends_with("xml") => Self::Text,
            _ => Self::File,
        }
    }
}

/// A file that was read.
#[derive(Clone, PartialEq)]
pub(super) struct FileBody {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) bytes: Body,
}
