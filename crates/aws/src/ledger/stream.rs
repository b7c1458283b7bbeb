//! The whole chain from its first entry on, to be verified.

use domain::ledger::Entry;
use futures::{Stream, StreamExt};

use super::entry;
use crate::{Aws, Error, keys};

impl Aws {
    /// Every entry in the order of the chain. Read the head first: what is appended meanwhile may be in it or not.
    pub fn ledger_entries(&self) -> impl Stream<Item = Result<Entry, Error>> + use<> {
        self.all(self.partition(keys::ledger(), "ENTRY#")).map(|item| entry(&item?))
    }
}
