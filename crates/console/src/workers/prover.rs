//! The prover: looks for what was executed: on a CRL whose signature is good, and in a report made later. Only then it counts as
//! done; what the CRL does not show in time is overdue, until it does.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use countersign_aws::authorities::CrlPlace;
use domain::ledger::{Action, Object};
use domain::revocation::{Execution, ItemProgress, ItemState, Request, RequestState};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};
use tokio_util::sync::CancellationToken;

use super::executor::{BATCH, lease_name};
use super::requests_in;
use crate::journal::{Journal, system};
use crate::lease::{Guard, Leases, Pass};
use crate::records::Records;
use crate::{Clock, Error};

/// How large a CRL is read: one of a million revoked certificates has about 60 MB.
const CRL_BYTES: u64 = 200 << 20;

/// A CRL as it was fetched, in DER, with the PEM of the CA that must have signed it; or why there is none.
type Fetched = Result<Arc<(Vec<u8>, String)>, String>;

/// Where something was found, and what.
struct Found {
    action: Action,
    serials: BTreeSet<Serial>,
    /// "CRL of 2026-11-22T08:00:00Z, 17 entries".
    place: String,
}

/// Looks for proofs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Prover {
    pub aws: Aws,
    pub clock: Clock,
    pub records: Records,
    pub journal: Journal,
    pub leases: Leases,
    /// How long after the last revocation the CRL may take to show it.
    pub crl_deadline: Duration,
}

