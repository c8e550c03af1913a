//! The site as it is deployed: the release build behind a server that keeps the rules of `hosting-rules`, and a
//! `config.json` that each test can replace.

use std::collections::BTreeSet;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use hosting_rules::{CONFIG, CONTENT_SECURITY_POLICY, Destinations, Headers, INDEX, Page};
use serde_json::Value;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::page_scripts::{MESSAGES, PageScripts, SCRIPTS};
use crate::proxy::lock;

/// What begins the script in the page that starts the app.
const MODULE: &[u8] = b"<script type=\"module\">";

/// The endpoint for policy violation reports.
const REPORTS: &str = "/content-security-policy-reports";

/// The ports of a site: the one in its origin, and the one where it listens, to which a browser must find.
#[derive(Clone, Debug)]
pub struct Destination {
    public_port: u16,
    port: u16,
    /// The names of hosts that mean the site.
    hosts: Vec<String>,
}

impl Destination {
    /// A site on `port` with the origin `http://localhost:PUBLIC_PORT`, and the same port of other hosts.
    #[must_use]
    pub fn new(public_port: u16, port: u16, hosts: &[&str]) -> Self {
        let hosts = iter::once("localhost").chain(hosts.iter().copied());
        Self {
            public_port,
            port,
            hosts: hosts.map(str::to_owned).collect(),
        }
    }

    /// The rules for Chromium's `--host-resolver-rules`.
    #[must_use]
    pub fn host_resolver_rules(&self) -> String {
        let Self {
            public_port,
            port,
            hosts,
        } = self;
        let rule = |host| format!("MAP {host}:{public_port} 127.0.0.1:{port}");
        hosts.iter().map(rule).collect::<Vec<_>>().join(", ")
    }

    /// The port of this machine for what is meant for `port` of `host`.
    #[must_use]
    pub fn port_of(&self, host: &str, port: u16) -> u16 {
        let is_site = port == self.public_port && self.hosts.iter().any(|known| known == host);
        if is_site { self.port } else { port }
    }
}

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

impl SiteConfig {
    /// The hosts that the page may call, if this is a usable configuration.
    fn destinations(&self) -> Option<Destinations> {
        match self {
            Self::Json(value) => Destinations::of(&value.to_string()).ok(),
            Self::Text(text) => Destinations::of(text).ok(),
            Self::Status(_) | Self::IndexPage => None,
        }
    }
}

/// What the site sends along with its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CspMode {
    /// All headers of a hosted site.
    #[default]
    AsHosted,
    /// No Content-Security-Policy: a scenario acts from pages of the site as other sites would.
    Absent,
    /// A Content-Security-Policy that names no script of the page, as after a build that was published without its
    /// headers.
    Mismatched,
}

/// The running site. It stops with the runtime of the test, or before.
#[derive(Clone, Debug)]
pub struct Site {
    /// The port in the site's origin.
    public_port: u16,
    /// The port that it listens on.
    port: u16,
    shared: Arc<Shared>,
    /// Accepts connections.
    accepting: Arc<Mutex<Option<JoinHandle<std::io::Result<()>>>>>,
}

#[derive(Debug)]
struct Shared {
    dist: PathBuf,
    /// A release has compressed copies of its files; the examples are built for development and have none.
    compressed: bool,
    page: Page,
    csp: CspMode,
    config: Mutex<SiteConfig>,
    /// Those of the latest usable configuration: a host keeps its headers when the file breaks.
    destinations: Mutex<Destinations>,
    requests: Mutex<Vec<String>>,
    reports: Mutex<Vec<String>>,
    tampered: Mutex<BTreeSet<String>>,
    /// Added to pages that a browser opens, where there are any.
    page_scripts: Option<PageScripts>,
}

