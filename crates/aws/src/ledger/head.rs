//! The end of the chain.

use domain::ledger::EntryHash;

use super::{ENTRY_HASH, SEQ};
use crate::item::{number, text};
use crate::{Aws, Error, Thing, keys};

/// The number and hash of the last entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// 0: there is none yet.
    pub seq: u64,
    pub hash: EntryHash,
}

impl Aws {
    /// The ledger's head as it is now.
    pub async fn ledger_head(&self) -> Result<Head, Error> {
        let what = Thing::LedgerEntry;
        Ok(match self.item(what, &keys::ledger_head()).await? {
            None => Head { seq: 0, hash: EntryHash::genesis() },
            Some(item) => Head {
                seq: number(what, &item, SEQ)?,
                hash: EntryHash(text(what, &item, ENTRY_HASH)?.to_owned()),
            },
        })
    }
}
