//! The ledger in the table: one chain, whose head is an item of its own.
//! The rules of the chain are [`domain::ledger`]'s.

mod commit;
mod head;
mod page;
mod stream;

pub use head::Head;

use domain::ledger::{Entry, EntryHash};

use crate::item::{Item, number, text};
use crate::{Error, Thing};

const SEQ: &str = "seq";
const PREVIOUS: &str = "previous";
const ENTRY_HASH: &str = "entry_hash";
/// Which commit wrote an entry: two with the same words in the same second have the same hash.
const WRITER: &str = "writer";

fn entry(item: &Item) -> Result<Entry, Error> {
    let what = Thing::LedgerEntry;
    let text = |name| text(what, item, name).map(str::to_owned);
    Ok(Entry {
        seq: number(what, item, SEQ)?,
        previous: EntryHash(text(PREVIOUS)?),
        body: text(crate::keys::BODY)?,
        hash: EntryHash(text(ENTRY_HASH)?),
    })
}
