//! The triager: does to many findings what somebody has ordered, batch by batch. How far it is, what it changes and the entry in
//! the ledger are one write, so that wherever it dies nothing is done twice and nothing is left out.

use std::collections::{BTreeSet, HashMap};

use countersign_aws::{Aws, Change, Error as AwsError, Thing};
use domain::finding::{Bulk, Seen, Triage};
use domain::ledger::{Action, Object};
use domain::{Finding, FindingId, Permission};
use tokio_util::sync::CancellationToken;

use crate::journal::{Journal, who, with_subjects};
use crate::lease::{Guard, Leases};
use crate::records::Records;
use crate::{Clock, Error};

const TRIAGER: &str = "triager";
/// How many findings one transaction changes, and one ledger entry tells of.
const BATCH: usize = 45;
/// How many orders are looked at in one pass.
const ORDERS: u32 = 20;
/// How often a batch is decided anew when somebody was faster.
const TRIES: u32 = 5;

/// Handles many findings. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Triager {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
    pub leases: Leases,
    pub records: Records,
    /// How many people must dismiss a critical finding.
    pub critical: u32,
}

/// What was decided about a finding, in the order of the frozen ones.
type Decided = (FindingId, Result<Finding, String>);

impl Triager {
    /// Does all that was ordered.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<(), Error> {
        if self.aws.bulks_under_way(1).await?.is_empty() {
            return Ok(());
        }
        let Some(guard) = self.leases.take(TRIAGER).await? else { return Ok(()) };
        let done = tokio::select! {
            done = self.work(&guard, stop) => done,
            () = guard.lost() => guard.held(),
        };
        guard.give_back().await;
        done
    }

    async fn work(&self, guard: &Guard, stop: &CancellationToken) -> Result<(), Error> {
        for one in self.aws.bulks_under_way(ORDERS).await? {
            let bulk = self.aws.bulk(&one.id).await?;
            let by = [bulk.by.person.id.clone()].into();
            let roles = self.aws.roles_of(&by).await?;
            if !roles.get(&bulk.by.person.id).is_some_and(|roles| Permission::Operate.granted_to(roles)) {
                let why = format!("{} is not an operator any more.", bulk.by.person.name);
                self.end(&bulk, Some(why), guard).await?;
                continue;
            }
            self.handle(bulk, guard, stop).await?;
        }
        Ok(())
    }

    /// Goes on where it is, until its end or until it is told to stop.
    async fn handle(&self, mut bulk: Bulk, guard: &Guard, stop: &CancellationToken) -> Result<(), Error> {
        let (mut ahead, mut most, mut tries) = (Vec::new(), BATCH, 0);
        while bulk.end.is_none() && !stop.is_cancelled() {
            if bulk.reached >= bulk.count {
                return self.end(&bulk, None, guard).await;
            }
            if ahead.is_empty() {
                ahead = match self.aws.bulk_findings(&bulk.id, bulk.reached).await {
                    Err(AwsError::NotFound { .. }) => Vec::new(),
                    found => found?,
                };
                if ahead.is_empty() {
                    let why = "Which findings it is about is not kept any more.".to_owned();
                    return self.end(&bulk, Some(why), guard).await;
                }
            }
            let batch = &ahead[..most.min(ahead.len())];
            let (mut decided, stored) = self.decide(&bulk, batch).await?;
            decided.truncate(alike(&bulk, &decided));
            match self.write(&bulk, &decided, &stored, guard).await {
                Ok(next) => {
                    let changed: Vec<Finding> =
                        decided.iter().filter_map(|(_, one)| one.clone().ok()).collect();
                    self.records.note_findings(&changed).await?;
                    ahead.drain(..decided.len());
                    (bulk, most, tries) = (next, BATCH, 0);
                }
                // Somebody was faster with one of them, or has stopped it.
                Err(AwsError::Conflict { what: Thing::Finding | Thing::Bulk, .. }) if tries < TRIES => {
                    tries += 1;
                    bulk = self.aws.bulk(&bulk.id).await?;
                }
                // More than one transaction takes.
                Err(AwsError::Invalid { .. }) if decided.len() > 1 => most = decided.len() / 2,
                Err(AwsError::Invalid { reason, .. }) => {
                    tracing::error!(bulk = %bulk.id, "a finding cannot be stored: {reason}");
                    let id = decided.swap_remove(0).0;
                    let left = [(id, Err("It cannot be stored: see the log of the worker.".to_owned()))];
                    bulk = self.write(&bulk, &left, &stored, guard).await?;
                    ahead.remove(0);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What becomes of each, with the findings as they are stored.
    async fn decide(
        &self,
        bulk: &Bulk,
        batch: &[Seen],
    ) -> Result<(Vec<Decided>, HashMap<FindingId, Finding>), Error> {
        let now = self.clock.now();
        let ids: BTreeSet<FindingId> = batch.iter().map(|one| one.id.clone()).collect();
        let stored = self.aws.findings(&ids.into_iter().collect::<Vec<_>>()).await?;
        let stored: HashMap<_, _> = stored.into_iter().map(|one| (one.id.clone(), one)).collect();
        let decide = |Seen { id, version }: &Seen| {
            let decided = match stored.get(id) {
                None => Err("It is not there any more.".to_owned()),
                Some(finding) if finding.version != *version => {
                    Err("It has changed since this was ordered: look at it again.".to_owned())
                }
                Some(finding) => bulk.decide(finding, self.critical, now).map_err(|why| why.to_string()),
            };
            (id.clone(), decided)
        };
        Ok((batch.iter().map(decide).collect(), stored))
    }

    /// Writes what was decided, and how far it is then.
    async fn write(
        &self,
        bulk: &Bulk,
        decided: &[Decided],
        stored: &HashMap<FindingId, Finding>,
        guard: &Guard,
    ) -> Result<Bulk, AwsError> {
        let next = bulk.after(decided);
        let changed: Vec<Finding> = decided.iter().filter_map(|(_, one)| one.clone().ok()).collect();
        let mut changes = self.progress(&next, guard)?;
        let Some(first) = changed.first() else {
            self.journal.pass_over(&changes).await?;
            return Ok(next);
        };
        let action = match &bulk.what {
            Triage::Acknowledge { owner, .. } if owner.id != bulk.by.person.id => Action::FindingAssigned,
            Triage::Acknowledge { .. } => Action::FindingAcknowledged,
            Triage::Dismiss { .. } if bulk.is_asked(first) => Action::DismissalAsked,
            Triage::Dismiss { .. } => Action::FindingDismissed,
        };
        let object = match &changed[..] {
            [one] => Object::Finding(one.id.clone()),
            _ => Object::Route("findings".to_owned()),
        };
        let body = self.journal.told(who(&bulk.by), action, object).with("bulk", &bulk.id);
        let body = with_subjects(body, &changed);
        for finding in &changed {
            let replaces = stored.get(&finding.id).map(|one| one.version);
            changes.push(self.aws.save_finding(finding, replaces, body.at)?);
        }
        self.journal.commit(changes, &body).await?;
        Ok(next)
    }

    async fn end(&self, bulk: &Bulk, why: Option<String>, guard: &Guard) -> Result<(), Error> {
        let ended = bulk.ended(why, self.clock.now());
        let body = self.journal.told(who(&bulk.by), Action::BulkEnded, Object::Route("findings".to_owned()));
        let left: u64 = ended.left.values().sum();
        let body = body.with("bulk", &bulk.id).with("reached", ended.reached).with("count", ended.count);
        let body = body.with("done", ended.done).with("asked", ended.asked).with("left", left);
        match self.journal.commit(self.progress(&ended, guard)?, &body).await {
            // Stopped in its last moment.
            Ok(_) | Err(AwsError::Conflict { what: Thing::Bulk, .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn progress(&self, next: &Bulk, guard: &Guard) -> Result<Vec<Change>, AwsError> {
        let lease = self.aws.holds_lease(guard.lease());
        Ok(vec![lease, self.aws.save_bulk(next)?])
    }
}

/// How many from the first one on can stand in one entry of the ledger: those that are done, or those that are asked for.
fn alike(bulk: &Bulk, decided: &[Decided]) -> usize {
    let kind = |(_, one): &Decided| one.as_ref().ok().map(|finding| bulk.is_asked(finding));
    let first = decided.iter().find_map(kind);
    decided.iter().take_while(|one| kind(one).is_none_or(|kind| Some(kind) == first)).count()
}
