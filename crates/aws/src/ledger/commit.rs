//! Writing changes together with the ledger entry that tells of them: both or neither (docs/SECURITY.md, promise 3).

use domain::ledger::{Body, Entry};

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
        let appended = self.append(changes, body).await;
        appended.inspect(|_| metrics::counter!("countersign_ledger_appends_total").increment(1))
    }

    async fn append(&self, changes: Vec<Change>, body: &Body) -> Result<Entry, Error> {
        let _turn = self.ledger_line.lock().await;
        let writer = hex::encode(rand::random::<[u8; 16]>());
        let own = changes.len();
        let mut backoff = Backoff::default();
        loop {
            let head = self.ledger_head().await?;
            let entry = Entry::seal(head.seq + 1, head.hash.clone(), body)
                .map_err(|error| Error::invalid("sealing", "a ledger entry", error))?;
            let mut all = changes.clone();
            all.extend(links(&head, &entry, &writer));
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

/// The new entry, and the head moved on to it if it still is where it was.
fn links(head: &Head, entry: &Entry, writer: &str) -> [Change; 2] {
    let what = Thing::LedgerEntry;
    let id = entry.seq.to_string();
    let put = Change::put(
        what,
        &id,
        keys::ledger_entry(entry.seq),
        [
            (SEQ, n(entry.seq)),
            (PREVIOUS, s(&entry.previous.0)),
            (keys::BODY, s(&entry.body)),
            (ENTRY_HASH, s(&entry.hash.0)),
            (WRITER, s(writer)),
        ],
    );
    let step =
        Change::set(what, &id, keys::ledger_head(), [(SEQ, n(entry.seq)), (ENTRY_HASH, s(&entry.hash.0))]);
    let step = match head.seq {
        0 => step.when_absent(),
        seq => step.when("seq = :seq AND entry_hash = :hash", [(":seq", n(seq)), (":hash", s(&head.hash.0))]),
    };
    [put.when_absent(), step]
}
