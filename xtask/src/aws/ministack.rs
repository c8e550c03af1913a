//! MiniStack, a local AWS on one port, as a child process.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::process::Command;

use super::LOCAL_REGION;
use crate::support::{
    http_probe,
    ports::{self, Holder},
    process::Group,
};

/// The name of its log in its folder.
const LOG: &str = "ministack.log";

/// How long to wait before asking its services again.
pub(crate) const POLL: Duration = Duration::from_millis(200);

const HEALTHY_WITHIN: Duration = Duration::from_mins(1);

/// A running MiniStack. Dropping it stops it, together with the Lambda functions it started.
#[derive(Debug)]
pub(crate) struct MiniStack {
    port: u16,
    log: PathBuf,
    group: Group,
}

impl MiniStack {
    /// Starts `program` on `port`, with its files and its log in `folder`, and waits until it answers.
    ///
    /// # Errors
    /// When it ends early or does not answer in time; the message then carries the end of its log.
    pub(crate) async fn start(program: &Path, port: u16, folder: &Path) -> Result<Self> {
        let log = folder.join(LOG);
        let temporary = temporary_folder(folder);
        crate::support::cache::remove_folder(&temporary)?;
        std::fs::create_dir_all(&temporary)
            .with_context(|| format!("could not create {}", temporary.display()))?;
        let output =
            File::create(&log).with_context(|| format!("could not create {}", log.display()))?;
        let mut command = Command::new(program);
        // The user's own AWS settings must not reach the local cloud or its Lambda functions.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", LOCAL_REGION)
            .env("LAMBDA_EXECUTOR", "local")
            // MiniStack hands it on to the functions, whose clients would otherwise call AWS.
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
            .env("TMPDIR", &temporary)
            .stdout(output.try_clone().context("could not share the log")?)
            .stderr(output);
        let mut ministack = Self {
            port,
            log,
            group: Group::spawn(command)?,
        };
        ministack.wait_until_healthy().await?;
        Ok(ministack)
    }

    async fn wait_until_healthy(&mut self) -> Result<()> {
        let started = Instant::now();
        while !answers(self.port).await {
            tokio::select! {
                ended = self.group.wait() => bail!("{}", self.ended(&ended?.to_string())),
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
            if started.elapsed() > HEALTHY_WITHIN {
                bail!(
                    "MiniStack does not answer on port {} after {} s; its log, {}, ends:\n{}",
                    self.port,
                    HEALTHY_WITHIN.as_secs(),
                    self.log.display(),
                    last_lines(&self.log)
                );
            }
        }
        Ok(())
    }

    /// What it writes while it runs.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Waits until it ends by itself, and says so.
    pub(crate) async fn failure(&mut self) -> anyhow::Error {
        match self.group.wait().await {
            Ok(status) => anyhow!("{}", self.ended(&status.to_string())),
            Err(error) => error,
        }
    }

    fn ended(&self, status: &str) -> String {
        format!(
            "MiniStack ended by itself ({status}); its log, {}, ends:\n{}",
            self.log.display(),
            last_lines(&self.log)
        )
    }
}

/// The address of a local cloud on `port`.
pub(crate) fn url(port: u16) -> String {
    format!("http://localhost:{port}")
}

/// Makes sure that `port` is free.
///
/// # Errors
/// When it is taken; the message names the holder and `flag`, which chooses another port.
pub(crate) async fn require_free_port(port: u16, flag: &str, folder: &Path) -> Result<()> {
    if !ports::is_taken(port)? {
        return Ok(());
    }
    let holder = if answers(port).await {
        Holder::MiniStack(left_over_process(folder, port))
    } else {
        Holder::Unknown
    };
    bail!("{}", ports::taken_message(port, flag, holder))
}

/// MiniStack notes its process in its temporary folder.
fn left_over_process(folder: &Path, port: u16) -> Option<u32> {
    let file = temporary_folder(folder).join(format!("ministack-{port}.pid"));
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn temporary_folder(folder: &Path) -> PathBuf {
    folder.join("tmp")
}

async fn answers(port: u16) -> bool {
    let url = format!("http://127.0.0.1:{port}/_ministack/health");
    let answer = http_probe::get(&url).await;
    answer.is_ok_and(|(status, body)| status.is_success() && is_health(&body))
}

/// Whether `body` is what MiniStack says of its health. A site that serves its page at any address
/// answers, too.
fn is_health(body: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(body)
        .is_ok_and(|health| health["services"].is_object())
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let first = lines.len().saturating_sub(20);
    lines
        .iter()
        .skip(first)
        .map(|line| format!("      {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_served_at_any_address_is_not_taken_for_a_ministack() {
        assert!(is_health(
            r#"{"services": {"s3": "available"}, "edition": "full"}"#
        ));
        assert!(!is_health("<!DOCTYPE html><title>Velvet Rope</title>"));
        assert!(!is_health(r#"{"status": "ok"}"#));
    }

    #[test]
    fn reads_the_process_of_a_left_over_ministack() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(left_over_process(folder.path(), 4566), None);
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        std::fs::write(folder.path().join("tmp/ministack-4566.pid"), "77").unwrap();
        assert_eq!(left_over_process(folder.path(), 4566), Some(77));
        assert_eq!(left_over_process(folder.path(), 4567), None);
    }
}
