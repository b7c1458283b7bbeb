//! What people do about findings, one or several together: take them on, or say why they are no trouble.

use std::collections::{BTreeMap, HashMap};

use domain::finding::{FindingRefusal, Seen};
use domain::ledger::{Action, Object};
use domain::{Actor, Finding, FindingId, FindingState, Permission, PersonId, Timestamp};

use super::bulk::not_passed;
use crate::journal::with_subjects;
use crate::{Console, Error};

/// The text for somebody who decided by a page that is no longer true.
const STALE: &str = "Somebody else has changed the finding meanwhile. Read it again.";
/// How many findings one transaction changes, and one ledger entry tells of.
const BATCH: usize = 45;
/// How many findings are handled together: as many as a page of the list has.
pub(crate) const TOGETHER: usize = domain::views::PAGE_SIZE as usize;

impl Console {
    /// Makes `owner` the owner of these findings, in the versions that were on the page; `None`: `actor`.
    ///
    /// # Errors
    /// One of them cannot be taken on: then none is.
    pub async fn acknowledge_findings(
        &self,
        actor: &Actor,
        seen: &[Seen],
        owner: Option<&PersonId>,
        due: Option<Timestamp>,
    ) -> Result<Vec<Finding>, Error> {
        let now = self.clock.now();
        let (due, owner) = (not_passed(due, now)?, self.owner(actor, owner).await?);
        let mut told: Vec<_> = due.map(|due| ("due", due.to_string())).into_iter().collect();
        let action = match owner.id == actor.person.id {
            true => Action::FindingAcknowledged,
            false => {
                told.push(("owner", owner.id.to_string()));
                Action::FindingAssigned
            }
        };
        let assign = |finding: &Finding| finding.assign(actor, &owner, due, now);
        self.triage(actor, seen, ("acknowledge", action), told, assign).await
    }

    /// Declares that these findings are no trouble, for `reason`; where policy asks for two people, the first of them asks for it.
    ///
    /// # Errors
    /// One of them cannot be dismissed: then none is.
    pub async fn dismiss_findings(
        &self,
        actor: &Actor,
        seen: &[Seen],
        reason: &str,
    ) -> Result<Vec<Finding>, Error> {
        let (now, told) = (self.clock.now(), vec![("reason", reason.trim().to_owned())]);
        let what = ("dismiss", Action::FindingDismissed);
        let critical = self.settings().policy.dismiss_critical;
        let dismiss =
            |finding: &Finding| finding.dismiss_among(finding.dismissers(critical), actor, reason, now);
        self.triage(actor, seen, what, told, dismiss).await
    }

    /// Decides about all of them before anything is written. More than [`BATCH`] are several transactions.
    async fn triage(
        &self,
        actor: &Actor,
        seen: &[Seen],
        (attempt, action): (&str, Action),
        told: Vec<(&'static str, String)>,
        decide: impl Fn(&Finding) -> Result<Finding, FindingRefusal>,
    ) -> Result<Vec<Finding>, Error> {
        let ids: Vec<FindingId> = seen.iter().map(|one| one.id.clone()).collect();
        self.allowed(actor, Permission::Operate, about(&ids)).await?;
        if !(1..=TOGETHER).contains(&ids.len()) {
            let why = format!("Choose at least one finding, and at most {TOGETHER}.");
            return Err(Error::invalid("seen", why));
        }
        let stored = self.aws.findings(&ids).await?;
        let stored: HashMap<FindingId, Finding> =
            stored.into_iter().map(|finding| (finding.id.clone(), finding)).collect();
        // By id: whoever is named twice is decided about once.
        let mut steps = BTreeMap::new();
        for Seen { id, version } in seen {
            let finding = stored.get(id).ok_or(Error::NotFound("finding"))?;
            let decided = match finding.version == *version {
                true => decide(finding).map_err(Error::from),
                false => Err(Error::Conflict(STALE.to_owned())),
            };
            match decided {
                Ok(next) => steps.insert(id, next),
                Err(error @ Error::Invalid { .. }) => return Err(error),
                Err(error) => {
                    return Err(self
                        .journal
                        .refuse(actor, attempt, Object::Finding(id.clone()), error)
                        .await);
                }
            };
        }
        let (asked, done): (Vec<Finding>, Vec<Finding>) =
            steps.into_values().partition(|next| is_asked(next, action));
        let batches = asked.chunks(BATCH).map(|batch| (Action::DismissalAsked, batch));
        for (action, batch) in batches.chain(done.chunks(BATCH).map(|batch| (action, batch))) {
            let mut body = self.told(actor, action, about(&batch_ids(batch)));
            for (name, value) in &told {
                body = body.with(name, value);
            }
            let body = with_subjects(body, batch);
            let save = |next: &Finding| {
                let replaces = stored.get(&next.id).map(|finding| finding.version);
                self.aws.save_finding(next, replaces, body.at)
            };
            let changes = batch.iter().map(save).collect::<Result<_, _>>()?;
            self.journal.commit(changes, &body).await?;
            self.records.note_findings(batch).await?;
        }
        Ok([asked, done].concat())
    }
}

/// Whether it is not dismissed yet, though somebody has said that it is no trouble.
fn is_asked(next: &Finding, action: Action) -> bool {
    action == Action::FindingDismissed && !matches!(next.state, FindingState::Dismissed { .. })
}

fn batch_ids(findings: &[Finding]) -> Vec<FindingId> {
    findings.iter().map(|finding| finding.id.clone()).collect()
}

fn about(ids: &[FindingId]) -> Object {
    match ids {
        [id] => Object::Finding(id.clone()),
        _ => Object::Route("findings".to_owned()),
    }
}
