//! Child processes. Each runs in a process group of its own, so that stopping it stops all that it started:
//! `cargo` and its `rustc`s, MiniStack and its Lambda functions, Trunk and its builds.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    fs::File,
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

use super::report::{Progress, Step};

/// How long a process may take to end by itself once asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Lines of output repeated when a command fails.
const TAIL: usize = 60;

/// What a terminal takes as "clear this line". Cargo writes it after its progress bar.
const CLEAR_LINE: &str = "\u{1b}[K";

/// A running process and everything it started. Dropping it stops them all.
#[derive(Debug)]
pub(crate) struct Group {
    name: String,
    child: Child,
    leader: Option<Pid>,
}

impl Group {
    /// Starts `command` with no standard input.
    ///
    /// # Errors
    /// When the program is missing or cannot be started.
    pub(crate) fn spawn(mut command: Command) -> Result<Self> {
        let name = shown(&command);
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("could not start `{name}`"))?;
        let leader = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        Ok(Self {
            name,
            child,
            leader,
        })
    }

    /// Waits for the process to end by itself.
    ///
    /// # Errors
    /// When the operating system reports an error.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus> {
        self.child
            .wait()
            .await
            .with_context(|| format!("could not wait for `{}`", self.name))
    }

    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(leader) = self.leader else { return };
        if self.is_running() {
            // An error here means that the group is already gone.
            let _ = kill_process_group(leader, Signal::TERM);
            let asked = Instant::now();
            while self.is_running() && asked.elapsed() < GRACE {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        // Processes that ignored the request, or outlived the leader.
        let _ = kill_process_group(leader, Signal::KILL);
        let _ = self.child.try_wait();
    }
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let command = command.as_std();
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(command.get_program()))
        .chain(command.get_args())
        .map(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.is_empty() || word.contains([' ', '"', '\'', '$', '*', '(']) {
        format!("'{}'", word.replace('\'', "'\\''"))
    } else {
        word.into_owned()
    }
}

/// Runs `command` to its end with its output in full view.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) async fn run(command: Command) -> Result<()> {
    let name = shown(&command);
    let status = run_to_end(command).await?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// Runs `command` to its end with its output in full view.
///
/// # Errors
/// When it cannot be started. The caller decides what its exit status means.
pub(crate) async fn run_to_end(command: Command) -> Result<ExitStatus> {
    Group::spawn(command)?.wait().await
}

/// Runs `command` to its end, handing each line of its standard output to `each_line`.
///
/// # Errors
/// When it cannot be started. The caller decides what its exit status means.
pub(crate) async fn run_reading(
    mut command: Command,
    mut each_line: impl FnMut(&str),
) -> Result<ExitStatus> {
    command.stdout(Stdio::piped());
    let mut group = Group::spawn(command)?;
    read(&mut group, |line| line.into_iter().for_each(&mut each_line)).await
}

/// Runs `command` to its end, handing each line of its standard output and of its standard error to `each_line`.
///
/// # Errors
/// When it cannot be started. The caller decides what its exit status means.
pub(crate) async fn run_reading_all(
    mut command: Command,
    each_line: impl FnMut(&str),
) -> Result<ExitStatus> {
    command.stderr(Stdio::piped());
    run_reading(command, each_line).await
}

/// Reads what the leader of `group` writes to its pipes until it ends; once a second without
/// output, hands on `None`.
async fn read(group: &mut Group, mut hand_on: impl FnMut(Option<&str>)) -> Result<ExitStatus> {
    let (sender, mut lines) = mpsc::unbounded_channel();
    if let Some(output) = group.child.stdout.take() {
        tokio::spawn(forward(output, sender.clone()));
    }
    if let Some(output) = group.child.stderr.take() {
        tokio::spawn(forward(output, sender));
    }
    let status = loop {
        tokio::select! {
            Some(line) = lines.recv() => hand_on(Some(&line)),
            status = group.wait() => break status?,
            () = tokio::time::sleep(Duration::from_secs(1)) => hand_on(None),
        }
    };
    // Not until the pipes close: something that outlived the leader may hold them open.
    while let Ok(Some(line)) = tokio::time::timeout(Duration::from_millis(500), lines.recv()).await
    {
        hand_on(Some(&line));
    }
    Ok(status)
}

async fn forward(output: impl AsyncRead + Unpin, lines: mpsc::UnboundedSender<String>) {
    let mut output = BufReader::new(output).split(b'\n');
    while let Ok(Some(line)) = output.next_segment().await {
        // Cargo writes its progress bar again and again, with returns between, before the line that follows it.
        for part in String::from_utf8_lossy(&line).split('\r') {
            let part = part.trim_start_matches(CLEAR_LINE).trim_end();
            if lines.send(part.to_owned()).is_err() {
                return;
            }
        }
    }
}

