//! The log: JSON lines on standard output, which Lambda passes on to the log group.

/// Writes one flat JSON object for each event from now on.
///
/// # Panics
///
/// When the process already has a log.
pub fn log_to_stdout() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false)
        .init();
}
