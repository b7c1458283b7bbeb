//! Reading the ledger and verifying its log. Entries are written by the verbs, with what they tell of.

use std::collections::HashSet;
use std::time::Duration;

use countersign_aws::ledger::Noted;
use domain::ledger::{About, Entry, Object, read};
use domain::views::{
    Cosigned, LedgerEntry, LedgerLine, LedgerPage, LedgerQuery, LedgerReport, LogHead, LogNow, PAGE_SIZE,
    Published, Witnessed,
};
use domain::{Actor, Permission, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};
use tlog::{Checkpoint, Cosignature, Opened, ProofFile, PublicKey, record_hash, witness_path};

use super::Piece;
use crate::log::{Log, Verdict};
use crate::{Console, Error};

/// How many entries without a place are shown: more are an alert anyway.
const UNPLACED: u32 = 200;
/// How many checkpoints are looked for at once.
const AT_A_TIME: usize = 10;

/// How many entries are read at once where the list is narrowed, and for one page at most; the next page goes on from there.
const CHUNK: u32 = 1000;
const READ: u64 = 5000;
/// How many lines of a file are made at a time.
const TOGETHER: u32 = 1000;
/// Entries are in the order in which they were committed, but for clocks that differ and what was told late: a time is looked for
/// with so much to spare, and by the times of so many neighbours.
const OUT_OF_ORDER: Duration = Duration::from_secs(3600);
const NEIGHBOURS: u32 = 20;

const ENTRY: Error = Error::NotFound("entry");

