//! A table that is older than the log: somebody has restored it. What the log has is what happened, and the ledger goes on
//! behind it.

use countersign_aws::Error as AwsError;
use domain::ledger::Entry;
use futures::TryStreamExt;
use tlog::{WIDTH, bundle_of, entries};

use super::Sequencer;
use super::publish::Open;
use crate::Error;

impl Sequencer {
    /// The place after which entries are placed; `last`: the last one in the table. What the table lacks of the log is put
    /// back; what it has otherwise is told.
    pub(super) async fn behind_the_log(&self, open: &mut Open<'_>, last: u64) -> Result<u64, Error> {
        let size = open.edge.tree.size();
        if last < size {
            let what = format!(
                "The console's table is older than the log: it has {last} entries, and the log {size}. Somebody has restored it, or taken entries away. What the log has is what happened; what else the table has lost is nowhere here. New entries follow behind the log."
            );
            self.raise("table", what).await?;
            self.put_back(open, last, size).await?;
        }
        self.compare_newest(open).await?;
        Ok(last.max(size))
    }

    /// Entries `last` + 1 to `size` from the log into the table.
    async fn put_back(&self, open: &Open<'_>, last: u64, size: u64) -> Result<(), Error> {
        let mut next = last;
        while next < size {
            let (path, place) = bundle_of(next, size);
            let missing = || Error::internal(format!("the log's {path} is missing or damaged"));
            let bundle = open.written.log.files.read(&path).await?.ok_or_else(missing)?;
            let found = entries(&bundle.bytes).map_err(|_| missing())?;
            let mut back = Vec::new();
            for (seq, entry) in (next + 1..).zip(found.into_iter().skip(place)) {
                let text = String::from_utf8(entry.to_vec()).map_err(Error::internal)?;
                back.push(Entry { seq, text });
            }
            match self.aws.restore_placed(&back).await {
                Ok(()) | Err(AwsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let end = next - u64::try_from(place).unwrap_or(0) + WIDTH as u64;
            next = end.min(size);
        }
        Ok(())
    }

    /// Whether the table's newest published entries are those of the log. Asked when the log is opened anew.
    async fn compare_newest(&self, open: &mut Open<'_>) -> Result<(), Error> {
        if std::mem::replace(&mut open.compared, true) {
            return Ok(());
        }
        let size = open.edge.tree.size();
        let newest = open.edge.tree.newest().map_err(Error::internal)?;
        let first = size - u64::try_from(newest.len()).unwrap_or(0) + 1;
        let mut stored = std::pin::pin!(self.aws.placed_from(first));
        for (seq, text) in (first..).zip(newest) {
            let entry = stored.try_next().await?;
            if entry.is_none_or(|entry| entry.seq != seq || entry.text.as_bytes() != text) {
                let what = format!(
                    "Entry {seq} in the console's table is not what the log has in its place: somebody has changed the table. What the log has is what happened."
                );
                return self.raise("table", what).await;
            }
        }
        Ok(())
    }
}
