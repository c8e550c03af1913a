//! The log: JSON lines on standard output, which Lambda writes to the log group.

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Which lines of the Lambda runtime are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeErrors {
    /// A line about each invocation that ends in an error.
    Logged,
    /// None, because an error is an ordinary answer of this function.
    Omitted,
}

/// Writes one flat JSON object for each event from now on.
///
/// # Panics
///
/// When the process already has a log.
pub(crate) fn log_to_stdout(runtime_errors: RuntimeErrors) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false);
    let level = match runtime_errors {
        RuntimeErrors::Logged => LevelFilter::INFO,
        RuntimeErrors::Omitted => LevelFilter::OFF,
    };
    let filter = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("lambda_runtime::layers::panic", level);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
}
