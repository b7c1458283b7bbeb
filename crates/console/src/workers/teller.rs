//! The teller: tells the inventory of what was revoked, behind the executor. An inventory that is slow or refuses holds up no
//! revocation: what it was not told, the next run finds.

use countersign_aws::inventory::Recorded;
use countersign_aws::{Aws, Error as AwsError, Untold};
use std::sync::{Arc, Mutex};

use domain::Timestamp;
use domain::ledger::{Action, Object};
use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::journal::{Journal, system};
use crate::lease::{Guard, Leases};
use crate::lock::lock;
use crate::{Clock, Error};

const TELLER: &str = "teller";
/// How many are told with one entry of the ledger: two changes each, and its lease.
const BATCH: u32 = 40;
/// How many items of the inventory are written at once.
const AT_ONCE: usize = 8;

/// Tells the inventory. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Teller {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
    pub leases: Leases,
    /// After which one the next pass begins: where nothing got through, others have their turn first.
    pub after: Arc<Mutex<Option<Untold>>>,
}

impl Teller {
    /// Tells it everything that it is still to be told. What is refused for now is tried again with the next pass.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<(), Error> {
        if self.aws.untold(None, 1).await?.is_empty() {
            return Ok(());
        }
        let Some(guard) = self.leases.take(TELLER).await? else { return Ok(()) };
        let done = tokio::select! {
            done = self.tell_all(&guard, stop) => done,
            () = guard.lost() => guard.held(),
        };
        guard.give_back().await;
        done
    }

    async fn tell_all(&self, guard: &Guard, stop: &CancellationToken) -> Result<(), Error> {
        let mut failure = None;
        while !stop.is_cancelled() {
            let after = lock(&self.after).clone();
            let batch = self.aws.untold(after.as_ref(), BATCH).await?;
            *lock(&self.after) = batch.last().cloned();
            if batch.is_empty() {
                break;
            }
            let told = stream::iter(batch).map(|untold| self.tell(untold)).buffer_unordered(AT_ONCE);
            let (mut settled, mut refused) = (Vec::new(), None);
            for (untold, answer) in told.collect::<Vec<_>>().await {
                match answer {
                    Ok(told_at) => settled.push((untold, told_at)),
                    Err(error) => refused = Some(error),
                }
            }
            self.note(&settled, guard).await?;
            // A batch of which nothing gets through says that the others need not be tried now.
            let hopeless = settled.is_empty();
            failure = refused.or(failure);
            if hopeless {
                break;
            }
        }
        failure.map_or(Ok(()), |error| Err(error.into()))
    }

    /// When it was told. `None`: it does not know the certificate, or cannot take it in, now or later.
    async fn tell(&self, untold: Untold) -> (Untold, Result<Option<Timestamp>, AwsError>) {
        let Untold { device, serial_key, revoked_at, reason, .. } = &untold;
        let answer = match self.aws.record_revocation(device, serial_key, *revoked_at, *reason).await {
            Ok(Recorded::Now | Recorded::Before) => Ok(Some(self.clock.now())),
            Ok(Recorded::Missing) => Ok(None),
            Err(error @ AwsError::Invalid { .. }) => {
                let id = &untold.request;
                tracing::error!(request = %id, serial = %untold.serial, "the inventory was not told of {id}: {error}");
                Ok(None)
            }
            Err(error) => Err(error),
        };
        (untold, answer)
    }

    /// Notes what was told, request by request.
    async fn note(&self, settled: &[(Untold, Option<Timestamp>)], guard: &Guard) -> Result<(), Error> {
        let mut settled = settled.to_vec();
        settled.sort_by(|(a, _), (b, _)| a.request.cmp(&b.request));
        for of_request in settled.chunk_by(|(a, _), (b, _)| a.request == b.request) {
            let mut changes = vec![self.aws.holds_lease(guard.lease())];
            for (untold, at) in of_request {
                changes.extend(self.aws.no_longer_untold(untold, *at));
            }
            let told = of_request.iter().filter(|(_, at)| at.is_some()).count();
            let object = Object::Request(of_request[0].0.request.clone());
            let body = self.journal.told(system(TELLER), Action::InventoryRecorded, object);
            self.journal.commit(changes, &body.with("certificates", told)).await?;
        }
        Ok(())
    }
}
