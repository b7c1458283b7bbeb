//! Writing changes together with the ledger entry that tells of them, and with what people are to be told: all or nothing
//! (docs/SECURITY.md, promise 3).

use domain::ledger::{Body, written};

use crate::item::s;
use crate::transact::{Backoff, Transaction, refusal};
use crate::{Aws, Change, Error, Thing, keys};

/// The most octets of an entry's text: what a bundle of the log takes.
const LONGEST: usize = 65_535;
/// How often a call is made again whose answer was lost.
const LOST: u32 = 3;

impl Aws {
    /// Does all `changes` (at most [`crate::MAX_CHANGES`], none is fine) and puts `body` where the sequencer finds it, or does
    /// nothing. Waits for nobody: any number of writers write at the same time.
    ///
    /// # Errors
    /// [`Error::Conflict`] names the first change whose condition does not hold. After [`Error::Unavailable`] it is
    /// not known whether it was done.
    pub async fn commit(&self, changes: Vec<Change>, body: &Body) -> Result<(), Error> {
        self.commit_all(changes, body, &[]).await
    }

    /// The same with an entry for each body, one after the other. Each takes the place of one more change.
    ///
    /// # Errors
    /// As [`Aws::commit`].
    pub async fn commit_all(&self, changes: Vec<Change>, body: &Body, more: &[Body]) -> Result<(), Error> {
        let entries = u64::try_from(1 + more.len()).unwrap_or(1);
        self.append(changes, std::iter::once(body).chain(more)).await?;
        self.wake().await;
        metrics::counter!("countersign_ledger_appends_total").increment(entries);
        Ok(())
    }

    async fn append(
        &self,
        mut changes: Vec<Change>,
        bodies: impl Iterator<Item = &Body>,
    ) -> Result<(), Error> {
        // By time, and one for each commit: see `crate::ledger::Unplaced`.
        let id = uuid::Uuid::now_v7();
        let named: Vec<_> =
            bodies.enumerate().map(|(place, body)| (format!("{id}.{place:02}"), body)).collect();
        for (id, body) in &named {
            changes.push(unplaced(id, body)?);
        }
        changes.extend(self.tell_of(&id.to_string(), &named)?);
        let mut token = id.simple().to_string();
        let (mut backoff, mut lost) = (Backoff::default(), None);
        let mut left = LOST;
        loop {
            match self.transact_once(&changes, &token).await {
                Ok(Transaction::Done) => return Ok(()),
                Ok(Transaction::Refused(places)) => return Err(refusal(&changes, &places)),
                // Under another token only what certainly was not done.
                Ok(Transaction::Busy) if lost.is_none() => token = uuid::Uuid::new_v4().simple().to_string(),
                Ok(Transaction::Busy) => {}
                // Under the same token, a call that was done is not done again.
                Err(error @ Error::Unavailable { .. }) if left > 0 => {
                    left -= 1;
                    lost = Some(error);
                }
                Err(error) => return Err(error),
            }
            if !backoff.wait().await {
                let resource = self.console_table().to_owned();
                return Err(
                    lost.unwrap_or(Error::Throttled { operation: "appending to the ledger", resource })
                );
            }
        }
    }
}

fn unplaced(id: &str, body: &Body) -> Result<Change, Error> {
    const OPERATION: &str = "appending to the ledger";
    let text = written(id, body).map_err(|error| Error::invalid(OPERATION, "an entry", error))?;
    if text.len() > LONGEST {
        let reason = format!("it has {} bytes, and the log takes {LONGEST} at most", text.len());
        return Err(Error::invalid(OPERATION, "an entry", reason));
    }
    let key = keys::unplaced_entry(id);
    Ok(Change::put(Thing::LedgerEntry, id, key, [(keys::BODY, s(text))]).when_absent())
}
