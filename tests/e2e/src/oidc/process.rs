//! The Node.js process that runs the providers of all tests of this process.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::LOG;
use crate::environment::Environment;
use crate::wait::STARTUP_TIMEOUT;

/// The script, beside the sources of this crate.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oidc-provider.mjs");

/// It ends when its standard input does, which is when this process ends.
#[derive(Debug)]
struct Process {
    control_port: u16,
    _child: Child,
    /// Held open: a closed pipe would end the script at its next write.
    _output: BufReader<ChildStdout>,
}

static PROCESS: OnceCell<Process> = OnceCell::const_new();

/// The port on which the process takes the settings of new providers. The first call starts the process.
pub(super) async fn control_port(environment: &Environment) -> Result<u16> {
    let process = PROCESS.get_or_try_init(|| start(environment.clone()));
    Ok(process.await?.control_port)
}

async fn start(environment: Environment) -> Result<Process> {
    let started = spawn_blocking(move || spawn(&environment));
    timeout(STARTUP_TIMEOUT, started)
        .await
        .context("the provider does not say that it has started")??
}

fn spawn(environment: &Environment) -> Result<Process> {
    let log = environment.artifacts.join(LOG);
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = Command::new(&environment.node)
        .arg(SCRIPT)
        .arg(&environment.oidc_provider)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .with_context(|| format!("could not start {}", environment.node.display()))?;
    let output = child.stdout.take().context("the provider has no output")?;
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line)?;
    let Some(port) = line.trim().strip_prefix("listening on ") else {
        bail!("the provider ended before it had started");
    };
    let control_port = port
        .parse()
        .with_context(|| format!("not a port: {line}"))?;
    Ok(Process {
        control_port,
        _child: child,
        _output: output,
    })
}
