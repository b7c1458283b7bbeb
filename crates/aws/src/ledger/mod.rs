//! The ledger in the table. Whoever changes something puts the entry that tells of it beside the change, without waiting for
//! anybody; the sequencer gives the entries their places, from which the log is made. What was placed is what the console
//! shows; what counts is the log.

mod checkpoints;
mod commit;
mod place;
mod read;
mod unplaced;

pub use checkpoints::Noted;
pub use place::AT_ONCE;
pub use unplaced::Unplaced;

use domain::ledger::{Entry, Link};

use crate::item::{Item, number, text};
use crate::{Error, Thing};

const SEQ: &str = "seq";
/// Of the links of the chain that the ledger was.
const PREVIOUS: &str = "previous";
const ENTRY_HASH: &str = "entry_hash";

fn entry(item: &Item) -> Result<Entry, Error> {
    let what = Thing::LedgerEntry;
    let seq = number(what, item, SEQ)?;
    let body = text(what, item, crate::keys::BODY)?.to_owned();
    if !item.contains_key(PREVIOUS) {
        return Ok(Entry { seq, text: body });
    }
    let text = |name| text(what, item, name).map(str::to_owned);
    let link = Link { version: 1, seq, previous: text(PREVIOUS)?, hash: text(ENTRY_HASH)?, body };
    let text =
        serde_json::to_string(&link).map_err(|error| Error::invalid("reading", "a ledger entry", error))?;
    Ok(Entry { seq, text })
}
