//! A WebSocket to an API with IAM protection: a browser can send no signature but in the address.

use std::cell::RefCell;
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::channel::mpsc::unbounded;
use futures::future::{Either, select};

use super::BrowserClient;
use crate::browser::socket::{Connection, Frame};
use crate::browser::spawn;
use crate::gateway::CancelToken;
use crate::gateway::retry::backoff;
use crate::host::Host as _;
use crate::session::CallError;

/// How long the address of a connection is valid: it is used at once.
const VALID: Duration = Duration::from_mins(1);

/// What happens to a [`Socket`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// It is open, for the first time or again.
    Open,
    /// The API sent a text.
    Text(String),
    /// The API sent bytes.
    Bytes(Vec<u8>),
    /// The connection ended, or could not be opened. It is opened again after this time.
    Reopening(Duration),
    /// It is not opened again. [`CallError::Cancelled`] when the app closed it, [`CallError::SessionChanged`] when the
    /// user signed out, else why there are no credentials.
    Closed(CallError),
}

/// A WebSocket that opens again by itself, each time with a new signature.
#[derive(Clone)]
pub struct Socket {
    connection: Rc<RefCell<Option<Connection>>>,
    closed: CancelToken,
}

/// Opens a WebSocket at `url`, `wss://…`, with the credentials of the user, and calls `on_event` with all that happens. After
/// the connection ends it opens again, after random waits that grow. It closes when the user signs out.
///
/// ```no_run
/// use std::rc::Rc;
/// use velvet_rope::BrowserClient;
/// use velvet_rope::client::{SocketEvent, open_socket};
///
/// fn listen(client: &Rc<BrowserClient>) {
///     let url = "wss://a1b2.execute-api.eu-west-1.amazonaws.com/production";
///     let socket = open_socket(client, url, |event| {
///         if let SocketEvent::Text(text) = event {
///             println!("{text}");
///         }
///     });
///     let sent = socket.send_text("hello");
///     println!("{sent}");
/// }
/// ```
pub fn open_socket(
    client: &Rc<BrowserClient>,
    url: &str,
    on_event: impl Fn(SocketEvent) + 'static,
) -> Socket {
    let socket = Socket {
        connection: Rc::default(),
        closed: CancelToken::new(),
    };
    let task = keep_open(Rc::clone(client), url.to_owned(), socket.clone(), on_event);
    spawn(task);
    socket
}

impl Socket {
    /// Sends a text. `false` while it is not open.
    #[must_use]
    pub fn send_text(&self, text: &str) -> bool {
        let connection = self.connection.borrow();
        connection.as_ref().is_some_and(|open| open.send_text(text))
    }

    /// Sends bytes. `false` while it is not open.
    #[must_use]
    pub fn send_bytes(&self, bytes: &[u8]) -> bool {
        let connection = self.connection.borrow();
        connection
            .as_ref()
            .is_some_and(|open| open.send_bytes(bytes))
    }

    /// What closes it, for the end of a component.
    #[must_use]
    pub fn closer(&self) -> CancelToken {
        self.closed.clone()
    }

    /// Closes it.
    pub fn close(&self) {
        self.closed.cancel();
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Socket")
    }
}

async fn keep_open(
    client: Rc<BrowserClient>,
    url: String,
    socket: Socket,
    on_event: impl Fn(SocketEvent) + 'static,
) {
    let user = client.calls_of_user();
    let end = {
        let (by_app, by_user) = (pin!(socket.closed.cancelled()), pin!(user.cancelled()));
        let stop = pin!(async {
            match select(by_app, by_user).await {
                Either::Left(_) => CallError::Cancelled,
                Either::Right(_) => CallError::SessionChanged,
            }
        });
        let connections = pin!(connect_again(&client, &url, &socket, &on_event));
        match select(stop, connections).await {
            Either::Left((end, _)) | Either::Right((end, _)) => end,
        }
    };
    socket.connection.take();
    on_event(SocketEvent::Closed(end));
}

/// Connects until there are no credentials any more.
async fn connect_again(
    client: &BrowserClient,
    url: &str,
    socket: &Socket,
    on_event: &impl Fn(SocketEvent),
) -> CallError {
    let mut failures = 0_u32;
    loop {
        match client.presign_socket(url, VALID).await {
            Ok(address) => {
                let (sender, mut frames) = unbounded();
                let connection = Connection::open(&address, move |frame| {
                    let _ = sender.unbounded_send(frame);
                });
                socket.connection.replace(connection);
                while let Some(frame) = frames.next().await {
                    on_event(match frame {
                        Frame::Open => {
                            failures = 0;
                            SocketEvent::Open
                        }
                        Frame::Text(text) => SocketEvent::Text(text),
                        Frame::Bytes(bytes) => SocketEvent::Bytes(bytes),
                        Frame::Closed(_) => break,
                    });
                }
                socket.connection.take();
            }
            Err(error) if error.is_retryable() => {}
            Err(error) => return error,
        }
        failures = failures.saturating_add(1);
        let wait = backoff(failures, client.host().jitter());
        on_event(SocketEvent::Reopening(wait));
        client.host().pause(wait).await;
    }
}
