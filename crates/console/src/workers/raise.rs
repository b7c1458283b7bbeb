//! Opening the findings of alerts: each batch is one transaction with its ledger entry and its notifications. Raising again
//! what was raised before changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use countersign_aws::notifications::Notice;
use countersign_aws::{Aws, Change, Error as AwsError};
use domain::alerts::Alert;
use domain::finding::{Evidence, FindingChange, Message, Subject};
use domain::ledger::{Action, Object};
use domain::reconcile::Sides;
use domain::trail::{Authorisation, Issuance};
use domain::views::Notification;
use domain::{AuthorityArn, Finding, FindingId, FindingKind, Serial, Timestamp};

use super::steps::{self, Step};
use crate::journal::{Journal, system};
use crate::records::Found;
use crate::records::judge::bound;
use crate::retry::{finding_changed, unless_raced};
use crate::{Clock, Error};

/// How many findings one ledger entry tells of. Each may have a notification, and a transaction has 100 actions.
const BATCH: usize = 40;
/// Nobody is notified of what happened longer ago, if it is history: the first reading of a trail must not flood anybody.
const NEWS: Duration = Duration::from_secs(24 * 3600);

/// Opens the findings of alerts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Raiser {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
    /// The host that notifications go to; `None`: nobody is notified.
    pub webhook: Option<String>,
}

/// A finding that should be open.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    id: FindingId,
    authority: Option<AuthorityArn>,
    evidence: Evidence,
}

impl Trouble {
    /// A certificate that was issued without authorisation; with what the read model knows of it.
    pub(crate) fn certificate(
        authority: AuthorityArn,
        serial: Serial,
        found: Found,
        issuance: Issuance,
        authorisation: Authorisation,
    ) -> Self {
        let kind = match found.items.is_empty() {
            true => FindingKind::UnauthorizedIssuance,
            false => FindingKind::RogueIssuer,
        };
        let mut sides = Sides {
            report: found.report,
            inventory: found.items,
            issuance: Some(issuance),
            ..Sides::default()
        };
        bound(&mut sides);
        let Sides { report, inventory, issuance, .. } = sides;
        let evidence = Evidence {
            report,
            inventory,
            issuance,
            authorisation: Some(authorisation),
            ..Evidence::default()
        };
        let id = FindingId { kind, scope: authority.id(), subject: Subject::Certificate(serial) };
        Self { id, authority: Some(authority), evidence }
    }

    /// The finding, or those of the same certificate that say the same of it.
    fn same(&self) -> Vec<FindingId> {
        let kinds: &[FindingKind] = match self.id.kind {
            FindingKind::UnauthorizedIssuance | FindingKind::RogueIssuer => {
                &[FindingKind::UnauthorizedIssuance, FindingKind::RogueIssuer]
            }
            _ => &[self.id.kind],
        };
        kinds.iter().map(|kind| FindingId { kind: *kind, ..self.id.clone() }).collect()
    }
}

impl From<Alert> for Trouble {
    fn from(alert: Alert) -> Self {
        let id = alert.id();
        let evidence = Evidence { alert: Some(alert.facts), ..Evidence::default() };
        Self { id, authority: alert.authority, evidence }
    }
}

impl Raiser {
    /// Opens the findings, or opens them again; `step` is done with the last of them. `conditions` hold all along. What
    /// happened before `watched` is history; what happened later is told, however late it comes.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else is at it.
    pub(super) async fn raise(
        &self,
        trouble: Vec<Trouble>,
        watched: Timestamp,
        conditions: &[Change],
        step: Vec<Change>,
    ) -> Result<(), Error> {
        let mut each: BTreeMap<FindingId, Trouble> = BTreeMap::new();
        for trouble in trouble {
            each.insert(trouble.id.clone(), trouble);
        }
        let all: Vec<Trouble> = each.into_values().collect();
        let whole = all.len() / BATCH * BATCH;
        // The last batch, which may be empty, takes the step.
        let (before, last) =
            all.split_at(if whole == all.len() { whole.saturating_sub(BATCH) } else { whole });
        for batch in before.chunks(BATCH) {
            self.raise_batch(batch, watched, conditions.to_vec()).await?;
        }
        let changes: Vec<Change> = conditions.iter().cloned().chain(step).collect();
        self.raise_batch(last, watched, changes).await
    }

