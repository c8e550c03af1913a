//! What people read while a command runs: one line when a step begins, one when it ends, with the time it took.
//!
//! On a terminal a long step also shows a spinner with its latest line of output; elsewhere (CI logs, pipes) a line
//! every now and then shows that it is alive.

use std::{
    fmt::Display,
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a step may be silent in a log before it says that it still runs.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Writes one line to standard output.
pub(crate) fn line(text: impl Display) {
    // The test runner keeps back only what the print macros write, and those fail on a closed pipe.
    if cfg!(test) {
        return;
    }
    // A closed standard output must not stop the command.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes one line to standard error.
pub(crate) fn error_line(text: impl Display) {
    if cfg!(test) {
        return;
    }
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A step that has begun.
#[derive(Debug)]
pub(crate) struct Step {
    started: Instant,
}

/// Announces a step.
pub(crate) fn step(name: impl Display) -> Step {
    line(format_args!("==> {name}"));
    Step {
        started: Instant::now(),
    }
}

impl Step {
    /// Ends the step with the time it took.
    pub(crate) fn done(self) {
        line(format_args!(
            "    done in {}",
            seconds(self.started.elapsed())
        ));
    }

    /// Ends the step with a remark and the time it took.
    pub(crate) fn done_with(self, remark: impl Display) {
        line(format_args!(
            "    {remark} ({})",
            seconds(self.started.elapsed())
        ));
    }

    /// Shows that the step is alive while its output is kept back.
    pub(crate) fn activity(&self) -> Activity {
        let bar = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("    {spinner} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            Some(bar)
        } else {
            None
        };
        Activity {
            started: self.started,
            told: Instant::now(),
            latest: String::new(),
            bar,
        }
    }
}

/// A spinner on a terminal, an occasional line elsewhere.
#[derive(Debug)]
pub(crate) struct Activity {
    started: Instant,
    told: Instant,
    latest: String,
    bar: Option<ProgressBar>,
}

impl Activity {
    /// Passes on the latest line of output, or `""` when only time has gone by.
    pub(crate) fn tell(&mut self, latest: &str) {
        if !latest.trim().is_empty() {
            latest.trim().clone_into(&mut self.latest);
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.latest.clone());
        } else if self.told.elapsed() >= HEARTBEAT {
            self.told = Instant::now();
            let elapsed = seconds(self.started.elapsed());
            line(format_args!("    … {elapsed}: {}", self.latest));
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
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
    fn writes_short_times_with_a_decimal_and_long_ones_in_minutes() {
        assert_eq!(seconds(Duration::from_millis(410)), "0.4 s");
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
