//! `countersign init`: makes the console's table, or says what keeps one that is there from being used.

use std::io::Write;
use std::path::Path;

use crate::config::Config;
use crate::parts;

/// Prints what was done, a line each.
///
/// # Errors
/// The configuration is wrong, the table is there with another shape, or AWS does not do it.
pub async fn init(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file)?;
    let done = parts::worker(&config).await.create_console_table().await?;
    let mut stdout = std::io::stdout();
    for sentence in &done {
        writeln!(stdout, "{sentence}")?;
    }
    if done.is_empty() {
        writeln!(stdout, "The table {} is there as it must be.", config.console_table)?;
    }
    Ok(())
}
