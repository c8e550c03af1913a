//! The WebDriver server. Each test has its own, so that no process outlives its test.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::wait::STARTUP_TIMEOUT;

/// How often the driver is started before that counts as a failure.
const ATTEMPTS: u32 = 5;

/// A running ChromeDriver. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    url: String,
    /// Temporary files of driver and browser, which they do not remove themselves.
    _folder: TempDir,
    /// Held open: a closed pipe would end the driver at its next write.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Driver {
    /// Starts the driver on a free port.
    ///
    /// It takes a port that is free for IPv4 and ends when another program has the same one for IPv6, so it is started again.
    pub(super) async fn start(program: &Path) -> Result<Self> {
        let mut last = Self::start_once(program).await;
        for _ in 1..ATTEMPTS {
            if last.is_ok() {
                break;
            }
            last = Self::start_once(program).await;
        }
        last
    }

    async fn start_once(program: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for the browser's profile")?;
        let mut child = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", program.display()))?;
        let output = child.stdout.take().context("the driver has no output")?;
        let mut lines = BufReader::new(output).lines();
        let port = timeout(STARTUP_TIMEOUT, port(&mut lines))
            .await
            .with_context(|| format!("{} does not say that it has started", program.display()))??;
        Ok(Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            _folder: folder,
            _output: lines,
        })
    }

    /// Its URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Kills the driver and waits for its end.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("could not stop the driver")
    }
}

async fn port(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<u16> {
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port
                .trim_end_matches('.')
                .parse()
                .with_context(|| format!("not a port: {line}"));
        }
    }
    bail!("the driver ended before it had started")
}
