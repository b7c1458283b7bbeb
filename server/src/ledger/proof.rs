//! `countersign ledger proof`: one entry and its proof, without the log.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use domain::foreign;
use tlog::ProofFile;

use super::{log_keys, not_whole, say_cosigned, witnesses};
use crate::cli::EntryProof;

/// Prints the entry, if it is in the log.
///
/// # Errors
/// A file cannot be read.
pub fn proof(arguments: &EntryProof) -> anyhow::Result<ExitCode> {
    let (origin, keys) = log_keys(&arguments.key)?;
    let witnesses = witnesses(arguments.witness.as_deref())?;
    let name = arguments.file.display();
    let bytes = fs::read(&arguments.file).with_context(|| name.to_string())?;
    let mut out = io::stdout().lock();
    let read = ProofFile::parse(&bytes)
        .and_then(|proof| proof.verify(&origin, &keys, &witnesses).map(|opened| (proof, opened)));
    let (proof, opened) = match read {
        Ok(read) => read,
        Err(why) => return not_whole(&mut out, &format!("{name} proves nothing: {why}.")),
    };
    let (number, size) = (proof.index + 1, opened.checkpoint.size);
    writeln!(out, "ok      entry {number} of the log {origin}, in its checkpoint of {size} entries")?;
    for one in &opened.cosignatures {
        say_cosigned(&mut out, one)?;
    }
    if !witnesses.is_empty() && opened.cosignatures.is_empty() {
        return not_whole(&mut out, "No witness of --witness has cosigned its checkpoint.");
    }
    writeln!(out, "{}", foreign::visible(&String::from_utf8_lossy(&proof.entry)))?;
    Ok(ExitCode::SUCCESS)
}