impl Site {
    /// Starts a site with the origin `http://localhost:PUBLIC_PORT`. It may listen on another port, to which
    /// [`Site::destination`] leads a browser: all tests have the one origin that the local cloud knows, also
    /// side by side.
    ///
    /// # Errors
    /// When there is no build at `dist`.
    pub fn start(
        public_port: u16,
        listener: TcpListener,
        dist: &Path,
        config: SiteConfig,
        csp: CspMode,
        page_scripts: Option<PageScripts>,
    ) -> Result<Self> {
        let index = std::fs::read_to_string(dist.join(INDEX.trim_start_matches('/')))
            .with_context(|| format!("no build at {}", dist.display()))?;
        let page = match csp {
            CspMode::AsHosted | CspMode::Absent => Page::read(&index)?,
            CspMode::Mismatched => Page::read("<script>another</script>")?,
        };
        let shared = Arc::new(Shared {
            dist: dist.to_owned(),
            compressed: dist.join("index.html.br").is_file(),
            page,
            csp,
            destinations: Mutex::new(config.destinations().unwrap_or_default()),
            config: Mutex::new(config),
            requests: Mutex::default(),
            reports: Mutex::default(),
            tampered: Mutex::default(),
            page_scripts,
        });
        let router = Router::new()
            .route(REPORTS, post(report))
            .route(SCRIPTS, get(scripts))
            .route(MESSAGES, post(message))
            .fallback(any(answer))
            .with_state(Arc::clone(&shared));
        let port = listener.local_addr()?.port();
        let accepting = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            public_port,
            port,
            shared,
            accepting: Arc::new(Mutex::new(Some(accepting))),
        })
    }

    /// Accepts no more connections: where it listens, the site of another test may begin.
    pub async fn stop(&self) {
        let accepting = lock(&self.accepting).take();
        if let Some(accepting) = accepting {
            accepting.abort();
            // The listener is closed when the task has ended.
            let _ = accepting.await;
        }
    }

    /// The URL of a path of this site, for browsers.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.public_port)
    }

    /// The URL of a path of this site for requests outside a browser.
    #[must_use]
    pub fn direct_url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What a browser needs to find the site at its origin, and at the same port of other host names.
    #[must_use]
    pub fn destination(&self, hosts: &[&str]) -> Destination {
        Destination::new(self.public_port, self.port, hosts)
    }

    /// Answers something else when asked for `/config.json` from now on.
    pub fn set_config(&self, config: SiteConfig) {
        if let Some(destinations) = config.destinations() {
            *lock(&self.shared.destinations) = destinations;
        }
        *lock(&self.shared.config) = config;
    }

    /// How often `path` was asked for.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        lock(&self.shared.requests)
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }

    /// What browsers reported that the policy kept a page from.
    #[must_use]
    pub fn reports(&self) -> Vec<String> {
        lock(&self.shared.reports).clone()
    }

    /// Whether its policy is one that its own page cannot live with.
    #[must_use]
    pub fn csp_blocks_page(&self) -> bool {
        self.shared.csp == CspMode::Mismatched || lock(&self.shared.tampered).contains(INDEX)
    }

    /// Changes the content of `path` from now on, like an attacker who controls files but not the headers. Of the page, a script
    /// changes.
    pub fn tamper(&self, path: &str) {
        lock(&self.shared.tampered).insert(path.to_owned());
    }

    /// The headers that every answer has.
    #[must_use]
    pub fn headers(&self) -> Headers {
        self.shared.headers()
    }
}

async fn report(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    lock(&shared.reports).push(body);
    StatusCode::NO_CONTENT
}

async fn scripts(State(shared): State<Arc<Shared>>) -> Response {
    let source = shared.page_scripts.as_ref().map(PageScripts::source);
    let content_type = hosting_rules::content_type(SCRIPTS);
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, source.unwrap_or_default()).into_response()
}