    async fn raise_batch(
        &self,
        trouble: &[Trouble],
        watched: Timestamp,
        and: Vec<Change>,
    ) -> Result<(), Error> {
        let ids: Vec<FindingId> = trouble.iter().flat_map(Trouble::same).collect();
        let raised = unless_raced(finding_changed, || async {
            let stored = self.aws.findings(&ids).await?;
            let stored: HashMap<FindingId, Finding> =
                stored.into_iter().map(|finding| (finding.id.clone(), finding)).collect();
            let steps: Vec<Step> = trouble.iter().filter_map(|one| self.step(one, &stored)).collect();
            self.commit_steps(&steps, watched, and.clone()).await?;
            Ok::<_, AwsError>(steps)
        });
        raised.await?.iter().filter(|step| is_news(step)).for_each(|step| tell(&step.next));
        Ok(())
    }

    fn step(&self, trouble: &Trouble, stored: &HashMap<FindingId, Finding>) -> Option<Step> {
        let now = self.clock.now();
        let Trouble { id, authority, evidence } = trouble;
        match trouble.same().iter().find_map(|id| stored.get(id)) {
            None => Some(Step::opened(Finding::raised(id.clone(), authority.clone(), evidence.clone(), now))),
            Some(old) => old.raised_again(evidence, now).map(|next| Step::again(old, next)),
        }
    }

    async fn commit_steps(
        &self,
        steps: &[Step],
        watched: Timestamp,
        mut changes: Vec<Change>,
    ) -> Result<(), AwsError> {
        let [first, ..] = steps else {
            return match changes.is_empty() {
                true => Ok(()),
                false => self.aws.pass_without_alert(&changes).await,
            };
        };
        let object = match steps.len() {
            1 => Object::Finding(first.next.id.clone()),
            _ => Object::Route("findings".to_owned()),
        };
        let body = self.journal.told(system("alerts"), Action::AlertRaised, object);
        let (saves, body) = steps::take(&self.aws, steps, body)?;
        changes.extend(saves);
        for notice in steps.iter().filter_map(|step| self.notice(step, watched)) {
            changes.push(self.aws.put_notice(&notice)?);
        }
        self.journal.commit(changes, &body).await?;
        Ok(())
    }

    /// What is sent of it. `None`: nobody wants to be told, or it is no news.
    fn notice(&self, step: &Step, watched: Timestamp) -> Option<Notice> {
        let to = self.webhook.clone()?;
        let (now, at) = (self.clock.now(), step.next.happened_at());
        let is_history = at < watched && now.since(at) >= NEWS;
        if !is_news(step) || is_history {
            return None;
        }
        let state = Notification {
            to,
            created_at: now,
            attempts: 0,
            delivered_at: None,
            next_attempt: Some(now),
            problem: None,
        };
        Some(Notice { message: Message::about(&step.next, uuid::Uuid::now_v7().to_string()), state })
    }
}

/// It was not open before, or a run had opened it without a word.
fn is_news(step: &Step) -> bool {
    let raised = step.next.history.last().is_some_and(|event| event.what == FindingChange::Raised);
    raised && (step.what != "updated" || !step.next.id.kind.is_alert())
}

/// The line in the log.
fn tell(finding: &Finding) {
    let message = Message::about(finding, String::new());
    let alert = finding.evidence.alert.as_ref().and_then(|alert| alert.events.first());
    let event = alert.or_else(|| finding.evidence.issuance.as_ref().map(|issuance| &issuance.event));
    tracing::warn!(
        kind = %finding.id.kind,
        finding = %finding.id,
        principal = message.principal,
        address = message.address,
        event = event.map(|id| id.as_str()),
        at = %message.at,
        "alert: {}",
        message.sentence
    );
}