/// Runs `command` to its end and returns what it wrote to standard output.
///
/// # Errors
/// When it cannot be started or fails; the message then carries its standard error.
pub(crate) async fn output(mut command: Command) -> Result<String> {
    let name = shown(&command);
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("could not start `{name}`"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{name}` failed ({}): {}", output.status, stderr.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a long `command` to its end, showing only that it is alive and how far it is; all its output goes to `log`.
///
/// # Errors
/// When it cannot be started or fails; the message then carries its last lines and how to repeat it alone.
pub(crate) async fn run_condensed(mut command: Command, step: &Step, log: &Path) -> Result<()> {
    use std::io::Write as _;

    if let Some(parent) = log.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("create {}", parent.display()))?;
    }
    let mut log_file = File::create(log).with_context(|| format!("create {}", log.display()))?;
    let repeated = to_repeat(&command);
    command
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::spawn(command)?;
    let mut tail = VecDeque::with_capacity(TAIL);
    let mut activity = step.activity();
    let status = read(&mut group, |line| {
        activity.update(line.unwrap_or_default());
        if let Some(line) = line.filter(|line| Progress::of_cargo(line).is_none()) {
            // The log is a convenience: a full disk makes the command itself fail, too.
            let _ = writeln!(log_file, "{line}");
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(line.to_owned());
        }
    })
    .await?;
    drop(activity);
    if status.success() {
        return Ok(());
    }
    let tail = Vec::from(tail).join("\n      ");
    Err(anyhow!(
        "`{}` failed ({status}); its last lines:\n      {tail}\n    all of its output: {}\n    \
         to repeat this step alone: {repeated}",
        group.name,
        log.display()
    ))
}

/// A line for a shell that runs `command` again: with its folder and its variables, but its `PATH` only where the
/// command changes it.
fn to_repeat(command: &Command) -> String {
    let own_path = std::env::var_os("PATH").unwrap_or_default();
    let variables = command.as_std().get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        let addition = value.strip_suffix(&*own_path.to_string_lossy());
        Some(match addition.filter(|_| name == "PATH") {
            Some(addition) => format!("PATH={}\"$PATH\" ", quoted(addition.as_ref())),
            None => format!("{}={} ", name.display(), quoted(value.as_ref().as_ref())),
        })
    });
    let folder = command.as_std().get_current_dir();
    let folder = folder.map(|folder| format!("cd {} && ", quoted(folder.as_os_str())));
    let program = quoted(command.as_std().get_program());
    let arguments = command.as_std().get_args().map(quoted);
    let words: Vec<_> = std::iter::once(program).chain(arguments).collect();
    format!(
        "{}{}{}",
        folder.unwrap_or_default(),
        variables.collect::<String>(),
        words.join(" ")
    )
}

/// The program `name` on `PATH`.
pub(crate) fn find_program(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The value of `PATH` with `folders` in front.
///
/// # Errors
/// When a folder cannot be part of `PATH`.
pub(crate) fn path_with(folders: &[&Path]) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let rest = std::env::split_paths(&path);
    let all = folders
        .iter()
        .map(|folder| folder.to_path_buf())
        .chain(rest);
    std::env::join_paths(all).context("a tool's folder cannot be part of PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn quotes_only_the_words_that_need_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["install", "--version", "1", "two words", "it's"]);
        assert_eq!(
            shown(&command),
            "cargo install --version 1 'two words' 'it'\\''s'"
        );
    }

    #[tokio::test]
    async fn a_dropped_group_takes_its_grandchildren_along() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!(
            "sh -c 'echo $$ > {}; exec sleep 600' & wait",
            file.display()
        );
        let group = Group::spawn(shell(&script)).unwrap();
        let grandchild = loop {
            match std::fs::read_to_string(&file) {
                Ok(text) if text.ends_with('\n') => break text.trim().parse::<i32>().unwrap(),
                _ => tokio::task::yield_now().await,
            }
        };
        drop(group);
        let grandchild = Pid::from_raw(grandchild).unwrap();
        while !is_gone(grandchild) {
            tokio::task::yield_now().await;
        }
    }

    /// A process that was not waited for yet still has an entry, as a zombie.
    fn is_gone(process: Pid) -> bool {
        let stat = format!("/proc/{}/stat", process.as_raw_nonzero());
        rustix::process::test_kill_process(process).is_err()
            || std::fs::read_to_string(stat).is_ok_and(|stat| stat.contains(") Z "))
    }

    #[tokio::test]
    async fn a_failed_command_tells_its_last_lines_and_where_the_rest_is() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let step = crate::support::report::step("a command that fails");
        let failure = run_condensed(
            shell("echo first; echo no such file >&2; exit 3"),
            &step,
            &log,
        )
        .await
        .unwrap_err()
        .to_string();
        assert!(failure.contains("exit status: 3"), "{failure}");
        assert!(failure.contains("no such file"), "{failure}");
        assert!(failure.contains(&log.display().to_string()), "{failure}");
        assert!(std::fs::read_to_string(&log).unwrap().contains("first"));
    }

    #[tokio::test]
    async fn takes_a_progress_bar_and_the_line_that_replaces_it_apart() {
        let mut lines = Vec::new();
        let command = shell(r"printf '   Building [=> ] 1/2: syn\r\033[K   Compiling syn v2\n'");
        run_reading(command, |line| lines.push(line.to_owned()))
            .await
            .unwrap();
        assert_eq!(lines, ["   Building [=> ] 1/2: syn", "   Compiling syn v2"]);
    }

    #[test]
    fn the_line_that_repeats_a_command_runs_in_a_shell() {
        let mut command = shell("printf %s \"$GREETING $PWD\"");
        command.env("GREETING", "it's").current_dir("/");
        command.env("PATH", path_with(&[Path::new("/some/tools")]).unwrap());
        let line = to_repeat(&command);
        assert!(line.contains("PATH=/some/tools:\"$PATH\""), "{line}");
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .output();
        assert_eq!(output.unwrap().stdout, b"it's /");
    }

    #[tokio::test]
    async fn reads_all_lines_and_does_not_wait_for_what_outlives_the_command() {
        let mut lines = Vec::new();
        let command = shell("echo one; echo two; sleep 600 & exit 4");
        let status = run_reading(command, |line| lines.push(line.to_owned()))
            .await
            .unwrap();
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.code(), Some(4));
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let failure = run(Command::new("no-such-program"))
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(failure, "could not start `no-such-program`");
    }
}
