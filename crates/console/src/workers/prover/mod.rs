//! The prover: looks for what was executed wherever the authority publishes it: on a CRL whose signature is good, and at its
//! OCSP responder; and in a report made later. Only then it counts as done; what is not published in time is overdue, until
//! it is. An authority that publishes nowhere leaves the report alone.

mod causes;
mod gather;
mod learn;
mod lists;
mod points;
mod recent;
mod responder;
mod run;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use countersign_aws::Aws;
use domain::ledger::{Action, Object};
use domain::revocation::{Execution, ItemProgress, ItemState, OcspSeen, Request, RequestState};
use domain::{AuthorityId, Serial, Timestamp};
use feeds::ocsp::Status;
use tokio_util::sync::CancellationToken;

use super::executor::{BATCH, lease_name};
use super::requests_in;
use crate::journal::{Journal, system};
use crate::lease::{Guard, Leases, Pass};
use crate::records::Records;
use crate::{Clock, Error};
use gather::Evidence;
use points::Points;
use recent::Recent;
pub use responder::Responder;

/// The states in which a request may have revoked what is still to be proven, and no worker is about to revoke more.
const TO_BE_PROVEN: [RequestState; 5] = [
    RequestState::Halted,
    RequestState::Executed,
    RequestState::PartlyFailed,
    RequestState::Overdue,
    RequestState::Closed,
];

/// Where something was found, and what.
struct Found {
    action: Action,
    serials: BTreeSet<Serial>,
    /// "CRL of 2026-11-22T08:00:00Z, 17 entries".
    place: String,
}

/// What is looked for, over all requests about an authority.
#[derive(Default)]
struct Wanted {
    crl: BTreeSet<Serial>,
    ocsp: BTreeSet<Serial>,
    /// When the last of them was revoked.
    last: Option<Timestamp>,
}

/// Looks for proofs. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Prover {
    pub aws: Aws,
    pub clock: Clock,
    pub records: Records,
    pub journal: Journal,
    pub leases: Leases,
    pub responder: Responder,
    points: Points,
    recent: Recent,
    /// How long after the last revocation CRL and OCSP may take to show it.
    pub crl_deadline: Duration,
}

impl Prover {
    pub fn new(
        aws: Aws,
        clock: Clock,
        records: Records,
        journal: Journal,
        leases: Leases,
        responder: Responder,
        crl_deadline: Duration,
    ) -> Self {
        let points = Points::new(aws.clone());
        let recent = Recent::default();
        Self { aws, clock, records, journal, leases, responder, points, recent, crl_deadline }
    }

