//! Opening the findings of alerts: each transaction has its ledger entry and its notifications. Raising again what was raised
//! before changes nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use countersign_aws::{Aws, Change, Error as AwsError, With};
use domain::alerts::Alert;
use domain::finding::{Evidence, FindingChange, Subject};
use domain::ledger::{About, Action, Object};
use domain::notify::{Notice, Telling, Told, together};
use domain::trail::{Authorisation, Issuance};
use domain::{AuthorityArn, Finding, FindingId, FindingKind, Scope, Serial, Timestamp};

use super::steps::{self, Step};
use crate::journal::{Journal, system};
use crate::records::Found;
use crate::retry::{finding_changed, unless_raced};
use crate::{Clock, Error};

/// How many findings are read and written together, and one ledger entry tells of.
pub(super) const BATCH: usize = 40;
/// Nobody is notified of what happened longer ago, if it is history: the first reading of a trail must not flood anybody.
const NEWS: Duration = Duration::from_secs(24 * 3600);

/// Opens the findings of alerts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Raiser {
    pub aws: Aws,
    pub clock: Clock,
    pub journal: Journal,
}

/// A finding that should be open.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    id: FindingId,
    authority: Option<AuthorityArn>,
    evidence: Evidence,
    /// Another alert tells of it.
    is_told: bool,
}

impl Trouble {
    /// One of many of which one alert tells: nobody is notified of it.
    pub(crate) fn told_together(self) -> Self {
        Self { is_told: true, ..self }
    }

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
        let evidence = Evidence {
            report: found.report,
            inventory: found.items,
            issuance: Some(issuance),
            authorisation: Some(authorisation),
            ..Evidence::default()
        }
        .bounded();
        let id = FindingId { kind, scope: Scope::from(&authority), subject: Subject::Certificate(serial) };
        Self { id, authority: Some(authority), evidence, is_told: false }
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
        let evidence = Evidence { alert: Some(alert.facts), ..Evidence::default() }.bounded();
        Self { id, authority: alert.authority, evidence, is_told: false }
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
        let mut batches = all.chunks(BATCH).peekable();
        let mut with = With { each: conditions.to_vec(), last: Vec::new() };
        while let Some(batch) = batches.next_if(|batch| batch.len() == BATCH) {
            self.raise_batch(batch, watched, &with).await?;
        }
        // The last batch, which may be empty, takes the step.
        with.last = step;
        self.raise_batch(batches.next().unwrap_or_default(), watched, &with).await
    }

    async fn raise_batch(&self, trouble: &[Trouble], watched: Timestamp, with: &With) -> Result<(), Error> {
        let ids: Vec<FindingId> = trouble.iter().flat_map(Trouble::same).collect();
        let told: HashSet<FindingId> =
            trouble.iter().filter(|one| one.is_told).flat_map(Trouble::same).collect();
        let raise = || async {
            let stored = self.aws.findings(&ids).await?;
            let stored: HashMap<FindingId, Finding> =
                stored.into_iter().map(|finding| (finding.id.clone(), finding)).collect();
            let steps = trouble.iter().filter_map(|one| self.step(one, &stored)).collect();
            self.commit_steps(steps, &told, watched, with).await
        };
        Ok(unless_raced(finding_changed, raise).await?)
    }

    fn step(&self, trouble: &Trouble, stored: &HashMap<FindingId, Finding>) -> Option<Step> {
        let now = self.clock.now();
        let Trouble { id, authority, evidence, .. } = trouble;
        match trouble.same().iter().find_map(|id| stored.get(id)) {
            None => Some(Step::opened(Finding::raised(id.clone(), authority.clone(), evidence.clone(), now))),
            Some(old) => old.raised_again(evidence, now).map(|next| Step::again(old, next)),
        }
    }

    /// Nobody is notified of what is in `told`.
    async fn commit_steps(
        &self,
        steps: Vec<Step>,
        told: &HashSet<FindingId>,
        watched: Timestamp,
        with: &With,
    ) -> Result<(), AwsError> {
        let [first, ..] = steps.as_slice() else {
            return match with.last.is_empty() {
                true => Ok(()),
                false => self.journal.pass_over(&[with.each.as_slice(), &with.last].concat()).await,
            };
        };
        let object = match steps.len() {
            1 => Object::Finding(first.next.id.clone()),
            _ => Object::Route("findings".to_owned()),
        };
        let body = self.journal.told(system("alerts"), Action::AlertRaised, object);
        let news = steps.iter().filter(|step| !told.contains(&step.next.id));
        let notices = together(news.filter_map(|step| self.notice(step, watched)).collect());
        let telling = |step: &Step| {
            let about = Some(About::Finding(step.next.id.clone()));
            let notice = notices.iter().find(|notice| notice.about == about).cloned();
            let told =
                |notice: Notice| Telling { id: notice.id.clone(), what: Told::Notice(Box::new(notice)) };
            notice.map(|notice| self.aws.tell(&told(notice))).into_iter().collect()
        };
        let tell = |step: Step| {
            if is_news(&step) {
                tell(&step.next);
            }
        };
        steps::take((&self.aws, &self.journal), steps, with, &body, &telling, tell).await
    }

    /// What people are told of it. `None`: it is no news.
    fn notice(&self, step: &Step, watched: Timestamp) -> Option<Notice> {
        let (now, at) = (self.clock.now(), step.next.happened_at());
        let is_history = at < watched && now.since(at) >= NEWS;
        let is_told = is_news(step) && !is_history;
        is_told.then(|| Notice::of_alert(&step.next, uuid::Uuid::now_v7().to_string()))
    }
}

/// It was not open before, or a run had opened it without a word.
fn is_news(step: &Step) -> bool {
    let raised = step.next.history.last().is_some_and(|event| event.what == FindingChange::Raised);
    raised && step.is_event
}

/// The line in the log, and the count.
fn tell(finding: &Finding) {
    let message = Notice::of_alert(finding, String::new());
    metrics::counter!("countersign_alerts_raised_total", "kind" => finding.id.kind.name()).increment(1);
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
