//! The WebDriver server of one browser.

use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context as _, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use super::engine::{Engine, Programs};
use super::process::Process;
use crate::wait::{STARTUP_TIMEOUT, eventually_within};

/// How often the driver is started before that counts as a failure.
const ATTEMPTS: u32 = 5;

/// A running driver. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Driver {
    process: Process,
    url: String,
    /// The X server of a browser without a headless mode.
    _display: Option<Process>,
    /// Temporary files of driver and browser, which they do not remove themselves.
    _folder: TempDir,
}

impl Driver {
    /// Starts the driver on a free port.
    ///
    /// It takes a port that is free for IPv4 and ends when another program has the same one for IPv6, so it is started again.
    pub(super) async fn start(programs: &Programs) -> Result<Self> {
        let mut last = Self::start_once(programs).await;
        for _ in 1..ATTEMPTS {
            if last.is_ok() {
                break;
            }
            last = Self::start_once(programs).await;
        }
        last
    }

    async fn start_once(programs: &Programs) -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for the browser's profile")?;
        let mut command = Command::new(&programs.driver);
        command.env("TMPDIR", folder.path());
        let (process, port, display) = match programs.engine {
            Engine::Chromium => {
                let mut process = Process::start(command.arg("--port=0"))?;
                let port = process
                    .number_after("started successfully on port ")
                    .await?;
                (process, port, None)
            }
            Engine::Firefox => {
                command.args(["--port", "0", "--allow-system-access"]);
                // Beside the profile, Firefox writes there.
                command.env("HOME", folder.path());
                let mut process = Process::start(&mut command)?;
                let port = process.number_after("Listening on 127.0.0.1:").await?;
                (process, port, None)
            }
            Engine::Webkit => {
                let display = Process::display(programs.display.as_deref()).await?;
                let (process, port) = webkit(command, folder.path(), display.1).await?;
                (process, port, Some(display.0))
            }
        };
        Ok(Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            _display: display,
            _folder: folder,
        })
    }

    /// Begins a WebDriver session.
    pub(super) async fn connect(&self, capabilities: Map<String, Value>) -> Result<Client> {
        let mut session = ClientBuilder::new(HttpConnector::new());
        let session = session.capabilities(capabilities).connect(&self.url);
        Ok(session.await?)
    }

    /// Kills the driver and waits for its end.
    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}

/// Starts WebKitWebDriver, which neither chooses a port nor says when it listens.
async fn webkit(mut command: Command, home: &Path, display: u16) -> Result<(Process, u16)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    drop(listener);
    command.arg(format!("--port={port}"));
    command.env("DISPLAY", format!(":{display}"));
    command.env("HOME", home);
    // The settings of the user, and other programs of the session, have no part in a test.
    command.env_remove("XDG_CONFIG_HOME");
    command.env_remove("WAYLAND_DISPLAY");
    command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    let process = Process::start(&mut command)?;
    eventually_within(STARTUP_TIMEOUT, "the driver to listen", async || {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
        Ok(stream.is_ok().then_some(()))
    })
    .await?;
    Ok((process, port))
}
