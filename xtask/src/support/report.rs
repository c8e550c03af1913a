//! The output of a command: one line when a step begins, one when it ends, with the time it took.
//!
//! On a terminal a long step also shows a spinner with its latest line of output; elsewhere (CI logs, pipes) a line
//! every now and then shows that it is alive.

use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::durations;

/// How long a step may be silent in a log before it says that it still runs.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Writes one line to standard output.
pub(crate) fn line(text: impl Display) {
    // The test runner keeps back only what the print macros write, and those fail on a closed pipe.
    if cfg!(test) {
        return;
    }
    // Nothing reads a closed standard output; the command itself still has to finish. The spinners give way to the line.
    let _ = bars().suspend(|| writeln!(std::io::stdout().lock(), "{text}"));
}

/// Writes one line to standard error.
pub(crate) fn error_line(text: impl Display) {
    if cfg!(test) {
        return;
    }
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// How many steps run at this moment.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// A step that has begun. Several may run side by side.
#[derive(Debug)]
pub(crate) struct Step {
    name: String,
    started: Instant,
    last: Option<Duration>,
    /// Whether another step ran when this one began.
    is_beside_another: bool,
}

/// Announces a step, with the time that it took when it last ran to its end.
pub(crate) fn step(name: impl Display) -> Step {
    let name = name.to_string();
    let last = durations::last(&name);
    let expected = last.map(|last| format!(" (last time {})", seconds(last)));
    line(format_args!("==> {name}{}", expected.unwrap_or_default()));
    Step {
        name,
        started: Instant::now(),
        last,
        is_beside_another: RUNNING.fetch_add(1, Ordering::Relaxed) > 0,
    }
}

impl Step {
    /// Ends the step with the time it took.
    pub(crate) fn done(self) {
        self.end("done in ", "");
    }

    /// Ends the step with a remark and the time it took.
    pub(crate) fn done_with(self, remark: impl Display) {
        self.end(&format!("{remark} ("), ")");
    }

    fn end(self, before: &str, after: &str) {
        let took = self.started.elapsed();
        durations::record(&self.name, took);
        let took = seconds(took);
        // Beside other steps, the line above may be of one of them.
        if self.is_beside_another || RUNNING.load(Ordering::Relaxed) > 1 {
            line(format_args!("    {}: {before}{took}{after}", self.name));
        } else {
            line(format_args!("    {before}{took}{after}"));
        }
    }

    /// Shows that the step is alive while its output is kept back.
    pub(crate) fn activity(&self) -> Activity {
        let bar = if std::io::stderr().is_terminal() {
            let bar = bars().add(ProgressBar::new_spinner());
            let template = "    {spinner} {prefix}, {elapsed}: {wide_msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_prefix(self.name.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            Some(bar)
        } else {
            None
        };
        Activity {
            name: self.name.clone(),
            started: self.started,
            last: self.last,
            shown: Instant::now(),
            latest: String::new(),
            progress: None,
            bar,
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The spinners of all steps that run side by side.
fn bars() -> &'static MultiProgress {
    static BARS: OnceLock<MultiProgress> = OnceLock::new();
    BARS.get_or_init(MultiProgress::new)
}

/// A spinner on a terminal, an occasional line elsewhere.
#[derive(Debug)]
pub(crate) struct Activity {
    name: String,
    started: Instant,
    last: Option<Duration>,
    shown: Instant,
    latest: String,
    progress: Option<Progress>,
    bar: Option<ProgressBar>,
}

impl Activity {
    /// Shows the latest line of output, or `""` when only time has gone by.
    pub(crate) fn update(&mut self, latest: &str) {
        if let Some(progress) = Progress::of_cargo(latest) {
            self.progress = Some(progress);
        } else if !latest.trim().is_empty() {
            latest.trim().clone_into(&mut self.latest);
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.state());
        } else if self.shown.elapsed() >= HEARTBEAT {
            self.shown = Instant::now();
            let elapsed = seconds(self.started.elapsed());
            line(format_args!(
                "    … {}, {elapsed}: {}",
                self.name,
                self.state()
            ));
        }
    }

    fn state(&self) -> String {
        let last = self
            .last
            .map(|last| format!("last time {}; ", seconds(last)));
        let progress = self
            .progress
            .map(|Progress { done, total }| format!("{done} of {total} compiled; "));
        format!(
            "{}{}{}",
            progress.unwrap_or_default(),
            last.unwrap_or_default(),
            self.latest
        )
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    done: u32,
    total: u32,
}

impl Progress {
    /// Reads a progress bar of Cargo: `    Building [=====>     ] 42/120: syn, serde`.
    pub(crate) fn of_cargo(line: &str) -> Option<Self> {
        let (_, after_bar) = line
            .trim_start()
            .strip_prefix("Building [")?
            .split_once(']')?;
        let (done, total) = after_bar.split_once(':')?.0.trim().split_once('/')?;
        Some(Self {
            done: done.parse().ok()?,
            total: total.parse().ok()?,
        })
    }
}

/// `0.4 s`, `12.3 s`, `3 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_far_cargo_is() {
        let line = "    Building [=======>                 ] 143/489: lightningcss, syn(build)";
        let expected = Progress {
            done: 143,
            total: 489,
        };
        assert_eq!(Progress::of_cargo(line), Some(expected));
        assert_eq!(Progress::of_cargo("   Compiling syn v2.0.100"), None);
        assert_eq!(Progress::of_cargo("    Building [==> ] soon: 1/2"), None);
    }

    #[test]
    fn writes_short_times_with_a_decimal_and_long_ones_in_minutes() {
        assert_eq!(seconds(Duration::from_millis(410)), "0.4 s");
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
