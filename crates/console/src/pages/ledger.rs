//! Reading the ledger and verifying its log. Entries are written by the verbs, with what they tell of.

use std::collections::HashSet;

use domain::ledger::{Object, read};
use domain::views::{Cosigned, LedgerLine, LedgerPage, LedgerReport, LogHead, LogNow, PAGE_SIZE, Published};
use domain::{Actor, Permission, Timestamp};
use tlog::{Opened, record_hash};

use crate::log::Verdict;
use crate::{Console, Error};

/// How many entries without a place are shown: more are an alert anyway.
const UNPLACED: u32 = 200;

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

    /// The checkpoints that the entries of a page may be in first: its last one is number `seq`.
    async fn published(&self, seq: u64) -> Result<Vec<Published>, Error> {
        if self.configuration.ledger.is_none() {
            return Ok(Vec::new());
        }
        let noted = self.aws.checkpoints_from(seq, PAGE_SIZE + 1).await?;
        Ok(noted.into_iter().map(|noted| Published { size: noted.size, since: noted.at }).collect())
    }

    pub(crate) async fn log_now(&self) -> Result<Option<LogNow>, Error> {
        let Some(log) = &self.configuration.ledger else { return Ok(None) };
        let checkpoint = match log.checkpoint().await? {
            Ok(signed) => Ok(signed.map(|signed| head(signed.opened))),
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
        let (log, broken) = match verdict {
            Verdict::Nothing => (None, None),
            Verdict::Whole(whole) => (Some(head(whole.opened)), None),
            Verdict::Broken(why) => {
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

fn head(opened: Opened) -> LogHead {
    let cosigned = |one: tlog::Cosignature| {
        let at = i64::try_from(one.at).ok().and_then(|at| Timestamp::from_unix(at).ok())?;
        Some(Cosigned { witness: one.witness, at })
    };
    LogHead {
        size: opened.checkpoint.size,
        root: opened.checkpoint.root.to_string(),
        cosignatures: opened.cosignatures.into_iter().filter_map(cosigned).collect(),
    }
}
