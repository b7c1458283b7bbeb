//! Writing changes together with the ledger entry that tells of them: both or neither (docs/SECURITY.md, promise 3).

use domain::ledger::{Body, Entry, EntryHash};

use super::{ENTRY_HASH, Head, PREVIOUS, SEQ, WRITER};
use crate::item::{n, s, text};
use crate::transact::{Backoff, Transaction, refusal};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// Does all `changes` (at most [`crate::MAX_CHANGES`], none is fine) and appends `body` to the ledger, or does nothing.
    /// Waits for its turn when others write at the same time.
    ///
    /// # Errors
    /// [`Error::Conflict`] names the first change whose condition does not hold. After [`Error::Unavailable`] it is
    /// not known whether it was done.
    pub async fn commit(&self, changes: Vec<Change>, body: &Body) -> Result<Entry, Error> {
        self.commit_all(changes, body, &[]).await
    }

    /// The same with an entry for each body, one after the other; gives the first. Each takes the place of one more change.
    ///
    /// # Errors
    /// As [`Aws::commit`].
    pub async fn commit_all(&self, changes: Vec<Change>, body: &Body, more: &[Body]) -> Result<Entry, Error> {
        let entries = u64::try_from(1 + more.len()).unwrap_or(1);
        let appended = self.append(changes, body, more).await;
        appended.inspect(|_| metrics::counter!("countersign_ledger_appends_total").increment(entries))
    }

    async fn append(&self, changes: Vec<Change>, body: &Body, more: &[Body]) -> Result<Entry, Error> {
        let _turn = self.ledger_line.lock().await;
        let writer = hex::encode(rand::random::<[u8; 16]>());
        let own = changes.len();
        let mut backoff = Backoff::default();
        loop {
            let head = self.ledger_head().await?;
            let entry = sealed(head.seq, head.hash.clone(), body)?;
            let mut others: Vec<Entry> = Vec::with_capacity(more.len());
            for body in more {
                let last = others.last().unwrap_or(&entry);
                others.push(sealed(last.seq, last.hash.clone(), body)?);
            }
            let mut all = changes.clone();
            all.extend(links(&head, &entry, &others, &writer));
            let unknown = match self.transact(&all).await {
                Ok(Transaction::Done) => return Ok(entry),
                Ok(Transaction::Refused(places)) => {
                    let lost_race = places.iter().any(|place| *place >= own);
                    // An answer may have been lost, and the entry in the way be this one.
                    if lost_race && self.wrote(&entry, &writer).await? {
                        return Ok(entry);
                    }
                    if places.iter().any(|place| *place < own) {
                        return Err(refusal(&all, &places));
                    }
                    None
                }
                Ok(Transaction::Busy) => None,
                Err(error @ Error::Unavailable { .. }) => match self.wrote(&entry, &writer).await {
                    Ok(true) => return Ok(entry),
                    Ok(false) => Some(error),
                    Err(_) => return Err(error),
                },
                Err(error) => return Err(error),
            };
            if !backoff.wait().await {
                let resource = self.console_table().to_owned();
                return Err(
                    unknown.unwrap_or(Error::Throttled { operation: "appending to the ledger", resource })
                );
            }
        }
    }

    /// Whether the entry at this place is the one that this commit wrote.
    async fn wrote(&self, entry: &Entry, writer: &str) -> Result<bool, Error> {
        let item = self.item(Thing::LedgerEntry, &keys::ledger_entry(entry.seq)).await?;
        item.map_or(Ok(false), |item| Ok(text(Thing::LedgerEntry, &item, WRITER)? == writer))
    }
}

/// The entry that follows the one at `seq`.
fn sealed(seq: u64, hash: EntryHash, body: &Body) -> Result<Entry, Error> {
    Entry::seal(seq + 1, hash, body).map_err(|error| Error::invalid("sealing", "a ledger entry", error))
}

/// The new entries, and the head moved on to the last of them if it still is where it was.
fn links(head: &Head, entry: &Entry, others: &[Entry], writer: &str) -> Vec<Change> {
    let what = Thing::LedgerEntry;
    let put = |entry: &Entry| {
        let attributes = [
            (SEQ, n(entry.seq)),
            (PREVIOUS, s(&entry.previous.0)),
            (keys::BODY, s(&entry.body)),
            (ENTRY_HASH, s(&entry.hash.0)),
            (WRITER, s(writer)),
        ];
        Change::put(what, entry.seq.to_string(), keys::ledger_entry(entry.seq), attributes).when_absent()
    };
    let last = others.last().unwrap_or(entry);
    let moved = [(SEQ, n(last.seq)), (ENTRY_HASH, s(&last.hash.0))];
    let step = Change::set(what, last.seq.to_string(), keys::ledger_head(), moved);
    let step = match head.seq {
        0 => step.when_absent(),
        seq => step.when("seq = :seq AND entry_hash = :hash", [(":seq", n(seq)), (":hash", s(&head.hash.0))]),
    };
    std::iter::once(entry).chain(others).map(put).chain([step]).collect()
}
