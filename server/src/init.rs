//! `countersign init`: a first configuration where there is none, then the console's table, or what keeps one that is there from being
//! used. A dry run says what would be done, and does nothing.

mod first;

use std::io::{IsTerminal, Write};

use futures::StreamExt;

use crate::cli::Init;
use crate::config::Config;
use crate::parts;

/// Prints what was done, a line each.
///
/// # Errors
/// The configuration is wrong, the table is there with another shape, or AWS does not do it.
pub async fn init(arguments: Init) -> anyhow::Result<()> {
    let file = &arguments.file.config;
    let mut stdout = std::io::stdout();
    if !file.exists() && (arguments.answers.any() || std::io::stdin().is_terminal()) {
        if first::first(file, &arguments.answers, arguments.dry_run)? {
            writeln!(stdout, "Then: countersign init --config {} --dry-run", file.display())?;
        }
        return Ok(());
    }
    let config = Config::read(file)?;
    if arguments.dry_run {
        return plan(&config).await;
    }
    let done = parts::worker(&config).await.create_console_table().await?;
    for sentence in &done {
        writeln!(stdout, "{sentence}")?;
    }
    if done.is_empty() {
        writeln!(stdout, "The table {} is there as it must be.", config.console_table)?;
    }
    Ok(())
}

/// What is to be done to the table, and what lies where the configuration points to.
async fn plan(config: &Config) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout();
    let aws = parts::worker(config).await;
    let faults = aws.check_console_table().await?;
    if faults.is_empty() {
        writeln!(stdout, "The table {} is there as it must be: init does nothing.", config.console_table)?;
    }
    for fault in faults {
        writeln!(stdout, "to do   {fault}")?;
    }
    let reports = config
        .authorities
        .iter()
        .map(|one| (one.report_bucket.as_str(), format!("audit-report/{}/", one.arn.id())));
    let trail = config.trail.iter().map(|trail| (trail.bucket.as_str(), format!("{}AWSLogs/", trail.prefix)));
    let ledger = config.ledger.iter().map(|ledger| (ledger.bucket.as_str(), ledger.prefix.clone()));
    for (bucket, prefix) in reports.chain(trail).chain(ledger) {
        let found = match aws.list_objects(bucket, &prefix).next().await {
            Some(Ok(_)) => "there is something".to_owned(),
            None => "nothing is there yet".to_owned(),
            Some(Err(error)) => domain::foreign::visible(&error.to_string()),
        };
        writeln!(stdout, "s3://{bucket}/{prefix}: {found}")?;
    }
    Ok(())
}