    /// Looks for the proofs that are still missing, authority by authority.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let mut pass = Pass::Done;
        let mut waiting: HashMap<AuthorityId, Vec<Request>> = HashMap::new();
        for state in TO_BE_PROVEN {
            let requests = requests_in(&self.aws, state).await?;
            for request in requests.into_iter().filter(is_to_be_proven) {
                waiting.entry(request.authority.id()).or_default().push(request);
            }
        }
        if waiting.is_empty() {
            self.recent.clear();
        }
        for (id, requests) in waiting {
            let Some(authority) = requests.first().map(|request| request.authority.clone()) else { continue };
            let wanted = self.wanted(&requests).await?;
            self.points.keep(&id, &wanted.crl);
            let gathered = stop.run_until_cancelled(self.gather(&authority, &wanted)).await;
            let Some(evidence) = gathered else { return Ok(pass) };
            // What keeps the run from being ordered keeps no other proof back.
            if let Err(error) = self.order_run(&authority, &requests, wanted.last).await {
                tracing::warn!(authority = %id, "no run is ordered to prove what was revoked: {}", error.trace());
            }
            for request in requests {
                if stop.is_cancelled() {
                    return Ok(pass);
                }
                let Some(guard) = self.leases.take(&lease_name(&request.id)).await? else {
                    pass = Pass::Waiting;
                    continue;
                };
                let proven = self.prove_one(&request, &evidence, &guard).await;
                guard.give_back().await;
                proven?;
            }
        }
        Ok(pass)
    }

    async fn wanted(&self, requests: &[Request]) -> Result<Wanted, Error> {
        let mut wanted = Wanted::default();
        for request in requests {
            let targets = self.aws.request_targets(&request.id).await?;
            for item in self.aws.execution(&request.id, &targets).await?.items {
                let revoked_at = match item.item {
                    ItemState::Revoked { at, .. } => Some(at),
                    _ => item.called(),
                };
                let Some(at) = revoked_at else { continue };
                wanted.last = wanted.last.max(Some(at));
                if item.lacks_crl() {
                    wanted.crl.insert(item.serial);
                }
                if item.channels.is_none() || item.lacks_ocsp() {
                    wanted.ocsp.insert(item.serial);
                }
            }
        }
        Ok(wanted)
    }

    async fn prove_one(&self, request: &Request, evidence: &Evidence, guard: &Guard) -> Result<(), Error> {
        let id = &request.id;
        let request = self.aws.request(id).await?;
        // What somebody has tried again or a worker has finished meanwhile is not what it was.
        if !is_to_be_proven(&request) {
            return Ok(());
        }
        let targets = self.aws.request_targets(id).await?;
        let mut execution = self.aws.execution(id, &targets).await?;
        let now = self.clock.now();
        self.learn(&request, &targets, &mut execution, evidence, guard).await?;
        self.remember(&request, &mut execution, evidence, now, guard).await?;

        let on_crl =
            among(&execution, |item| item.crl_at.is_none() && evidence.listed.serials.contains(&item.serial));
        let found =
            Found { action: Action::SeenOnCrl, serials: on_crl, place: evidence.listed.place.clone() };
        self.note(&request, &mut execution, found, |item| item.crl_at = Some(now), guard).await?;

        let revoked = |serial: &Serial| matches!(evidence.ocsp.get(serial), Some(Status::Revoked { .. }));
        let by_ocsp = among(&execution, |item| item.ocsp_at().is_none() && revoked(&item.serial));
        let found = Found { action: Action::SeenByOcsp, serials: by_ocsp, place: evidence.responder.clone() };
        let mark = |item: &mut ItemProgress| item.ocsp = Some(OcspSeen::Revoked { since: now });
        self.note(&request, &mut execution, found, mark, guard).await?;

        let wanted = among(&execution, |item| item.report_at.is_none());
        let found = self.in_report(&request, wanted).await?;
        self.note(&request, &mut execution, found, |item| item.report_at = Some(now), guard).await?;
        self.conclude(&request, &execution, evidence, guard).await
    }

    /// What is no proof, and worth knowing: where a revocation must show, and that OCSP does not say so yet.
    async fn remember(
        &self,
        request: &Request,
        execution: &mut Execution,
        evidence: &Evidence,
        now: Timestamp,
        guard: &Guard,
    ) -> Result<(), Error> {
        let mut changed = Vec::new();
        for item in execution.items.iter_mut().filter(|item| item.is_revoked()) {
            let before = item.clone();
            item.channels = item.channels.or(evidence.channels);
            item.ocsp = match (evidence.ocsp.get(&item.serial), item.ocsp) {
                (Some(Status::Good), None | Some(OcspSeen::Unknown { .. })) => {
                    Some(OcspSeen::Good { since: now })
                }
                (Some(Status::Unknown), None | Some(OcspSeen::Good { .. })) => {
                    Some(OcspSeen::Unknown { since: now })
                }
                (_, seen) => seen,
            };
            if *item != before {
                changed.push(item.clone());
            }
        }
        for batch in changed.chunks(BATCH) {
            guard.held()?;
            self.aws.save_items(&request.id, batch, guard.lease()).await?;
        }
        Ok(())
    }

    /// A report that shows a certificate as revoked was made after its revocation.
    async fn in_report(&self, request: &Request, wanted: BTreeSet<Serial>) -> Result<Found, Error> {
        let authority = request.authority.id();
        let made = self.records.model.report_as_of(&authority);
        let serials = self
            .records
            .model
            .revoked_in_report(&authority, wanted.into_iter().collect())
            .await?
            .into_keys()
            .collect();
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
        evidence: &Evidence,
        guard: &Guard,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let deadline = self.crl_deadline;
        let last = execution.items.iter().filter_map(|item| match item.item {
            ItemState::Revoked { at, .. } => Some(at),
            _ => None,
        });
        let due = last.max().unwrap_or(now).plus(deadline);
        let (counts, found) = (execution.counts(), execution.state(now, due));
        let state = match request.state {
            // What is proven of it stands beside its certificates: people are not done with it.
            RequestState::Halted => return Ok(()),
            // It stays so, whatever is left of it.
            RequestState::Closed => RequestState::Closed,
            _ => found,
        };
        let unproven = counts.unproven + execution.unsure(now, deadline);
        let is_proven = unproven == 0;
        let problem = (found == RequestState::Overdue).then(|| evidence.why(execution));
        // While it is overdue, another cause is news.
        if state == request.state && !is_proven && (problem.is_none() || problem == request.problem) {
            return Ok(());
        }
        let action = match found {
            _ if is_proven => Action::RevocationProven,
            RequestState::Overdue => Action::RevocationOverdue,
            _ if counts.on_crl > 0 => Action::SeenOnCrl,
            _ => Action::SeenByOcsp,
        };
        let next = Request {
            state,
            unproven,
            proven_at: is_proven.then_some(now),
            problem: problem.clone(),
            ..request.clone()
        };
        let mut body = self
            .journal
            .told(system("prover"), action, Object::Request(request.id.clone()))
            .with("on_crl", counts.on_crl)
            .with("by_ocsp", counts.by_ocsp)
            .with("in_report", counts.in_report)
            .with("revoked", counts.revoked);
        if let Some(problem) = problem {
            body = body.with("why", problem);
        }
        let change = self.aws.save_request(&next, request.state, guard.lease())?;
        self.journal.commit(vec![change], &body).await?;
        Ok(())
    }
}

/// How much of a halted request is unproven was counted when it was halted, and calls were under way.
fn is_to_be_proven(request: &Request) -> bool {
    let may_be = request.unproven > 0 || request.state == RequestState::Halted;
    may_be && TO_BE_PROVEN.contains(&request.state)
}

fn among(execution: &Execution, is_wanted: impl Fn(&ItemProgress) -> bool) -> BTreeSet<Serial> {
    let items = execution.items.iter().filter(|item| item.is_revoked() && is_wanted(item));
    items.map(|item| item.serial).collect()
}
