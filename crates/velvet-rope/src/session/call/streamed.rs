//! Answers whose body is read piece by piece.

use std::cell::RefCell;
use std::fmt;
use std::pin::pin;

use futures::StreamExt as _;
use futures::future::{Either, pending, select};
use futures::stream::LocalBoxStream;

use super::CallError;
use crate::gateway::{Answer, CancelToken};
use crate::http::{HttpResponse, StreamedResponse, TransportError};

type Pieces = LocalBoxStream<'static, Result<Vec<u8>, TransportError>>;

/// An answer whose body is read piece by piece. Dropping it ends the transfer.
pub struct StreamedAnswer {
    /// The answer. Its body is empty, unless the status is 400 or above.
    pub answer: Answer,
    pieces: Option<Pieces>,
    ends: Ends,
}

impl StreamedAnswer {
    pub(super) fn new(answer: Answer, pieces: Option<Pieces>, ends: Ends) -> Self {
        Self {
            answer,
            pieces,
            ends,
        }
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`CallError`] when the rest of the body does not come. There are no more pieces then.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, CallError> {
        let Some(pieces) = &mut self.pieces else {
            return Ok(None);
        };
        let outcome = match select(pin!(self.ends.reached()), pieces.next()).await {
            Either::Left((error, _)) => Err(error),
            Either::Right((piece, _)) => piece.transpose().map_err(CallError::Transport),
        };
        if !matches!(outcome, Ok(Some(_))) {
            self.pieces = None;
        }
        outcome
    }
}

impl fmt::Debug for StreamedAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answer.fmt(formatter)
    }
}

/// What ends the transfer of a body.
pub(super) struct Ends {
    app: Option<CancelToken>,
    user: Option<CancelToken>,
}

impl Ends {
    pub(super) fn new(app: Option<CancelToken>, user: Option<CancelToken>) -> Self {
        Self { app, user }
    }

    async fn reached(&self) -> CallError {
        let (app, user) = (
            pin!(cancelled(self.app.as_ref())),
            pin!(cancelled(self.user.as_ref())),
        );
        match select(app, user).await {
            Either::Left(_) => CallError::Cancelled,
            Either::Right(_) => CallError::SessionChanged,
        }
    }
}

async fn cancelled(token: Option<&CancelToken>) {
    match token {
        Some(token) => token.cancelled().await,
        None => pending().await,
    }
}

/// The answer without its body, whose pieces are put into `opened`; the whole answer if it is a refusal, which may have to
/// be read to decide what is next.
pub(super) async fn read_headers(
    sent: impl Future<Output = Result<StreamedResponse, TransportError>>,
    opened: &RefCell<Option<Pieces>>,
) -> Result<HttpResponse, TransportError> {
    let mut streamed = sent.await?;
    let mut body = Vec::new();
    if streamed.status < 400 {
        opened.replace(Some(streamed.body));
    } else {
        while let Some(piece) = streamed.body.next().await {
            body.extend_from_slice(&piece?);
        }
    }
    let mut response = HttpResponse::new(streamed.status, streamed.headers, body);
    response.headers_after = streamed.headers_after;
    response.elapsed = streamed.headers_after;
    Ok(response)
}
