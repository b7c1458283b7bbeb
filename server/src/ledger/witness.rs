//! `countersign ledger witness`: somebody outside remembers how far the log was, and cosigns only what goes on from there
//! (c2sp.org/tlog-cosignature).

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use console::Clock;
use console::log::{Files, Log, Signed};
use tlog::{Checkpoint, SigningKey, witness_path};

use super::key::write_secret;
use super::{log, not_whole};
use crate::cli::Witness;

const KEY: &str = "witness.key";
const CHECKPOINT: &str = "checkpoint";

/// Looks once.
///
/// # Errors
/// The log or the state cannot be read, or the state not written.
pub async fn witness(arguments: Witness) -> anyhow::Result<ExitCode> {
    let log = log(&arguments.place, &[]).await?;
    let state = &arguments.state;
    fs::create_dir_all(state).with_context(|| state.display().to_string())?;
    // One after the other, and before the log is looked at: who is slow must not put an older checkpoint over a newer one.
    let lock = File::create(state.join("lock")).and_then(|lock| lock.lock().map(|()| lock));
    let _held = lock.with_context(|| state.display().to_string())?;
    let key = own_key(&state.join(KEY), &arguments.name)?;
    let mut out = io::stdout().lock();
    writeln!(out, "witness {}", key.cosigner())?;
    let signed = match log.checkpoint().await? {
        Ok(Some(signed)) => signed,
        Ok(None) => {
            return not_whole(&mut out, "There is no checkpoint: it was taken away, or is not there yet.");
        }
        Err(why) => return not_whole(&mut out, &format!("The checkpoint is not to be believed: {why}.")),
    };
    let seen = seen(&log, &state.join(CHECKPOINT))?;
    if let Some(seen) = &seen
        && let Some(why) = differs(&log, seen, &signed.opened.checkpoint).await?
    {
        // Both are signed by the log: together they prove it to anybody.
        let evidence = state.join(format!("conflict-{}", signed.opened.checkpoint.size));
        fs::write(&evidence, &signed.note).with_context(|| evidence.display().to_string())?;
        return not_whole(&mut out, &format!("{why} Its checkpoint is kept in {}.", evidence.display()));
    }
    let cosigned = cosign(&signed, &key, &state.join(CHECKPOINT))?;
    if arguments.publish {
        publish(&log, &key, &cosigned).await?;
    }
    let Checkpoint { size, root, .. } = &signed.opened.checkpoint;
    let from =
        seen.map_or_else(|| "the first one seen".to_owned(), |seen| format!("goes on from {}", seen.size));
    writeln!(out, "ok      {size} entries, root {root}: {from}")?;
    Ok(ExitCode::SUCCESS)
}

fn own_key(path: &Path, name: &str) -> anyhow::Result<SigningKey> {
    let named = || path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => text.parse().with_context(named),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = SigningKey::generate(name).with_context(|| name.to_owned())?;
            write_secret(path, &key)?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(named),
    }
}

/// The checkpoint that was cosigned last.
fn seen(log: &Log, path: &Path) -> anyhow::Result<Option<Checkpoint>> {
    let named = || path.display().to_string();
    match fs::read(path) {
        Ok(note) => {
            let opened = Checkpoint::open(&note, &log.origin, &log.keys, &[]).with_context(named)?;
            Ok(Some(opened.checkpoint))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(named),
    }
}

/// How the log does not go on from what was seen.
async fn differs(log: &Log, seen: &Checkpoint, now: &Checkpoint) -> anyhow::Result<Option<String>> {
    Ok(match now.size {
        size if size < seen.size => Some(format!(
            "The log has gone back: it had {} entries when it was seen last, and signs for {size} now.",
            seen.size
        )),
        size if size == seen.size && now.root != seen.root => Some(format!(
            "The log is forked: for its {size} entries it has signed the root {}, and {} now.",
            seen.root, now.root
        )),
        size => log.goes_on(seen, now).await?.err().map(|_| {
            format!(
                "The log was rewritten: its {size} entries do not begin with the {} that were seen last.",
                seen.size
            )
        }),
    })
}

/// Keeps the checkpoint with the cosignature.
fn cosign(signed: &Signed, key: &SigningKey, path: &Path) -> anyhow::Result<Vec<u8>> {
    let at = u64::try_from(Clock::system().now().unix()).unwrap_or(0);
    let mut note = signed.note.clone();
    note.extend(signed.opened.checkpoint.cosign(key, at)?);
    let temporary = path.with_extension("new");
    // On the disk before anybody is told: a witness that forgets what it has cosigned cosigns a fork.
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(&note)?;
        file.sync_all()
    });
    written.with_context(|| temporary.display().to_string())?;
    let renamed = fs::rename(&temporary, path).and_then(|()| match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    });
    renamed.with_context(|| path.display().to_string())?;
    Ok(note)
}

/// Leaves it where the console's pages look for it.
async fn publish(log: &Log, key: &SigningKey, cosigned: &[u8]) -> anyhow::Result<()> {
    let path = witness_path(&key.cosigner());
    match &log.files {
        Files::Directory(directory) => {
            let path = directory.join(path);
            let named = || path.display().to_string();
            fs::create_dir_all(path.parent().unwrap_or(directory)).with_context(named)?;
            fs::write(&path, cosigned).with_context(named)
        }
        Files::Bucket { aws, bucket, prefix } => {
            let key = format!("{prefix}{path}");
            let is_written = match log.files.read(&path).await? {
                Some(before) => aws.put_over(bucket, &key, cosigned, &before.etag).await?,
                None => aws.put_new(bucket, &key, cosigned).await?,
            };
            anyhow::ensure!(is_written, "s3://{bucket}/{key}: another one writes there");
            Ok(())
        }
    }
}
