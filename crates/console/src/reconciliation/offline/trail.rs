//! The third record of an offline reconciliation: a downloaded trail, an `AWSLogs` tree with or without its digests.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::reconcile::TrailContext;
use domain::run::Unreadable;
use domain::trail::{Coverage, Event, Issuers, Proof, Span};
use domain::{AuthorityArn, Timestamp};
use feeds::trail::{Directory, Known, Limits, LogReader, PublicKeys, Stored, key::LogKey, verify};
use feeds::{Bad, is_damage};

use super::OfflineError;
use crate::records::events::{EventFile, add, create_to_compare, is_deed, mark_bad};
use crate::records::{Database, Out, in_order};

/// How many events one transaction writes, at least.
const BATCH: usize = 2000;
/// How many log files are read before what they say is all written: no more of them is in memory.
const TOGETHER: usize = 32;
const MINUTE: Duration = Duration::from_secs(60);

/// A downloaded trail, and who may issue.
#[derive(Clone, Debug)]
pub struct TrailFiles {
    pub folder: PathBuf,
    /// What `aws cloudtrail list-public-keys` printed; `None`: nothing of the trail is proven.
    pub public_keys: Option<PathBuf>,
    pub issuers: Issuers,
    /// An event that is not there this long after it happened is not coming.
    pub delay: Duration,
    pub limits: Limits,
}

/// Reads the events of the authority's Region into the database, and says how far they can be trusted, and what of them
/// could not be read.
pub(crate) fn read(
    database: &Database,
    files: &TrailFiles,
    authority: &AuthorityArn,
) -> Result<(TrailContext, Unreadable), OfflineError> {
    let failed = |path: &Path, source| OfflineError::File { path: path.to_path_buf(), error: source };
    let mut directory = Directory::open(&files.folder).map_err(|error| failed(&files.folder, error))?;
    let all = directory.others + (directory.logs.len() + directory.digests.len()) as u64;
    directory.logs.retain(|log| log.name.region == authority.region());
    directory.digests.retain(|digest| digest.name.chain.region == authority.region());
    if directory.logs.is_empty() && directory.digests.is_empty() {
        let (path, region) = (files.folder.clone(), authority.region().to_owned());
        return Err(OfflineError::NoTrail { path, region, others: all });
    }
    let keys = match &files.public_keys {
        None => PublicKeys::default(),
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|source| failed(path, source))?;
            PublicKeys::from_json(&bytes)
                .map_err(|error| OfflineError::PublicKeys { path: path.clone(), reason: error.to_string() })?
        }
    };
    create_to_compare(database)?;
    let mut unreadable = Unreadable::default();
    let contents = load(database, &directory.logs, authority, &mut unreadable)?;
    let known = |log: &Stored<LogKey>| Ok(contents.get(&log.key).cloned().unwrap_or(Known::Absent));
    let found =
        verify(&directory, &keys, &files.limits, known).map_err(|error| failed(&files.folder, error))?;
    let mut altered: BTreeMap<&str, BTreeMap<String, Proof>> = BTreeMap::new();
    for (log, proof) in directory.logs.iter().zip(&found.logs).filter(|(_, proof)| **proof == Proof::Altered)
    {
        altered.entry(&log.name.account).or_default().insert(log.key.clone(), *proof);
    }
    for (account, bad) in altered {
        database.write(|connection| mark_bad(connection, (account, authority.region()), &bad))?;
    }
    let own = found.coverage.iter().filter(|(place, _)| place.account == authority.account());
    let coverage = Coverage::of(own.flat_map(|(_, coverage)| coverage.spans().iter().copied()));
    let coverage =
        if coverage.spans().is_empty() { unproven(&directory.logs, &files.limits) } else { coverage };
    let context = TrailContext { issuers: files.issuers.clone(), coverage, delay: files.delay };
    Ok((context, unreadable))
}

/// Without digests: from the first log file to the last, as far as anybody knows.
fn unproven(logs: &[Stored<LogKey>], limits: &Limits) -> Coverage {
    let ends = logs.first().zip(logs.last());
    Coverage::of(ends.map(|(first, last)| {
        let (from, to) = (first.name.delivered, last.name.delivered.plus(MINUTE));
        limits.clip(Span { from, to, proof: Proof::Unproven })
    }))
}

/// Reads all log files, and says of each, by its key, what its content is.
fn load(
    database: &Database,
    logs: &[Stored<LogKey>],
    authority: &AuthorityArn,
    unreadable: &mut Unreadable,
) -> Result<HashMap<String, Known>, OfflineError> {
    let mut contents = HashMap::new();
    let (mut batch, mut size, mut seq) = (Vec::new(), 0, 0);
    let mut take = |(log, read): (&Stored<LogKey>, io::Result<Log>)| -> Result<(), OfflineError> {
        let read = read.map_err(|error| OfflineError::File { path: log.path.clone(), error })?;
        let name = log.key.rsplit('/').next().unwrap_or_default();
        for example in &read.unreadable.examples {
            unreadable.add(format!("{name}, {}", example.place), &example.problem);
        }
        unreadable.count += read.unreadable.count - read.unreadable.examples.len() as u64;
        let known = match read.refused {
            None => Known::Present { sha256: read.sha256.clone() },
            Some(why) => {
                unreadable.add(name, &why);
                Known::Unreadable(why)
            }
        };
        contents.insert(log.key.clone(), known);
        size += 1 + read.events.len();
        seq += 1;
        batch.push((event_file(log, seq, read.sha256), read.events));
        if size >= BATCH {
            size = 0;
            database.write(|connection| add(connection, &std::mem::take(&mut batch)))?;
        }
        Ok(())
    };
    for some in logs.chunks(TOGETHER) {
        let read = |log, out: &Out<_>| out.send((log, read_log(log, authority)));
        in_order(some.iter().collect(), read, &mut take)?;
    }
    database.write(|connection| add(connection, &batch))?;
    Ok(contents)
}

fn event_file(log: &Stored<LogKey>, seq: u64, sha256: String) -> EventFile {
    EventFile {
        account: log.name.account.clone(),
        region: log.name.region.clone(),
        seq,
        bucket: String::new(),
        key: log.key.clone(),
        sha256,
        delivered_at: log.name.delivered,
        read_at: Timestamp::EPOCH,
        bad: None,
    }
}

/// One log file.
#[derive(Default)]
struct Log {
    events: Vec<Event>,
    sha256: String,
    unreadable: Unreadable,
    /// Why not all of it could be read.
    refused: Option<String>,
}

/// Its events that say something of a certificate of this authority.
fn read_log(log: &Stored<LogKey>, authority: &AuthorityArn) -> io::Result<Log> {
    let file: File = log.open()?;
    let mut reader = match LogReader::open(file) {
        Err(error) if is_damage(&error) => {
            return Ok(Log { refused: Some(error.to_string()), ..Log::default() });
        }
        opened => opened?,
    };
    let (mut events, mut refused) = (Vec::new(), None);
    for record in &mut reader {
        match record {
            Ok(record) if record.event.authority.as_ref() == Some(authority) && is_deed(&record.event) => {
                events.push(record.event);
            }
            Ok(_) => (),
            Err(Bad::Io(error)) => return Err(error),
            Err(Bad::CutShort(why)) => refused = Some(why),
            Err(Bad::Record(error)) => refused = Some(error.to_string()),
        }
    }
    let summary = reader.finish();
    Ok(Log { events, sha256: summary.sha256, unreadable: summary.unreadable, refused })
}