async fn message(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    if let Some(scripts) = &shared.page_scripts {
        scripts.note(body);
    }
    StatusCode::NO_CONTENT
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    lock(&shared.requests).push(path.to_owned());
    let mut response = if matches!(*request.method(), Method::GET | Method::HEAD) {
        shared.answer(path, request.headers())
    } else {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    };
    shared.add_headers(response.headers_mut());
    response
}

impl Shared {
    fn headers(&self) -> Headers {
        Headers::new(&self.page, &lock(&self.destinations))
    }

    fn answer(&self, path: &str, asked: &HeaderMap) -> Response {
        if path == CONFIG {
            return self.config_json();
        }
        let file = hosting_rules::answering_file(path, |path| self.file(path).is_file());
        file.map_or_else(
            || StatusCode::NOT_FOUND.into_response(),
            |path| self.file_response(path, asked),
        )
    }

    fn file(&self, path: &str) -> PathBuf {
        let parts = path
            .split('/')
            .filter(|part| !matches!(*part, "" | "." | ".."));
        self.dist.join(parts.collect::<PathBuf>())
    }

    fn file_response(&self, path: &str, asked: &HeaderMap) -> Response {
        let file = self.file(path);
        let accepted = asked
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok());
        let takes_brotli = accepted
            .is_some_and(|encodings| encodings.split(',').any(|encoding| encoding.trim() == "br"));
        let tampered = lock(&self.tampered).contains(path);
        let adds_scripts = path == INDEX && self.page_scripts.is_some() && is_navigation(asked);
        let (file, encoding) = if takes_brotli
            && !tampered
            && !adds_scripts
            && self.compressed
            && hosting_rules::has_compressed_copy(path)
        {
            (PathBuf::from(format!("{}.br", file.display())), Some("br"))
        } else {
            (file, None)
        };
        let Ok(mut content) = std::fs::read(file) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if tampered {
            // White space, which changes nothing but the content: of a script where it is the page.
            match content.windows(MODULE.len()).position(|tag| tag == MODULE) {
                Some(start) if path == INDEX => content.insert(start + MODULE.len(), b'\n'),
                _ => content.push(b'\n'),
            }
        }
        if adds_scripts {
            content = PageScripts::add_to(&String::from_utf8_lossy(&content)).into_bytes();
        }
        let mut response = Response::new(Body::from(content));
        let headers = response.headers_mut();
        let cached = hosting_rules::cache_control(path);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cached));
        let content_type = hosting_rules::content_type(path);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }

    fn config_json(&self) -> Response {
        let json = [
            (header::CONTENT_TYPE, hosting_rules::content_type(CONFIG)),
            (header::CACHE_CONTROL, hosting_rules::cache_control(CONFIG)),
        ];
        let config = lock(&self.config).clone();
        match config {
            SiteConfig::Json(value) => (json, value.to_string()).into_response(),
            SiteConfig::Text(text) => (json, text).into_response(),
            SiteConfig::Status(status) => status.into_response(),
            SiteConfig::IndexPage => self.file_response(INDEX, &HeaderMap::new()),
        }
    }

    /// The headers of a hosted site, and beside the policy the same once more for reports alone: the policy itself is
    /// exactly that of a hosted site.
    fn add_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in self.headers().all() {
            let is_policy = name == CONTENT_SECURITY_POLICY;
            if is_policy && self.csp == CspMode::Absent {
                continue;
            }
            add(headers, name, value);
            if is_policy {
                let reporting = value.replace("; upgrade-insecure-requests", "");
                let reporting = format!("{reporting}; report-uri {REPORTS}");
                add(headers, "Content-Security-Policy-Report-Only", &reporting);
            }
        }
    }
}

/// Whether a browser asks for a page, not a test for a file.
fn is_navigation(asked: &HeaderMap) -> bool {
    let accept = asked.get(header::ACCEPT);
    accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn add(headers: &mut HeaderMap, name: &str, value: &str) {
    // The rules make none that is not one: hosting-rules/tests/policy.rs.
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
        headers.insert(name, value);
    }
}
