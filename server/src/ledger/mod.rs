//! `countersign ledger`: the log that the ledger is made into, looked at without a console, its table and its configuration.

mod against;
mod deeds;
mod key;
mod proof;
mod witness;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use console::log::{Files, Log, Verdict};
use countersign_aws::{Aws, InventorySettings, Process, Settings};
use domain::{Timestamp, foreign};
use tlog::{Checkpoint, Cosignature, Opened, PublicKey};

use crate::cli::{Ledger, LogPlace, VerifyLedger};

/// What the exit status says when the log is not whole.
const NOT_WHOLE: u8 = 2;

/// # Errors
/// It could not run; the message says why.
pub async fn ledger(command: Ledger) -> anyhow::Result<ExitCode> {
    match command {
        Ledger::Verify(arguments) => verify(*arguments).await,
        Ledger::Witness(arguments) => witness::witness(arguments).await,
        Ledger::Key(arguments) => key::key(&arguments).await.map(|()| ExitCode::SUCCESS),
        Ledger::Proof(arguments) => proof::proof(&arguments),
    }
}

async fn verify(arguments: VerifyLedger) -> anyhow::Result<ExitCode> {
    let witnesses = witnesses(arguments.witness.as_deref())?;
    let log = log(&arguments.place, &witnesses).await?;
    let mut out = io::stdout().lock();
    let since = match arguments.since.as_deref() {
        None => None,
        Some(file) => {
            let name = file.display();
            let text = fs::read(file).with_context(|| name.to_string())?;
            match Checkpoint::open(&text, &log.origin, &log.keys, &log.witnesses) {
                Ok(opened) => Some(opened),
                Err(why) => {
                    return not_whole(&mut out, &format!("{name} is not a checkpoint of this log: {why}."));
                }
            }
        }
    };
    let whole = match log.verify(since.as_ref().map(|since| &since.checkpoint)).await? {
        Verdict::Whole(whole) => whole,
        Verdict::Broken(why) => return not_whole(&mut out, &why),
        Verdict::Nothing => return not_whole(&mut out, "There is no checkpoint."),
    };
    let Opened { checkpoint, cosignatures } = &whole.opened;
    writeln!(out, "ok      the log {}: {} entries, root {}", log.origin, checkpoint.size, checkpoint.root)?;
    if whole.carried_over > 0 {
        writeln!(out, "ok      the chain of {} entries that was carried over", whole.carried_over)?;
    }
    let kept = since.as_ref().map(|since| &since.cosignatures);
    let cosigned: Vec<&Cosignature> = cosignatures.iter().chain(kept.into_iter().flatten()).collect();
    for one in &cosigned {
        say_cosigned(&mut out, one)?;
    }
    if let Some(since) = &since {
        writeln!(out, "ok      goes on from the {} entries that were kept", since.checkpoint.size)?;
    }
    if !witnesses.is_empty() && cosigned.is_empty() {
        return not_whole(&mut out, "No witness of --witness has cosigned it.");
    }
    match against::all(&arguments, &whole, &mut out).await? {
        Some(why) => not_whole(&mut out, &why),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn say_cosigned(out: &mut impl Write, one: &Cosignature) -> io::Result<()> {
    let at = i64::try_from(one.at).ok().and_then(|at| Timestamp::from_unix(at).ok());
    let at = at.map_or_else(|| "an unknown time".to_owned(), |at| at.to_string());
    writeln!(out, "ok      cosigned by {} at {at}", foreign::visible(&one.witness))
}

fn not_whole(out: &mut impl Write, why: &str) -> anyhow::Result<ExitCode> {
    writeln!(out, "FAILED  {}", foreign::visible(why))?;
    Ok(ExitCode::from(NOT_WHOLE))
}

/// The log that the command line names.
async fn log(place: &LogPlace, witnesses: &[PublicKey]) -> anyhow::Result<Log> {
    let (origin, keys) = log_keys(&place.key)?;
    let files = match place.log.strip_prefix("s3://") {
        Some(path) => {
            let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
            let prefix = match prefix {
                "" => String::new(),
                prefix => format!("{}/", prefix.trim_end_matches('/')),
            };
            Files::Bucket { aws: aws(&place.region).await, bucket: bucket.to_owned(), prefix }
        }
        None if Path::new(&place.log).is_dir() => Files::Directory(place.log.clone().into()),
        None => bail!("{} is neither a folder nor s3://BUCKET/PREFIX", place.log),
    };
    Ok(Log { files, origin: origin.into(), keys: keys.into(), witnesses: witnesses.into() })
}

/// Reads S3 with whatever credentials are around, and no table.
async fn aws(region: &str) -> Aws {
    Aws::load(Settings {
        process: Process::Web,
        region: region.to_owned(),
        console_table: String::new(),
        inventory: InventorySettings { table: String::new(), attributes: Default::default() },
    })
    .await
}

/// The log's name and keys.
fn log_keys(file: &Path) -> anyhow::Result<(String, Vec<PublicKey>)> {
    let keys = keys(file)?;
    let name = file.display();
    let Some(first) = keys.first() else { bail!("{name}: has no key in it") };
    if keys.iter().any(|key| key.cosigns() || key.name() != first.name()) {
        bail!("{name}: holds keys of more than one log, or of a witness");
    }
    Ok((first.name().to_owned(), keys))
}

/// Whose cosignature is asked for, if anybody's.
fn witnesses(file: Option<&Path>) -> anyhow::Result<Vec<PublicKey>> {
    let witnesses = file.map(keys).transpose()?.unwrap_or_default();
    if let Some(log) = witnesses.iter().find(|key| !key.cosigns()) {
        bail!("--witness: {log} is not the key of a witness: countersign ledger witness prints it");
    }
    Ok(witnesses)
}

/// The public keys in a file, one a line.
fn keys(file: &Path) -> anyhow::Result<Vec<PublicKey>> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| name.to_string())?;
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(index, line)| line.parse().with_context(|| format!("{name}: line {}", index + 1))).collect()
}
