//! Giving entries their places. Nobody but the sequencer writes here, and two of them do no harm: a place is taken once.

use domain::ledger::{self, Entry, Object};

use super::{SEQ, Unplaced};
use crate::item::{n, s};
use crate::{Aws, Change, Error, Thing, keys};

/// How many entries are placed at once: a transaction has 100 actions.
pub const AT_ONCE: u32 = 50;

impl Aws {
    /// Gives the entries the places after `last`, in their order, all or none.
    ///
    /// # Errors
    /// [`Error::Conflict`]: another one has placed something meanwhile.
    pub async fn place(&self, last: u64, entries: &[Unplaced]) -> Result<(), Error> {
        let placed = (last + 1..).zip(entries);
        let changes = placed.flat_map(|(seq, entry)| {
            let Unplaced { id, text } = entry;
            let gone = Change::delete(Thing::LedgerEntry, id, keys::unplaced_entry(id));
            [put(&Entry { seq, text: text.clone() }), gone.when("attribute_exists(pk)", [])]
        });
        self.apply(&changes.collect::<Vec<_>>()).await
    }

    /// Writes what the log has at places that the table lacks. In an old table some of it waits for a place: no more.
    ///
    /// # Errors
    /// [`Error::Conflict`]: something is there.
    pub async fn restore_placed(&self, entries: &[Entry]) -> Result<(), Error> {
        for some in entries.chunks(AT_ONCE as usize) {
            let gone = some.iter().filter_map(|entry| {
                let id = ledger::id(&entry.text)?;
                Some(Change::delete(Thing::LedgerEntry, &id, keys::unplaced_entry(&id)))
            });
            self.apply(&some.iter().map(put).chain(gone).collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

fn put(entry: &Entry) -> Change {
    let Entry { seq, text } = entry;
    let mut attributes = vec![(SEQ, n(seq)), (keys::BODY, s(text))];
    if let Ok(Object::Request(id)) = entry.read().map(|body| body.object) {
        attributes.push((keys::LIST_PK, s(keys::entries_of_request(&id))));
        attributes.push((keys::LIST_SK, s(keys::ledger_entry(*seq).sk)));
    }
    Change::put(Thing::LedgerEntry, seq.to_string(), keys::ledger_entry(*seq), attributes).when_absent()
}
