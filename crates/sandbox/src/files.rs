//! Files of the data directory: written whole or not at all, and readable by their owner only.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Context;

/// Replaces `path` by `content` in one step.
pub(crate) fn replace(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let temporary = path.with_extension("tmp");
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().with_context(|| format!("could not write {}", path.display()))
}

/// Makes a directory, and those above it, that nobody else on this machine can enter.
pub(crate) fn private_dir(path: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("could not create {}", path.display()))
}
