//! `countersign ledger key`: makes a key.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use tlog::SigningKey;

use crate::cli::NewKey;

/// Prints what belongs into the configuration.
///
/// # Errors
/// The name is none, or the file cannot be written or is there.
pub fn key(arguments: &NewKey) -> anyhow::Result<()> {
    let key = SigningKey::generate(&arguments.name).with_context(|| arguments.name.clone())?;
    write_secret(&arguments.out, &key)?;
    writeln!(io::stdout(), "{}", key.public())?;
    Ok(())
}

/// Writes a new file that its owner alone can read.
pub(super) fn write_secret(path: &Path, key: &SigningKey) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| path.display().to_string())?;
    writeln!(file, "{}", key.secret())?;
    file.sync_all().with_context(|| path.display().to_string())
}
