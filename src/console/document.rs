//! Opening an API description.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;

use crate::browser::file::{ChosenFile, FileError};
use crate::browser::slice::Slice;
use crate::messages::OpenError;
use velvet_rope::browser::fetch::FetchTransport;
use velvet_rope::browser::{origin, pause, storage::BrowserStore};
use velvet_rope::{HttpRequest, Method, StorageKind, Store as _, Transport as _, TransportError};
use velvet_rope_openapi::{Amount, Document, Limits, Loader, Progress, utf8};

/// Values that are read between two looks at the clock.
const STEPS: usize = 2_000;
/// The memory that reading takes, about, in bytes for each byte of the text.
const MEMORY: usize = 4;
/// A longer document is not stored: `sessionStorage` holds about five million characters.
const STORED: usize = 1_500_000;
/// The key of the document that was opened in this tab.
const KEY: &str = "velvet-rope.console.document";

/// A document that was read, or why it cannot be read.
pub(super) type Opened = Result<Arc<Document>, OpenError>;

/// What is done of an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// So many bytes have arrived.
    Loaded(usize),
    /// So much is read.
    Read(Amount),
}

/// Reads a text. `go_on` is called in between with what is done, and says whether to go on; `None` if not.
pub(super) async fn read(text: &str, go_on: impl Fn(Done) -> bool) -> Option<Opened> {
    let mut loader = match Loader::new(text, Limits::default()) {
        Ok(loader) => loader,
        Err(error) => return Some(Err(OpenError::Document(error))),
    };
    reserve(text.len() * MEMORY);
    let mut slice = Slice::start();
    loop {
        match loader.advance(STEPS) {
            Ok(Progress::Working(next)) => loader = next,
            Ok(Progress::Done(document)) => return Some(Ok(Arc::from(document))),
            Err(error) => return Some(Err(OpenError::Document(error))),
        }
        if slice.is_over() {
            if !go_on(Done::Read(loader.amount())) {
                return None;
            }
            pause(Duration::ZERO).await;
            slice = Slice::start();
        }
    }
}

/// Makes the memory of the app grow at once: the allocator would let it grow by a page of 64 KiB each time, a thousand times
/// for a long document.
fn reserve(bytes: usize) {
    let mut room = Vec::<u8>::new();
    // Without so much memory, reading goes on with what there is.
    let _ = room.try_reserve_exact(bytes);
    drop(black_box(room));
}

/// The text of a file.
pub(super) async fn text_of_file(file: &ChosenFile) -> Result<String, OpenError> {
    let bytes = file.read(Limits::default().bytes).await;
    let bytes = bytes.map_err(|error| match error {
        FileError::TooLarge(bytes) => OpenError::TooLarge(bytes),
        FileError::Unreadable => OpenError::Unreadable,
    })?;
    text_of_bytes(bytes)
}

/// The text at the configured address: a path of this site, or an address. A longer one than the limit is not loaded to its
/// end. `go_on` is called for each piece with what is done, and says whether to go on; `None` if not.
pub(super) async fn text_at(
    address: &str,
    go_on: impl Fn(Done) -> bool,
) -> Option<Result<String, OpenError>> {
    let url = if address.starts_with('/') {
        origin() + address
    } else {
        address.to_owned()
    };
    let unreachable = |error: TransportError| {
        Some(Err(OpenError::Unreachable {
            address: address.to_owned(),
            error: error.to_string(),
        }))
    };
    let mut answer = match FetchTransport
        .open(HttpRequest::new(Method::Get, url))
        .await
    {
        Ok(answer) => answer,
        Err(error) => return unreachable(error),
    };
    if answer.status != 200 {
        return Some(Err(OpenError::Status {
            address: address.to_owned(),
            status: answer.status,
        }));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = answer.body.next().await {
        match piece {
            Ok(piece) => bytes.extend(piece),
            Err(error) => return unreachable(error),
        }
        if !go_on(Done::Loaded(bytes.len())) {
            return None;
        }
        if bytes.len() > Limits::default().bytes {
            break;
        }
    }
    Some(text_of_bytes(bytes))
}

/// The bytes as a text, without a copy.
fn text_of_bytes(bytes: Vec<u8>) -> Result<String, OpenError> {
    let limits = Limits::default();
    if bytes.len() > limits.bytes {
        utf8(&bytes, &limits).map_err(OpenError::Document)?;
    }
    String::from_utf8(bytes).or_else(|error| {
        let text = utf8(error.as_bytes(), &limits).map_err(OpenError::Document)?;
        Ok(text.to_owned())
    })
}

/// Keeps the text for a reload of this tab, if it is not too long. Whether it is kept.
pub(super) fn store(text: &str) -> bool {
    let store = BrowserStore::new(StorageKind::Session);
    if text.len() > STORED {
        let _ = store.remove(KEY);
        return false;
    }
    store.set(KEY, text).is_ok()
}

/// The text that was kept.
pub(super) fn stored() -> Option<String> {
    BrowserStore::new(StorageKind::Session)
        .get(KEY)
        .ok()
        .flatten()
}

/// Forgets the text that was kept.
pub(super) fn forget() {
    let _ = BrowserStore::new(StorageKind::Session).remove(KEY);
}
