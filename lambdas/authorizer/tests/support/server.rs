//! A fake issuer: a real HTTP server on this machine with discovery, keys and faults.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const JWKS: &str = "/keys";

/// How the server answers, and the requests so far.
#[derive(Debug)]
struct State {
    issuer: String,
    keys: Vec<Value>,
    /// The path of the keys in the discovery document.
    keys_path: String,
    /// Sent instead of 200.
    status: Option<u16>,
    requests: HashMap<String, usize>,
}

/// The running server. It ends with the runtime of the test.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
    /// Whether answers are held back.
    held: watch::Sender<bool>,
}

impl Server {
    pub(crate) async fn start(issuer: &str, keys: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            issuer: issuer.to_owned(),
            keys,
            keys_path: JWKS.to_owned(),
            status: None,
            requests: HashMap::new(),
        }));
        let (held, _) = watch::channel(false);
        let server = Self {
            address,
            state,
            held,
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream));
            }
        });
        server
    }

    pub(crate) fn publish(&self, keys: Vec<Value>) {
        self.state.lock().unwrap().keys = keys;
    }

    /// Publishes the keys somewhere else, and no longer where they were.
    pub(crate) fn move_keys(&self, path: &str) {
        path.clone_into(&mut self.state.lock().unwrap().keys_path);
    }

    /// Holds all answers back, or lets them go.
    pub(crate) fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Answers with `status` from now on; `None` ends this.
    pub(crate) fn fail(&self, status: Option<u16>) {
        self.state.lock().unwrap().status = status;
    }

    /// How often `path` was requested.
    pub(crate) fn requests(&self, path: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.requests.get(path).copied().unwrap_or_default()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut received = Vec::new();
        loop {
            while !received.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut buffer = [0; 2048];
                match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => return,
                    Ok(count) => received.extend_from_slice(&buffer[..count]),
                }
            }
            let request = String::from_utf8(std::mem::take(&mut received)).unwrap();
            let path = request.split(' ').nth(1).unwrap().to_owned();
            let mut held = self.held.subscribe();
            held.wait_for(|held| !held).await.unwrap();
            let answer = self.answer(&path);
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, path: &str) -> String {
        let mut state = self.state.lock().unwrap();
        *state.requests.entry(path.to_owned()).or_default() += 1;
        let body = match path {
            DISCOVERY => json!({
                "issuer": state.issuer, "jwks_uri": format!("{}{}", self.address, state.keys_path)
            }),
            other if other == state.keys_path => json!({ "keys": state.keys }),
            _ => return response(404, "{}"),
        };
        response(state.status.unwrap_or(200), &body.to_string())
    }
}

fn response(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
