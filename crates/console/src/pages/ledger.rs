//! Reading the ledger and verifying its log. Entries are written by the verbs, with what they tell of.

use std::collections::HashSet;

use domain::ledger::{Object, read};
use domain::views::{
    Cosigned, LedgerEntry, LedgerLine, LedgerPage, LedgerReport, LogHead, LogNow, PAGE_SIZE, Published,
    Witnessed,
};
use domain::{Actor, Permission, Timestamp};
use tlog::{Checkpoint, Cosignature, Opened, ProofFile, PublicKey, record_hash, witness_path};

use crate::log::{Log, Verdict};
use crate::{Console, Error};

/// How many entries without a place are shown: more are an alert anyway.
const UNPLACED: u32 = 200;

const ENTRY: Error = Error::NotFound("entry");

impl Console {
    /// One page, newest first: the entries below `before`, or the newest.
    pub async fn ledger(&self, actor: &Actor, before: Option<u64>) -> Result<LedgerPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        // Before those that have their place: an entry may be given one meanwhile.
        let unplaced = match before {
            None => self.aws.newest_unplaced(UNPLACED).await?,
            Some(_) => Vec::new(),
        };
        let entries = self.aws.ledger_page(before, PAGE_SIZE).await?;
        let last = match before {
            None => entries.first().map_or(0, |entry| entry.seq),
            Some(_) => self.aws.last_placed().await?,
        };
        let next = entries.last().map(|entry| entry.seq).filter(|seq| *seq > 1);
        let published = self.published(entries.last().map_or(0, |entry| entry.seq)).await?;
        let known: HashSet<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
        let waiting = unplaced.iter().filter(|entry| !known.contains(entry.text.as_str()));
        let mut lines: Vec<LedgerLine> = waiting.map(|entry| line(None, &entry.text, None)).collect();
        let total = last + u64::try_from(lines.len()).unwrap_or(0);
        lines.extend(entries.iter().map(|entry| {
            let first = published.iter().find(|published| published.size >= entry.seq);
            line(Some(entry.seq), &entry.text, first.copied())
        }));
        Ok(LedgerPage { lines, next, total, log: self.log_now().await? })
    }

    /// One entry by itself.
    pub async fn ledger_entry(&self, actor: &Actor, seq: u64) -> Result<LedgerEntry, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let entry = self.aws.ledger_page(seq.checked_add(1), 1).await?.into_iter().next();
        let entry = entry.filter(|entry| entry.seq == seq).ok_or(ENTRY)?;
        let published = self.published(seq).await?.first().copied();
        Ok(LedgerEntry { line: line(Some(seq), &entry.text, published), text: entry.text })
    }

    /// An entry as the log has it, and the proof of that.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it is in no checkpoint, or the log is not what its checkpoint says.
    pub async fn entry_proof(&self, actor: &Actor, seq: u64) -> Result<ProofFile, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let unpublished = || Error::Conflict("The entry is in no checkpoint yet.".to_owned());
        let log = self.configuration.ledger.as_ref().ok_or_else(unpublished)?;
        let index = seq.checked_sub(1).ok_or(ENTRY)?;
        let signed = log.checkpoint().await?.map_err(|why| {
            Error::Conflict(format!("The checkpoint of the log is not to be believed: {why}."))
        })?;
        let signed = signed.filter(|signed| index < signed.opened.checkpoint.size).ok_or_else(unpublished)?;
        log.proof_file(&signed, index).await?.map_err(|why| {
            tracing::error!("entry {seq} of the ledger is not proven: {why}");
            Error::Conflict("The log is not what its checkpoint says. Verify it as a whole.".to_owned())
        })
    }

    /// The checkpoints that the entries of a page may be in first: its last one is number `seq`.
    async fn published(&self, seq: u64) -> Result<Vec<Published>, Error> {
        if self.configuration.ledger.is_none() {
            return Ok(Vec::new());
        }
        let noted = self.aws.checkpoints_from(seq, PAGE_SIZE + 1).await?;
        Ok(noted.into_iter().map(|noted| Published { size: noted.size, since: noted.at }).collect())
    }

    async fn log_now(&self) -> Result<Option<LogNow>, Error> {
        let Some(log) = &self.configuration.ledger else { return Ok(None) };
        let checkpoint = match log.checkpoint().await? {
            Ok(Some(signed)) => Ok(Some(head(log, signed.opened).await?)),
            Ok(None) => Ok(None),
            Err(why) => Err(why.to_string()),
        };
        Ok(Some(LogNow { origin: log.origin.to_string(), checkpoint }))
    }

    /// Follows the whole log from its first entry to its checkpoint.
    pub async fn verify_ledger(&self, actor: &Actor) -> Result<LedgerReport, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let verdict = match &self.configuration.ledger {
            Some(log) => log.verify(None).await?,
            None => Verdict::Nothing,
        };
        let (log, broken) = match (verdict, &self.configuration.ledger) {
            (Verdict::Whole(whole), Some(log)) => (Some(head(log, whole.opened).await?), None),
            (Verdict::Nothing | Verdict::Whole(_), _) => (None, None),
            (Verdict::Broken(why), _) => {
                tracing::error!("the ledger's log is broken: {why}");
                (None, Some(why))
            }
        };
        Ok(LedgerReport { log, broken, verified_at: self.clock.now() })
    }
}

fn line(seq: Option<u64>, text: &str, published: Option<Published>) -> LedgerLine {
    let hash = hex::encode(record_hash(text.as_bytes()).0);
    LedgerLine { seq, hash, body: read(text).map_err(|_| text.to_owned()), published }
}

async fn head(log: &Log, opened: Opened) -> Result<LogHead, Error> {
    let Opened { checkpoint, cosignatures } = opened;
    let mut witnesses = Vec::new();
    for key in log.witnesses.iter() {
        let seen = match cosignatures.iter().find(|one| one.witness == key.name()) {
            Some(one) => Ok(cosigned(checkpoint.size, one)),
            None => left(log, key, &checkpoint).await?,
        };
        witnesses.push(Witnessed { witness: key.name().to_owned(), seen });
    }
    Ok(LogHead { size: checkpoint.size, root: checkpoint.root.to_string(), witnesses })
}

/// What a witness has left beside the log.
async fn left(
    log: &Log,
    key: &PublicKey,
    now: &Checkpoint,
) -> Result<Result<Option<Cosigned>, String>, Error> {
    let Some(file) = log.files.read(&witness_path(key)).await? else { return Ok(Ok(None)) };
    let opened = match Checkpoint::open(&file.bytes, &log.origin, &log.keys, std::slice::from_ref(key)) {
        Ok(opened) => opened,
        Err(why) => return Ok(Err(why.to_string())),
    };
    let seen = opened.checkpoint;
    let Some(one) = opened.cosignatures.first() else {
        return Ok(Err("it has not signed it".to_owned()));
    };
    Ok(match log.goes_on(&seen, now).await? {
        Ok(()) => Ok(cosigned(seen.size, one)),
        Err(_) => Err(format!(
            "the log does not go on from the {} entries that it has cosigned: somebody has rewritten it",
            seen.size
        )),
    })
}

fn cosigned(size: u64, one: &Cosignature) -> Option<Cosigned> {
    let at = i64::try_from(one.at).ok().and_then(|at| Timestamp::from_unix(at).ok())?;
    Some(Cosigned { size, at })
}
