//! Writing down what a run found: new findings are opened, those that came back reopened, those that are gone closed.
//! Each transaction has its ledger entry; doing a batch again changes nothing.

use std::collections::{HashMap, HashSet};

use countersign_aws::{Error as AwsError, With};
use domain::finding::{Disagreement, Evidence, FindingChange};
use domain::ledger::Action;
use domain::{Finding, FindingId, FindingKind, RunId, Serial, Timestamp};
use futures::{StreamExt, pin_mut};

use super::Runner;
use super::live::Live;
use super::{Stop, object};
use crate::journal::system;
use crate::retry::{finding_changed, unless_raced};
use crate::workers::steps::{self, Step};

/// How many findings one ledger entry tells of: their serial numbers fit into one of its details.
pub(super) const BATCH: usize = 45;

impl Runner {
    /// Opens, reopens or brings up to date what was found.
    pub(super) async fn record_seen(&self, live: &Live, found: Vec<Disagreement>) -> Result<(), Stop> {
        let run = live.run().id;
        let ids: Vec<FindingId> = found.iter().map(Disagreement::id).collect();
        let opened = self
            .record_steps(live, &ids, |stored| {
                let now = self.clock.now();
                let step = |disagreement: &Disagreement| match stored.get(&disagreement.id()) {
                    None => Some(Step::opened(Finding::opened(disagreement.clone(), run.clone(), now))),
                    Some(old) => {
                        old.seen(&disagreement.evidence, &run, now).map(|next| Step::again(old, next))
                    }
                };
                found.iter().filter_map(step).collect()
            })
            .await?;
        let count = opened.iter().filter(|finding| is_opened_by(finding, &run)).count();
        live.change(|run| run.opened += u64::try_from(count).unwrap_or(0));
        Ok(())
    }

    /// Closes what was not found any more, unless this run could not tell.
    pub(super) async fn record_gone(
        &self,
        live: &Live,
        seen: &HashSet<(FindingKind, Serial)>,
        is_unreadable: impl Fn(Serial) -> bool,
    ) -> Result<(), Stop> {
        let run = live.run();
        let not_judged = run.inputs.not_judged();
        let judged_from = run.inputs.report.as_ref().map(|report| report.created_at.minus(self.grace));
        let stored = self.aws.findings_not_closed(&run.authority.id());
        let gone = stored.filter_map(|finding| {
            let gone = match finding {
                Ok(Finding { id, evidence, .. }) => match id.subject.serial() {
                    // No run compares what an alert is about.
                    None => None,
                    Some(serial)
                        if seen.contains(&(id.kind, serial))
                            || not_judged.contains(&id.kind)
                            || (is_unreadable(serial) && !is_said_otherwise(seen, id.kind, serial))
                            || (waits(&evidence, judged_from) && !is_told_otherwise(seen, serial)) =>
                    {
                        None
                    }
                    Some(_) => Some(Ok(id)),
                },
                Err(error) => Some(Err(error)),
            };
            std::future::ready(gone)
        });
        let batches = gone.chunks(BATCH);
        pin_mut!(batches);
        while let Some(batch) = batches.next().await {
            let ids: Vec<FindingId> = batch.into_iter().collect::<Result<_, _>>()?;
            let closed = self
                .record_steps(live, &ids, |stored| {
                    let step = |old: &Finding| {
                        old.gone(&run.id, self.clock.now()).map(|next| Step::closed(old, next))
                    };
                    stored.values().filter_map(step).collect()
                })
                .await?;
            live.change(|run| run.closed += u64::try_from(closed.len()).unwrap_or(0));
        }
        Ok(())
    }

    /// Reads the findings, takes the steps that follow from them, and tells the ledger; again when somebody else has
    /// changed one meanwhile. Gives the findings as they are afterwards.
    async fn record_steps(
        &self,
        live: &Live,
        ids: &[FindingId],
        steps: impl Fn(&HashMap<FindingId, Finding>) -> Vec<Step>,
    ) -> Result<Vec<Finding>, Stop> {
        let again = |error: &AwsError| finding_changed(error) || error.is_transient();
        let record = || async {
            let stored = self.aws.findings(ids).await?;
            let mut stored: HashMap<FindingId, Finding> =
                stored.into_iter().map(|finding| (finding.id.clone(), finding)).collect();
            let steps = steps(&stored);
            // Whether it was done shows when it is read again.
            let written = self.commit_steps(live, steps).await?;
            stored.extend(written.into_iter().map(|finding| (finding.id.clone(), finding)));
            Ok(stored.into_values().collect())
        };
        Ok(unless_raced(again, record).await?)
    }

    async fn commit_steps(&self, live: &Live, steps: Vec<Step>) -> Result<Vec<Finding>, AwsError> {
        let body = self.journal.told(system("run"), Action::FindingsRecorded, object(&live.run()));
        let with = With { each: vec![self.aws.holds_lease(&live.lease)], last: Vec::new() };
        let mut written = Vec::new();
        let done = |step: Step| written.push(step.next);
        steps::take((&self.aws, &self.journal), steps, &with, &body, &|_| Ok(Vec::new()), done).await?;
        Ok(written)
    }
}

/// Whether an event raised it that is too new for the report of the run.
fn waits(evidence: &Evidence, judged_from: Option<Timestamp>) -> bool {
    let issued = evidence.issuance.as_ref().filter(|_| evidence.report.is_none());
    issued.is_some_and(|issuance| judged_from.is_none_or(|from| issuance.at > from))
}

/// Whether the run found something else about the issuance of the same certificate.
fn is_told_otherwise(seen: &HashSet<(FindingKind, Serial)>, serial: Serial) -> bool {
    let kinds = [FindingKind::UnauthorizedIssuance, FindingKind::RogueIssuer];
    kinds.into_iter().any(|kind| seen.contains(&(kind, serial)))
}

/// Whether the run says it by the other of the two kinds that an issuer who is not authorised makes.
fn is_said_otherwise(seen: &HashSet<(FindingKind, Serial)>, kind: FindingKind, serial: Serial) -> bool {
    let kinds = [FindingKind::UnauthorizedIssuance, FindingKind::RogueIssuer];
    kinds.contains(&kind) && is_told_otherwise(seen, serial)
}

/// Whether it was this run that opened or reopened a finding, maybe before it was taken up again.
fn is_opened_by(finding: &Finding, by: &RunId) -> bool {
    finding.history.iter().any(|event| match &event.what {
        FindingChange::Opened { run } | FindingChange::Reopened { run } => run == by,
        _ => false,
    })
}