impl Console {
    /// One page, newest first: of those below the place of `query`, or of all.
    pub async fn ledger(&self, actor: &Actor, query: &LedgerQuery) -> Result<LedgerPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        // Before those that have their place: an entry may be given one meanwhile.
        let unplaced = match query.before {
            None => self.aws.newest_unplaced(UNPLACED).await?,
            Some(_) => Vec::new(),
        };
        let Found { entries, next, searched } = self.entries(query, PAGE_SIZE, READ).await?;
        let known: HashSet<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
        let waiting = unplaced.iter().filter(|entry| !known.contains(entry.text.as_str()));
        let waiting = waiting.filter(|entry| takes(query, &entry.text));
        let mut lines: Vec<LedgerLine> = waiting.map(|entry| line(None, &entry.text, None)).collect();
        let last = match query.before.is_none() && !query.is_narrowed() {
            true => entries.first().map_or(0, |entry| entry.seq),
            false => self.aws.last_placed().await?,
        };
        let total = last + u64::try_from(lines.len()).unwrap_or(0);
        let published = self.published(&entries).await?;
        lines.extend(
            entries
                .iter()
                .zip(published)
                .map(|(entry, published)| line(Some(entry.seq), &entry.text, published)),
        );
        let searched = query.is_narrowed().then_some(searched);
        Ok(LedgerPage { lines, next, total, searched, log: self.log_now().await? })
    }

    /// One entry by itself.
    pub async fn ledger_entry(&self, actor: &Actor, seq: u64) -> Result<LedgerEntry, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let entry = self.aws.ledger_page(seq.checked_add(1), 1).await?.into_iter().next();
        let entry = entry.filter(|entry| entry.seq == seq).ok_or(ENTRY)?;
        let published = self.published(std::slice::from_ref(&entry)).await?.pop().flatten();
        let differs = match (&self.configuration.ledger, published) {
            (Some(log), Some(_)) => differs(log, &entry).await?,
            _ => None,
        };
        Ok(LedgerEntry { line: line(Some(seq), &entry.text, published), text: entry.text, differs })
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

    /// As many of them as a file is made of at a time, from the place of `query` on; such as have no place yet are in none.
    pub async fn ledger_for_a_file(
        &self,
        actor: &Actor,
        query: &LedgerQuery,
    ) -> Result<Piece<LedgerLine, u64>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("ledger".to_owned())).await?;
        let Found { entries, next, .. } = self.entries(query, TOGETHER, READ).await?;
        let lines = entries.iter().map(|entry| line(Some(entry.seq), &entry.text, None)).collect();
        let now = self.clock.now();
        Ok(Piece { lines, next, now, as_of: Some(now) })
    }

    /// All since then that tell of something, newest first.
    pub(crate) async fn entries_about(&self, about: About, since: Timestamp) -> Result<Vec<Entry>, Error> {
        let mut query = LedgerQuery { from: Some(since), ..LedgerQuery::of(about) };
        let mut all = Vec::new();
        loop {
            let Found { entries, next, .. } = self.entries(&query, TOGETHER, READ).await?;
            // One that this version cannot read may tell of anything: it is in the pack of its time.
            all.extend(entries.into_iter().filter(|entry| entry.read().is_ok()));
            let Some(before) = next else { return Ok(all) };
            query.before = Some(before);
        }
    }

    /// At most `most` entries that `query` takes, among the next `read`.
    async fn entries(&self, query: &LedgerQuery, most: u32, read: u64) -> Result<Found, Error> {
        let mut found = Found::default();
        let chunk = if query.is_narrowed() { CHUNK } else { most };
        let begin = match query.from.map(|from| from.minus(OUT_OF_ORDER)) {
            Some(from) => self.by_halves(|at| at.is_empty() || at.iter().any(|at| *at >= from)).await?,
            None => 1,
        };
        let mut before = match (query.before, query.to.map(|to| to.plus(OUT_OF_ORDER))) {
            (None, Some(to)) => {
                Some(self.by_halves(|at| !at.is_empty() && at.iter().all(|at| *at >= to)).await?)
            }
            (before, _) => before,
        };
        loop {
            let entries = self.aws.ledger_page(before, chunk).await?;
            found.next = None;
            for entry in entries.into_iter().take_while(|entry| entry.seq >= begin) {
                found.searched += 1;
                found.next = Some(entry.seq).filter(|seq| *seq > begin);
                if takes(query, &entry.text) {
                    found.entries.push(entry);
                    if found.entries.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                        return Ok(found);
                    }
                }
            }
            if found.next.is_none() || found.searched >= read {
                return Ok(found);
            }
            before = found.next;
        }
    }

    /// The number of the first entry that is young enough, as far as they are in order: found by halves, each by the times of some
    /// neighbours, so that one clock that is wrong hides none.
    async fn by_halves(&self, is_young: impl Fn(&[Timestamp]) -> bool) -> Result<u64, Error> {
        let (mut first, mut end) = (1, self.aws.last_placed().await? + 1);
        while first < end {
            let middle = first + (end - first) / 2;
            let entries = self.aws.ledger_page(Some(middle + 1), NEIGHBOURS).await?;
            let times = entries.iter().filter_map(|entry| Some(entry.read().ok()?.at));
            match is_young(&times.collect::<Vec<_>>()) {
                true => end = middle,
                false => first = middle + 1,
            }
        }
        Ok(end)
    }

    /// The first checkpoint that each of these is in: the newest of them first.
    async fn published(&self, entries: &[Entry]) -> Result<Vec<Option<Published>>, Error> {
        let (Some(newest), Some(oldest)) = (entries.first(), entries.last()) else { return Ok(Vec::new()) };
        if self.configuration.ledger.is_none() {
            return Ok(vec![None; entries.len()]);
        }
        let published = |noted: Noted| Published { size: noted.size, since: noted.at };
        // A page of neighbours is in as many checkpoints at most; of others each is looked for.
        if newest.seq - oldest.seq <= u64::from(PAGE_SIZE) {
            let noted = self.aws.checkpoints_from(oldest.seq, PAGE_SIZE + 2).await?;
            let first = |entry: &Entry| noted.iter().find(|noted| noted.size >= entry.seq).copied();
            return Ok(entries.iter().map(|entry| first(entry).map(published)).collect());
        }
        let places: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
        let one = |seq: u64| async move { Ok(self.aws.checkpoints_from(seq, 1).await?.pop().map(published)) };
        let each = stream::iter(places).map(one);
        each.buffered(AT_A_TIME).try_collect().await
    }

    pub(crate) async fn log_now(&self) -> Result<Option<LogNow>, Error> {
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

/// Entries that a query takes.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    /// Where the others may begin; `None`: there are none.
    next: Option<u64>,
    /// How many were looked at.
    searched: u64,
}

/// One that this version cannot read may be any.
fn takes(query: &LedgerQuery, text: &str) -> bool {
    read(text).map_or(true, |body| query.takes(&body))
}

fn line(seq: Option<u64>, text: &str, published: Option<Published>) -> LedgerLine {
    let hash = hex::encode(record_hash(text.as_bytes()).0);
    LedgerLine { seq, hash, body: read(text).map_err(|_| text.to_owned()), published }
}

/// Why the log does not have this entry of the table.
async fn differs(log: &Log, entry: &Entry) -> Result<Option<String>, Error> {
    let Ok(Some(signed)) = log.checkpoint().await? else {
        return Ok(Some("The log's checkpoint is gone, or not to be believed.".to_owned()));
    };
    let index = entry.seq.saturating_sub(1);
    Ok(match log.prove(&signed.opened.checkpoint, index).await? {
        Ok(proven) if proven.entry == entry.text.as_bytes() => None,
        Ok(_) => Some(
            "The log has another entry in this place: somebody has changed the console's table. The proof has what the log has."
                .to_owned(),
        ),
        Err(_) => Some("The log does not have what its checkpoint says. Verify it as a whole.".to_owned()),
    })
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
