//! The log, on standard error: text for people, or an object in JSON for each event.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::config::LogFormat;

/// Logs what the filter lets through from now on: a level, or directives as `info,hooklatch::worker=debug`.
///
/// # Errors
/// The filter cannot be read.
pub(super) fn begin(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| format!("{filter:?} is no log level or filter: {error}"))?;
    // A closed standard error is no reason to panic.
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .log_internal_errors(false);
    let registry = tracing_subscriber::registry().with(filter);
    let begun = match format {
        LogFormat::Text => registry
            .with(lines.with_ansi(io::stderr().is_terminal()))
            .try_init(),
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_span_list(false))
            .try_init(),
    };
    begun.map_err(|error| error.to_string())
}
