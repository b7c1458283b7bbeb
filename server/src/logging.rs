//! Log lines on standard error, one for each event. What strangers wrote cannot end a line or colour a terminal.

use std::io::{self, Write};

use clap::ValueEnum;
use domain::foreign;
use tracing_subscriber::EnvFilter;

/// The variable that filters what is logged.
const FILTER: &str = "COUNTERSIGN_LOG";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// To be called once, first of all. Panics are logged like everything else.
///
/// # Errors
/// The filter in the environment cannot be read.
pub fn start(format: LogFormat) -> anyhow::Result<()> {
    let filter = match std::env::var(FILTER) {
        Ok(directives) => EnvFilter::try_new(directives)
            .map_err(|error| anyhow::anyhow!("{FILTER} is not a filter: {error}"))?,
        Err(_) => EnvFilter::new("info"),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(move || OneLine { to: io::stderr(), format });
    match format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, message, "a panic: this is a fault in Countersign");
    }));
    Ok(())
}

/// Escapes everything hidden but the newline at the end. An event is one call of `write`.
struct OneLine<W> {
    to: W,
    format: LogFormat,
}

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let mut escaped = match self.format {
            LogFormat::Text => foreign::line(line),
            LogFormat::Json => foreign::json(line),
        };
        escaped.push('\n');
        self.to.write_all(escaped.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_one_line_whatever_strangers_wrote() {
        let mut written = Vec::new();
        let hostile = "person=eve\r\nINFO person=root \u{1b}[2J\u{9b}31m \u{202e}txt.exe\tü\n";
        OneLine { to: &mut written, format: LogFormat::Text }.write_all(hostile.as_bytes()).unwrap();
        let expected = "person=eve\\r\\nINFO person=root \\u{1b}[2J\\u{9b}31m \\u{202e}txt.exe\\tü\n";
        assert_eq!(String::from_utf8(written).unwrap(), expected);

        // In JSON it stays what it is, and readable by machines.
        let mut written = Vec::new();
        let event = serde_json::json!({"person": hostile, "tag": "\u{e0041}"}).to_string() + "\n";
        OneLine { to: &mut written, format: LogFormat::Json }.write_all(event.as_bytes()).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(!written.trim_end().contains(foreign::is_hidden), "{written}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap(),
            serde_json::from_str::<serde_json::Value>(&event).unwrap()
        );
    }
}
