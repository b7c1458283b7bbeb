//! Which checkpoints the log has had, and when: a note for the pages. What proves anything is the checkpoint itself.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;

use crate::item::{Item, n, number, s};
use crate::{Aws, Change, Error, Thing, keys};

const SIZE: &str = "size";
const AT: &str = "at";

/// A checkpoint that the log has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    pub size: u64,
    pub at: Timestamp,
}

impl Aws {
    /// Notes that the log has had a checkpoint of this size since this time.
    pub async fn note_checkpoint(&self, noted: Noted) -> Result<(), Error> {
        let Noted { size, at } = noted;
        let key = keys::ledger_checkpoint(size);
        let attributes = [(SIZE, n(size)), (AT, n(at.unix()))];
        let put = Change::put(Thing::LedgerEntry, size.to_string(), key, attributes).when_absent();
        match self.apply(&[put]).await {
            // It was noted before, and the answer or the process got lost.
            Err(Error::Conflict { .. }) => Ok(()),
            done => done,
        }
    }

    /// The last one that was noted.
    pub async fn last_checkpoint(&self) -> Result<Option<Noted>, Error> {
        let query = self.partition(keys::ledger(), keys::CHECKPOINTS).scan_index_forward(false);
        self.first(query, 1).await?.first().map(noted).transpose()
    }

    /// The first checkpoints of at least this size, the smallest first.
    pub async fn checkpoints_from(&self, size: u64, limit: u32) -> Result<Vec<Noted>, Error> {
        let query = self
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(keys::ledger()))
            .expression_attribute_values(":first", s(keys::ledger_checkpoint(size).sk))
            .expression_attribute_values(":last", s(keys::ledger_checkpoint(u64::MAX).sk));
        self.first(query, limit).await?.iter().map(noted).collect()
    }
}

fn noted(item: &Item) -> Result<Noted, Error> {
    let what = Thing::LedgerEntry;
    let at = Timestamp::from_unix(number(what, item, AT)?)
        .map_err(|error| Error::invalid("reading", "a noted checkpoint", error))?;
    Ok(Noted { size: number(what, item, SIZE)?, at })
}
