//! Files that the user chooses or drops.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, FileList, HtmlInputElement};

/// A file of the user. Its content is not read yet.
#[derive(Clone, Debug)]
pub struct ChosenFile(web_sys::File);

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileError {
    /// It has more bytes than allowed: this number.
    TooLarge(u64),
    /// The browser cannot read it: it was moved, or is a folder.
    Unreadable,
}

impl ChosenFile {
    /// The file that the user chose in the field of this event. The field is empty afterwards, so that the same file can be
    /// chosen again.
    #[must_use]
    pub fn of_input(event: &Event) -> Option<Self> {
        let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
        let file = first(field.files());
        field.set_value("");
        file
    }

    /// The first file that was dropped.
    #[must_use]
    pub fn of_drop(event: &DragEvent) -> Option<Self> {
        first(event.data_transfer()?.files())
    }

    /// The name, without a folder.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// The content type that the browser takes it for; may be empty.
    #[must_use]
    pub fn content_type(&self) -> String {
        self.0.type_()
    }

    /// Reads the file, unless it has more than `limit` bytes.
    ///
    /// # Errors
    /// [`FileError`].
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of bytes"
    )]
    pub async fn read(&self, limit: usize) -> Result<Vec<u8>, FileError> {
        let size = self.0.size() as u64;
        if size > limit as u64 {
            return Err(FileError::TooLarge(size));
        }
        let buffer = JsFuture::from(self.0.array_buffer()).await;
        let buffer = buffer.map_err(|_| FileError::Unreadable)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}

fn first(files: Option<FileList>) -> Option<ChosenFile> {
    files?.get(0).map(ChosenFile)
}
