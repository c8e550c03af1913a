//! A WebSocket of the browser (the standard "`WebSockets`").

use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast as _;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::js::listener;

/// What comes out of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// It is open.
    Open,
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// It ended, or could not be opened; with the code of RFC 6455, section 7.4.
    Closed(u16),
}

/// A connection, which ends when this is dropped.
#[derive(Debug)]
pub struct Connection(WebSocket);

impl Connection {
    /// Opens a connection and calls `on_frame` with all that comes out of it. `None` where the browser does not accept the
    /// address.
    pub fn open(url: &str, on_frame: impl Fn(Frame) + 'static) -> Option<Self> {
        let socket = WebSocket::new(url).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_frame = Rc::new(on_frame);
        for name in ["open", "message", "close"] {
            let on_frame = Rc::clone(&on_frame);
            let heard = listener(move |event| {
                if let Some(frame) = read(&event) {
                    on_frame(frame);
                }
            });
            socket.add_event_listener_with_callback(name, &heard).ok()?;
        }
        Some(Self(socket))
    }

    /// Sends a text. Whether the browser took it.
    #[must_use]
    pub fn send_text(&self, text: &str) -> bool {
        self.0.ready_state() == WebSocket::OPEN && self.0.send_with_str(text).is_ok()
    }

    /// Sends bytes. Whether the browser took them.
    #[must_use]
    pub fn send_bytes(&self, bytes: &[u8]) -> bool {
        self.0.ready_state() == WebSocket::OPEN && self.0.send_with_u8_array(bytes).is_ok()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.0.close();
    }
}

fn read(event: &Event) -> Option<Frame> {
    if let Some(message) = event.dyn_ref::<MessageEvent>() {
        let data = message.data();
        if let Some(text) = data.as_string() {
            return Some(Frame::Text(text));
        }
        let bytes = data.dyn_into::<ArrayBuffer>().ok()?;
        return Some(Frame::Bytes(Uint8Array::new(&bytes).to_vec()));
    }
    let closed = event.dyn_ref::<CloseEvent>();
    Some(closed.map_or(Frame::Open, |closed| Frame::Closed(closed.code())))
}
