//! The teller: tells the inventory of what was revoked, behind the executor. An inventory that is slow or refuses holds up no
//! revocation: what it was not told, the next run finds.

use countersign_aws::inventory::Recorded;
use countersign_aws::{Aws, Error as AwsError, Untold};
use std::sync::{Arc, Mutex};

use domain::ledger::{Action, Object};
use domain::trail::RevocationCall;
use domain::{ReportRow, RevocationReason, Timestamp};
use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::journal::{Journal, system};
use crate::lease::{Guard, Leases};
use crate::lock::lock;
use crate::records::Records;
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
    pub records: Records,
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
        failure.map_or(Ok(()), Err)
    }

    /// When it was told. `None`: it does not know the certificate, or cannot take it in, now or later.
    async fn tell(&self, untold: Untold) -> (Untold, Result<Option<Timestamp>, Error>) {
        let answer = self.try_to_tell(&untold).await;
        (untold, answer)
    }

    async fn try_to_tell(&self, untold: &Untold) -> Result<Option<Timestamp>, Error> {
        let Untold { device, serial_key, .. } = untold;
        let (at, reason) = self.as_the_ca_has_it(untold).await?;
        match self.aws.record_revocation(device, serial_key, at, reason).await {
            Ok(Recorded::Now | Recorded::Before) => Ok(Some(self.clock.now())),
            Ok(Recorded::Missing) => Ok(None),
            Err(error @ AwsError::Invalid { .. }) => {
                let id = &untold.request;
                tracing::error!(request = %id, serial = %untold.serial, "the inventory was not told of {id}: {error}");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// When and why it was revoked: as we did it, or as the CA has it from somebody who did before.
    async fn as_the_ca_has_it(
        &self,
        untold: &Untold,
    ) -> Result<(Timestamp, Option<RevocationReason>), Error> {
        if !untold.by_others {
            return Ok((untold.revoked_at, Some(untold.reason)));
        }
        let authority = self.aws.request(&untold.request).await?.authority;
        let report = self.records.model.found(&authority, untold.serial).await?.report;
        let call = self.records.deeds_of(&authority, untold.serial).await?.revocation;
        Ok(by_others(report.as_ref(), call.as_ref(), untold.revoked_at))
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

/// When and why somebody else revoked a certificate: as a report says it, else as the trail does. Of what neither knows, only that it
/// was `noticed`: the reason that we had is not the CA's.
fn by_others(
    report: Option<&ReportRow>,
    call: Option<&RevocationCall>,
    noticed: Timestamp,
) -> (Timestamp, Option<RevocationReason>) {
    let reported = report.and_then(|row| Some((row.revoked_at?, row.revocation_reason.as_deref())));
    let called = call.map(|call| (call.at, call.reason.as_deref()));
    let (at, reason) = reported.or(called).unwrap_or((noticed, None));
    (at, reason.and_then(|reason| reason.parse().ok()))
}

#[cfg(test)]
mod tests {
    use domain::trail::Identity;

    use super::*;

    #[test]
    fn the_reason_is_that_of_who_revoked() {
        let at = |seconds: i64| Timestamp::from_unix(1_700_000_000 + seconds).unwrap();
        let call = RevocationCall {
            event: "7ed0a6a0-3f4f-4e3c-9a34-000000000001".parse().unwrap(),
            at: at(1),
            identity: Identity::of_arn("arn:aws:iam::111122223333:role/other"),
            address: None,
            reason: Some("SUPERSEDED".to_owned()),
        };
        let row = ReportRow {
            authority: "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a".parse().unwrap(),
            serial: "0a".parse().unwrap(),
            subject: None,
            not_before: at(0),
            not_after: at(9),
            issued_at: at(0),
            revoked_at: Some(at(2)),
            revocation_reason: Some("CESSATION_OF_OPERATION".to_owned()),
            template: None,
            requested_by_service: None,
        };
        let in_force = ReportRow { revoked_at: None, revocation_reason: None, ..row.clone() };
        let reason = Some(RevocationReason::CessationOfOperation);
        assert_eq!(by_others(Some(&row), Some(&call), at(5)), (at(2), reason));
        let called = (at(1), Some(RevocationReason::Superseded));
        assert_eq!(by_others(Some(&in_force), Some(&call), at(5)), called);
        assert_eq!(by_others(None, None, at(5)), (at(5), None));
    }
}
