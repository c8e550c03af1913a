//! The site as it is deployed: the release build behind a server that answers unknown paths with
//! `index.html`, and a `config.json` that each test can replace.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;
use tower_http::services::{ServeDir, ServeFile};

use crate::wait::eventually;

/// What the site answers when asked for `/config.json`.
#[derive(Clone, Debug)]
pub enum SiteConfig {
    /// This configuration.
    Json(Value),
    /// This text, as if it were JSON.
    Text(String),
    /// This status and nothing else.
    Status(StatusCode),
    /// `index.html`, as servers of single-page apps do where there is no such file.
    IndexPage,
}

/// The running site. It stops with the runtime of the test.
#[derive(Clone, Debug)]
pub struct Site {
    origin: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Mutex<SiteConfig>,
    requests: Mutex<Vec<String>>,
    index: String,
}

impl Site {
    /// Starts the site on `port`.
    ///
    /// # Errors
    /// When the port is taken or there is no build at `dist`.
    pub async fn start(port: u16, dist: &Path, config: SiteConfig) -> Result<Self> {
        let index = dist.join("index.html");
        let shared = Shared {
            config: Mutex::new(config),
            requests: Mutex::default(),
            index: std::fs::read_to_string(&index)
                .with_context(|| format!("no build at {}", dist.display()))?,
        };
        let shared = Arc::new(shared);
        let files = ServeDir::new(dist)
            .precompressed_br()
            .fallback(ServeFile::new(index).precompressed_br());
        let router = Router::new()
            .route("/config.json", get(config_json))
            .fallback_service(files)
            .layer(from_fn_with_state(Arc::clone(&shared), record))
            .with_state(Arc::clone(&shared));
        let listener = listen(port).await?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            origin: format!("http://localhost:{port}"),
            shared,
        })
    }

    /// The address of a path of this site.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Answers something else when asked for `/config.json` from now on.
    pub fn set_config(&self, config: SiteConfig) {
        *locked(&self.shared.config) = config;
    }

    /// How often `path` was asked for.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        locked(&self.shared.requests)
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }
}

/// The server of the test before may still be about to close the port.
async fn listen(port: u16) -> Result<TcpListener> {
    eventually(
        &format!("port {port} to be free"),
        async || match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => Ok(Some(listener)),
            Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(None),
            Err(error) => Err(error.into()),
        },
    )
    .await
}

async fn record(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    locked(&shared.requests).push(request.uri().path().to_owned());
    next.run(request).await
}

async fn config_json(State(shared): State<Arc<Shared>>) -> Response {
    const JSON: [(header::HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let config = locked(&shared.config).clone();
    match config {
        SiteConfig::Json(value) => (JSON, value.to_string()).into_response(),
        SiteConfig::Text(text) => (JSON, text).into_response(),
        SiteConfig::Status(status) => status.into_response(),
        SiteConfig::IndexPage => {
            let headers = [
                (header::CONTENT_TYPE, "text/html"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, shared.index.clone()).into_response()
        }
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
