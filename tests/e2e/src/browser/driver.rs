//! The WebDriver server. Each test has its own, so that no process outlives its test.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::engine::{Engine, Programs};
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

/// A child process, the first of a group of its own: a driver that is killed leaves its browser behind. Dropping it kills the group.
#[derive(Debug)]
struct Process {
    child: Child,
    /// Held open: a closed pipe would end the process at its next write.
    lines: Lines<BufReader<ChildStdout>>,
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

    /// Its URL.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Kills the driver and waits for its end.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.process.kill_group();
        let ended = self.process.child.wait().await;
        ended.context("could not stop the driver")?;
        Ok(())
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

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        let name = command.as_std().get_program().to_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", name.display()))?;
        let output = child.stdout.take().context("the process has no output")?;
        let lines = BufReader::new(output).lines();
        Ok(Self { child, lines })
    }

    /// Kills it and all that it started.
    fn kill_group(&self) {
        // There is no id any more once the process has ended.
        let leader = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(leader) = leader.and_then(Pid::from_raw) {
            // The group may have ended by itself.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// Starts an X server on a free display, and returns its number.
    async fn display(program: Option<&Path>) -> Result<(Self, u16)> {
        let program = program.map_or_else(|| OsStr::new("Xvfb"), Path::as_os_str);
        let mut command = Command::new(program);
        command.args(["-displayfd", "1", "-nolisten", "tcp"]);
        command.args(["-screen", "0", "1280x1024x24"]);
        let mut process = Self::start(&mut command)?;
        let number = process.number_after("").await?;
        Ok((process, number))
    }

    /// Reads the output up to the first number that follows `text`.
    async fn number_after(&mut self, text: &str) -> Result<u16> {
        let number = timeout(STARTUP_TIMEOUT, async {
            while let Some(line) = self.lines.next_line().await? {
                if let Some((_, number)) = line.split_once(text) {
                    return number
                        .trim_end_matches('.')
                        .parse()
                        .with_context(|| format!("not a number: {line}"));
                }
            }
            bail!("a program ended before it had started")
        });
        let number = number.await;
        number.context("a program does not say that it has started")?
    }
}
