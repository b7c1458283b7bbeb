//! The one place where work is cut into transactions: by count and by bytes. What DynamoDB does not take is split, and in the
//! end replaced, so that whoever moves a cursor always moves it.

use domain::ledger::Body;

use crate::transact::MAX_CHANGES;
use crate::{Aws, Change, Error};

/// The most bytes of changes in one transaction, as [`Change::size`] counts them: DynamoDB takes 4 MB, and the ledger's
/// entry is one of them. Source: developer guide, "Constraints in Amazon DynamoDB".
const MAX_BYTES: usize = 3_000_000;

/// Changes that are done together or not at all, and what they are for.
#[derive(Clone, Debug)]
pub struct Part<T> {
    pub of: T,
    pub changes: Vec<Change>,
}

/// What goes with the parts.
#[derive(Clone, Debug, Default)]
pub struct With {
    /// Holds in each transaction, as a lease does.
    pub each: Vec<Change>,
    /// Is done with the last one, as moving a cursor is.
    pub last: Vec<Change>,
}

impl With {
    /// Everything that one transaction does; `is_last`: no other comes after it.
    fn around<T>(&self, parts: &[Part<T>], is_last: bool) -> Vec<Change> {
        let last = self.last.iter().filter(|_| is_last);
        self.each.iter().chain(parts.iter().flat_map(|part| &part.changes)).chain(last).cloned().collect()
    }
}

impl Aws {
    /// Commits all parts in their order, in as few transactions as their number and size allow. `body` makes the ledger's
    /// entry of those that are in one; `done` is told of each that was written. A transaction that DynamoDB does not take is
    /// split; a part that it does not take alone is committed as what `instead` makes of it. Without parts nothing is written,
    /// not even what is to go with the last.
    ///
    /// # Errors
    /// Those of [`Aws::commit`]; what came before is written then. [`Error::Invalid`]: not even what was made instead of a
    /// part can be stored.
    pub async fn commit_parts<T>(
        &self,
        parts: Vec<Part<T>>,
        with: &With,
        body: &(impl Fn(&[Part<T>]) -> Body + Sync),
        instead: &(impl Fn(&T) -> Result<Part<T>, Error> + Sync),
        mut done: impl FnMut(Vec<Part<T>>) + Send,
    ) -> Result<(), Error>
    where
        T: Send + Sync,
    {
        let mut waiting = packed(parts, with);
        waiting.reverse();
        while let Some(mut batch) = waiting.pop() {
            let is_last = waiting.is_empty();
            match self.commit(with.around(&batch, is_last), &body(&batch)).await {
                Ok(_) => done(batch),
                Err(Error::Invalid { reason, .. }) if batch.len() > 1 => {
                    tracing::warn!(parts = batch.len(), "a transaction is not taken and split: {reason}");
                    let second = batch.split_off(batch.len() / 2);
                    waiting.extend([second, batch]);
                }
                Err(Error::Invalid { reason, .. }) => {
                    tracing::warn!("what cannot be stored is replaced: {reason}");
                    let parts = batch.iter().map(|part| instead(&part.of)).collect::<Result<Vec<_>, _>>()?;
                    self.commit(with.around(&parts, is_last), &body(&parts)).await?;
                    done(parts);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether one transaction takes so many changes of so many bytes, the ledger's aside.
fn fits(count: usize, bytes: usize) -> bool {
    count <= MAX_CHANGES && bytes <= MAX_BYTES
}

/// The parts in transactions that DynamoDB takes, as far as it can be told; one that is too large stands alone.
pub(crate) fn packed<T>(parts: Vec<Part<T>>, with: &With) -> Vec<Vec<Part<T>>> {
    let own = || with.each.iter().chain(&with.last);
    let (own_count, own_bytes) = (own().count(), own().map(Change::size).sum::<usize>());
    let mut batches: Vec<Vec<Part<T>>> = Vec::new();
    let (mut count, mut bytes) = (0, 0);
    for part in parts {
        let more = (part.changes.len(), part.changes.iter().map(Change::size).sum::<usize>());
        (count, bytes) = (count + more.0, bytes + more.1);
        match batches.last_mut() {
            Some(batch) if fits(count, bytes) => batch.push(part),
            _ => {
                (count, bytes) = (own_count + more.0, own_bytes + more.1);
                batches.push(vec![part]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Thing;
    use crate::item::s;
    use crate::keys;

    fn put(bytes: usize) -> Change {
        Change::put(Thing::Wake, "x", keys::wake(), vec![("body", s("x".repeat(bytes)))])
    }

    proptest! {
        #[test]
        fn transactions_are_cut_by_count_and_by_bytes(
            sizes in prop::collection::vec((1_usize..4, 0_usize..400_000), 0..150),
            own in 0_usize..3,
        ) {
            let parts: Vec<Part<usize>> = sizes.iter().enumerate()
                .map(|(of, (count, bytes))| Part { of, changes: (0..*count).map(|_| put(bytes / count)).collect() })
                .collect();
            let with = With { each: vec![put(10); own], last: vec![put(10)] };
            let batches = packed(parts, &with);
            let order: Vec<usize> = batches.iter().flatten().map(|part| part.of).collect();
            prop_assert_eq!(order, (0..sizes.len()).collect::<Vec<_>>());
            for batch in &batches {
                let changes = || batch.iter().flat_map(|part| &part.changes).chain(&with.each).chain(&with.last);
                prop_assert!(fits(changes().count(), changes().map(Change::size).sum()));
            }
        }
    }
}
