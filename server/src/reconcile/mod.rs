//! `countersign reconcile`: a run without a browser, or a comparison of downloaded files without AWS.

mod offline;
mod online;

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use console::reconciliation::{Reconciliation, Verdict};
use domain::Severity;

use crate::cli::{OutputFormat, Reconcile};

/// What the exit status says when there are findings, and when not everything could be compared.
const FINDINGS: u8 = 2;
const INCOMPLETE: u8 = 3;

/// # Errors
/// It could not run; the message says why.
pub async fn reconcile(arguments: Reconcile) -> anyhow::Result<ExitCode> {
    let reconciliation = match &arguments.report {
        Some(report) => offline::reconcile(report.clone(), &arguments).await?,
        // Clap demands it without a report.
        None => {
            online::reconcile(&arguments.file.config, arguments.authority.as_deref().unwrap_or("")).await?
        }
    };
    let severity = arguments.fail_on.into();
    show(&reconciliation, severity, arguments.format)?;
    Ok(match reconciliation.verdict(severity) {
        Verdict::Clean => ExitCode::SUCCESS,
        Verdict::Findings => ExitCode::from(FINDINGS),
        Verdict::Incomplete => ExitCode::from(INCOMPLETE),
    })
}

/// Whoever stops reading, as `head` does, has read enough: the exit status still tells.
fn show(reconciliation: &Reconciliation, severity: Severity, format: OutputFormat) -> io::Result<()> {
    let stdout = io::stdout().lock();
    let written = match format {
        OutputFormat::Text => reconciliation.write_text(stdout),
        OutputFormat::Json => reconciliation.write_json(severity, stdout),
    };
    written.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
