//! `countersign ledger key`: makes a key, or shows one of AWS KMS.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use tlog::{PublicKey, SigningKey};

use crate::cli::LogKey;

/// Prints what belongs into the configuration.
///
/// # Errors
/// The name is none; the file cannot be written or is there; AWS does not show the key.
pub async fn key(arguments: &LogKey) -> anyhow::Result<()> {
    let LogKey { name, out, kms, region } = arguments;
    let public = match (out, kms) {
        (_, Some(key)) => {
            let der = super::aws(region).await.kms_public_key(key).await?;
            PublicKey::from_der(name, &der).with_context(|| format!("{name} with {key}"))?
        }
        (Some(out), None) => {
            let key = SigningKey::generate(name).with_context(|| name.clone())?;
            write_secret(out, &key)?;
            key.public().clone()
        }
        (None, None) => anyhow::bail!("say --out or --kms"),
    };
    writeln!(io::stdout(), "{public}")?;
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
