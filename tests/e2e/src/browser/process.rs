//! The programs that a browser needs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::wait::STARTUP_TIMEOUT;

/// A child process, the first of a group of its own: a driver that is killed leaves its browser behind. Dropping it kills the group.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Held open: a closed pipe would end the process at its next write.
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}

impl Process {
    /// Starts a program, whose output can be read.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
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

    /// Kills it and all that it started, and waits for its end.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.kill_group();
        let ended = self.child.wait().await;
        ended.context("a program did not end")?;
        Ok(())
    }

    fn kill_group(&self) {
        // There is no id any more once the process has ended.
        let leader = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(leader) = leader.and_then(Pid::from_raw) {
            // The group may have ended by itself.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// Starts an X server on a free display, and returns its number.
    pub(super) async fn display(program: Option<&Path>) -> Result<(Self, u16)> {
        let program = program.map_or_else(|| OsStr::new("Xvfb"), Path::as_os_str);
        let mut command = Command::new(program);
        command.args(["-displayfd", "1", "-nolisten", "tcp"]);
        command.args(["-screen", "0", "1280x1024x24"]);
        let mut process = Self::start(&mut command)?;
        let number = process.number_after("").await?;
        Ok((process, number))
    }

    /// Reads the output up to the first number that follows `text`.
    pub(super) async fn number_after(&mut self, text: &str) -> Result<u16> {
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