impl Prover {
    /// Looks for the proofs that are still missing.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let mut pass = Pass::Done;
        let mut crls: HashMap<AuthorityId, Fetched> = HashMap::new();
        for state in [RequestState::Executed, RequestState::PartlyFailed, RequestState::Overdue] {
            for request in requests_in(&self.aws, state).await? {
                if stop.is_cancelled() {
                    return Ok(pass);
                }
                if request.unproven == 0 {
                    continue;
                }
                let id = request.authority.id();
                if !crls.contains_key(&id) {
                    crls.insert(id.clone(), self.fetch_crl(&request.authority).await?);
                }
                let Some(guard) = self.leases.take(&lease_name(&request.id)).await? else {
                    pass = Pass::Waiting;
                    continue;
                };
                let proven = self.prove_one(&request, &crls[&id], &guard).await;
                guard.give_back().await;
                proven?;
            }
        }
        Ok(pass)
    }

    async fn prove_one(&self, request: &Request, fetched: &Fetched, guard: &Guard) -> Result<(), Error> {
        let id = &request.id;
        let request = self.aws.request(id).await?;
        if request.unproven == 0 {
            return Ok(());
        }
        let targets = self.aws.request_targets(id).await?;
        let mut execution = self.aws.execution(id, &targets).await?;
        let now = self.clock.now();

        let wanted = serials(&execution, |item| item.crl_at.is_none());
        let (found, problem) = match read(fetched, wanted, now).await {
            Ok((found, problem)) => (Some(found), problem),
            Err(problem) => (None, Some(problem)),
        };
        if let Some(found) = found {
            self.note(&request, &mut execution, found, |item| item.crl_at = Some(now), guard).await?;
        }
        let wanted = serials(&execution, |item| item.report_at.is_none());
        let found = self.in_report(&request, wanted).await?;
        self.note(&request, &mut execution, found, |item| item.report_at = Some(now), guard).await?;
        self.conclude(&request, &execution, problem, guard).await
    }

    /// A report that shows a certificate as revoked was made after its revocation.
    async fn in_report(&self, request: &Request, wanted: Vec<Serial>) -> Result<Found, Error> {
        let authority = request.authority.id();
        let made = self.records.model.report_as_of(&authority);
        let serials = self.records.model.revoked_in_report(&authority, wanted).await?.into_keys().collect();
        let place = made.map_or_else(|| "report".to_owned(), |made| format!("report of {made}"));
        Ok(Found { action: Action::SeenInReport, serials, place })
    }

    /// Marks the items that were found, some at a time.
    async fn note(
        &self,
        request: &Request,
        execution: &mut Execution,
        found: Found,
        mark: impl Fn(&mut ItemProgress),
        guard: &Guard,
    ) -> Result<(), Error> {
        let mut items: Vec<&mut ItemProgress> =
            execution.items.iter_mut().filter(|item| found.serials.contains(&item.serial)).collect();
        for batch in items.chunks_mut(BATCH) {
            guard.held()?;
            let mut changes = Vec::new();
            for item in batch.iter_mut() {
                mark(item);
                changes.push(self.aws.save_item(&request.id, item, guard.lease())?);
            }
            let body = self
                .journal
                .told(system("prover"), found.action, Object::Request(request.id.clone()))
                .with("certificates", changes.len())
                .with("where", &found.place);
            self.journal.commit(changes, &body).await?;
        }
        Ok(())
    }

    /// What the proofs make of the request.
    async fn conclude(
        &self,
        request: &Request,
        execution: &Execution,
        crl_problem: Option<String>,
        guard: &Guard,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let deadline = self.crl_deadline;
        let last = execution.items.iter().filter_map(|item| match item.item {
            ItemState::Revoked { at, .. } => Some(at),
            _ => None,
        });
        let due = last.max().unwrap_or(now).plus(deadline);
        let (counts, state) = (execution.counts(), execution.state(now, due));
        let is_proven = counts.unproven == 0;
        if state == request.state && !is_proven {
            return Ok(());
        }
        let missing = counts.revoked.saturating_sub(counts.on_crl);
        let problem = (state == RequestState::Overdue).then(|| {
            crl_problem.unwrap_or_else(|| format!("{missing} of {} are not on the CRL", counts.revoked))
        });
        let action = match state {
            _ if is_proven => Action::RevocationProven,
            RequestState::Overdue => Action::RevocationOverdue,
            _ => Action::SeenOnCrl,
        };
        let next = Request {
            state,
            unproven: counts.unproven,
            proven_at: is_proven.then_some(now),
            problem: problem.clone(),
            ..request.clone()
        };
        let mut body = self
            .journal
            .told(system("prover"), action, Object::Request(request.id.clone()))
            .with("on_crl", counts.on_crl)
            .with("in_report", counts.in_report)
            .with("revoked", counts.revoked);
        if let Some(problem) = problem {
            body = body.with("why", problem);
        }
        let change = self.aws.save_request(&next, request.state, guard.lease())?;
        self.journal.commit(vec![change], &body).await?;
        Ok(())
    }

    /// The CRL of the authority. What AWS says no to, for good or for now, is the answer and not an error: it is why
    /// a proof is overdue.
    async fn fetch_crl(&self, authority: &AuthorityArn) -> Result<Fetched, Error> {
        let fetched = async {
            let details = self.aws.describe_authority(authority).await?;
            let (bucket, key) = match details.crl {
                Some(CrlPlace::Complete { bucket, key }) => (bucket, key),
                Some(CrlPlace::Partitioned { .. }) => {
                    return Ok(Err(
                        "the authority publishes partitioned CRLs, which are not read yet".to_owned()
                    ));
                }
                None => return Ok(Err("the authority publishes no CRL".to_owned())),
            };
            let issuer = self.aws.authority_certificate(authority).await?.pem;
            let der = self.aws.small_object(&bucket, &key, CRL_BYTES).await?;
            Ok::<_, countersign_aws::Error>(Ok(Arc::new((der, issuer))))
        };
        Ok(fetched.await.unwrap_or_else(|error| {
            tracing::warn!(%authority, "the CRL of {authority} cannot be read: {error}");
            Err(format!("the CRL cannot be read: {error}"))
        }))
    }
}

fn serials(execution: &Execution, without: impl Fn(&ItemProgress) -> bool) -> Vec<Serial> {
    let items = execution.items.iter().filter(|item| item.is_revoked() && without(item));
    items.map(|item| item.serial).collect()
}

/// Reads and verifies the CRL, on a thread that may be busy. One past its time proves what it shows all the same, as
/// nothing is taken off before it expires; but that something is missing may be the CRL's fault, which comes second.
async fn read(
    fetched: &Fetched,
    wanted: Vec<Serial>,
    now: Timestamp,
) -> Result<(Found, Option<String>), String> {
    let fetched = fetched.clone()?;
    let wanted: BTreeSet<Serial> = wanted.into_iter().collect();
    let task = tokio::task::spawn_blocking(move || {
        feeds::crl::read(fetched.0.as_slice(), fetched.1.as_bytes(), &wanted)
    });
    let crl = task.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let place = format!("CRL of {}, {} entries", crl.this_update, crl.entries);
    let problem = crl.next_update.filter(|end| *end < now);
    let problem = problem.map(|end| format!("the newest CRL has expired at {}", end.absolute()));
    let serials = crl.revoked.into_keys().collect();
    Ok((Found { action: Action::SeenOnCrl, serials, place }, problem))
}
