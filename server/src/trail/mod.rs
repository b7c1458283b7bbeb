//! `countersign trail verify`: a downloaded trail, verified without AWS and without configuration.

mod json;
mod text;

use std::fs;
use std::io::{self, ErrorKind};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use console::Clock;
use domain::Timestamp;
use domain::trail::Proof;
use feeds::Bad;
use feeds::trail::key::LogKey;
use feeds::trail::{
    Directory, Known, Limits, Place, PublicKeys, Stored, Verification, content_sha256, verify,
};

use crate::cli::{OutputFormat, Trail, VerifyTrail};

/// What the exit status says when the trail is not whole.
const NOT_WHOLE: u8 = 2;

/// # Errors
/// It could not run; the message says why.
pub async fn trail(command: Trail) -> anyhow::Result<ExitCode> {
    let Trail::Verify(arguments) = command;
    let format = arguments.format;
    let (directory, found) = tokio::task::spawn_blocking(move || read(&arguments)).await??;
    show(&directory, &found, format)?;
    Ok(if found.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(NOT_WHOLE) })
}

fn read(arguments: &VerifyTrail) -> anyhow::Result<(Directory, Verification)> {
    let file = arguments.public_keys.display();
    let keys = fs::read(&arguments.public_keys).with_context(|| file.to_string())?;
    let keys = PublicKeys::from_json(&keys).with_context(|| file.to_string())?;
    let folder = arguments.directory.display();
    let directory = Directory::open(&arguments.directory).with_context(|| folder.to_string())?;
    if directory.digests.is_empty() {
        bail!(
            "{folder}: there is no digest below it, so nothing can be verified ({} log files). Download all of AWSLogs, \
             and see that the trail has log file validation switched on.",
            directory.logs.len()
        );
    }
    let found =
        verify(&directory, &keys, &limits(arguments.from, arguments.to, arguments.logs_expire_after), known)
            .with_context(|| folder.to_string())?;
    Ok((directory, found))
}

/// What lies outside, or was removed by a lifecycle rule so long after its delivery, is not looked for.
pub fn limits(from: Option<Timestamp>, to: Option<Timestamp>, expire_after: Option<Duration>) -> Limits {
    Limits { from, to, removed_before: expire_after.map(|age| Clock::system().now().minus(age)) }
}

fn known(log: &Stored<LogKey>) -> io::Result<Known> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", log.path.display()));
    match content_sha256(log.open().map_err(named)?) {
        Ok(sha256) => Ok(Known::Present { sha256 }),
        Err(Bad::Io(error)) => Err(named(error)),
        Err(error) => Ok(Known::Unreadable(error.to_string())),
    }
}

/// Whoever stops reading, as `head` does, has read enough: the exit status still tells.
fn show(directory: &Directory, found: &Verification, format: OutputFormat) -> io::Result<()> {
    let stdout = io::BufWriter::new(io::stdout().lock());
    let written = match format {
        OutputFormat::Text => text::write(directory, found, stdout),
        OutputFormat::Json => json::write(directory, found, stdout),
    };
    written.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Log files by how far they can be trusted.
#[derive(Default, serde::Serialize)]
struct Files {
    proven: u64,
    /// No digest vouches for them: they are older or newer than the digests, or those cannot be verified.
    unproven: u64,
    altered: u64,
}

fn files(directory: &Directory, found: &Verification, place: &Place) -> Files {
    let mut files = Files::default();
    for (log, proof) in directory.logs.iter().zip(&found.logs) {
        let name = &log.name;
        if Place::of(&name.organization, &name.account, &name.region) == *place {
            *match proof {
                Proof::Proven => &mut files.proven,
                Proof::Altered => &mut files.altered,
                Proof::Unproven | Proof::Missing => &mut files.unproven,
            } += 1;
        }
    }
    files
}
