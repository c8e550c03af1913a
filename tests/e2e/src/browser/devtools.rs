//! The Chrome DevTools Protocol of a whole browser: what the driver, whose commands go to a page, has no command for.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use fantoccini::wd::WindowHandle;
use futures::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::wait::{STARTUP_TIMEOUT, eventually, eventually_within};

/// The file in the profile where Chromium writes the port and the path of its socket, a line for each.
const ADDRESS: &str = "DevToolsActivePort";

/// The connection to a browser.
#[derive(Debug)]
pub(super) struct DevTools {
    /// Host and port.
    address: String,
    connection: Mutex<Connection>,
}

#[derive(Debug)]
struct Connection {
    socket: WebSocketStream<TcpStream>,
    latest: u64,
}

/// Cookies, storage, cache and connections of their own, as those of a private window. It ends with the connection.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct BrowserContext {
    #[serde(rename = "browserContextId")]
    id: String,
}

impl DevTools {
    /// Connects to the browser with this profile as soon as it listens.
    pub(super) async fn connect(profile: &Path) -> Result<Self> {
        let file = profile.join(ADDRESS);
        let (address, path) =
            eventually_within(STARTUP_TIMEOUT, "the browser to listen", async || {
                let text = std::fs::read_to_string(&file)?;
                let lines = text.split_once('\n');
                let (port, path) = lines.context("the browser writes its address")?;
                Ok(Some((format!("127.0.0.1:{port}"), path.to_owned())))
            })
            .await?;
        let stream = TcpStream::connect(&address).await?;
        let (socket, _) = client_async(format!("ws://{address}{path}"), stream).await?;
        let connection = Mutex::new(Connection { socket, latest: 0 });
        Ok(Self {
            address,
            connection,
        })
    }

    /// Host and port of the browser.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// A new, empty context.
    pub(super) async fn new_context(&self) -> Result<BrowserContext> {
        let parameters = json!({ "disposeOnDetach": true });
        let context = self
            .command("Target.createBrowserContext", parameters)
            .await?;
        Ok(serde_json::from_value(context)?)
    }

    /// Closes the tabs of a context and deletes what they stored.
    pub(super) async fn dispose(&self, context: &BrowserContext) -> Result<()> {
        let parameters = json!({ "browserContextId": context.id });
        self.command("Target.disposeBrowserContext", parameters)
            .await?;
        self.wait_for_closed_tabs().await
    }

    /// Opens a blank tab.
    pub(super) async fn open_tab(&self, context: &BrowserContext) -> Result<WindowHandle> {
        let parameters = json!({ "url": "about:blank", "browserContextId": context.id });
        let target = self.command("Target.createTarget", parameters).await?;
        // A driver calls a tab what the protocol calls it.
        let name = target["targetId"].as_str().map(str::to_owned);
        let name = name.context("a tab without a name")?;
        name.try_into().context("a tab without a name")
    }

    /// Closes all tabs.
    pub(super) async fn close_tabs(&self) -> Result<()> {
        for tab in self.tabs().await? {
            let parameters = json!({ "targetId": tab });
            self.command("Target.closeTarget", parameters).await?;
        }
        self.wait_for_closed_tabs().await
    }

    /// Chromium with its interface answers before the tabs are closed, and the next test would find them.
    async fn wait_for_closed_tabs(&self) -> Result<()> {
        eventually("the tabs to be closed", async || {
            Ok(self.tabs().await?.is_empty().then_some(()))
        })
        .await
    }

    /// The names of all tabs.
    async fn tabs(&self) -> Result<Vec<Value>> {
        let mut targets = self.command("Target.getTargets", json!({})).await?;
        let targets = targets["targetInfos"].as_array_mut();
        let tabs = targets.into_iter().flatten();
        let tabs = tabs.filter(|target| target["type"] == "page");
        Ok(tabs.map(|tab| tab["targetId"].take()).collect())
    }

    async fn command(&self, method: &str, parameters: Value) -> Result<Value> {
        let mut connection = self.connection.lock().await;
        let answer = connection.command(method, parameters).await;
        answer.with_context(|| format!("the browser did not do {method}"))
    }
}

impl Connection {
    async fn command(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.latest += 1;
        let command = json!({ "id": self.latest, "method": method, "params": parameters });
        let message = Message::text(command.to_string());
        self.socket.send(message).await?;
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer["id"] != self.latest {
                continue;
            }
            if let Some(error) = answer["error"]["message"].as_str() {
                bail!("{error}");
            }
            return Ok(answer["result"].take());
        }
        bail!("the browser closed the connection")
    }
}
