//! What people do about a finding: take it on, or say why it is no trouble.

use domain::ledger::{Action, Object};
use domain::{Actor, Finding, FindingId, Permission, Timestamp};

use crate::{Console, Error};

/// The text for somebody who decided by a page that is no longer true.
const STALE: &str = "Somebody else has changed the finding meanwhile. Read it again.";

impl Console {
    /// Makes `actor` the owner of the finding. `version` is the one that was on the page.
    pub async fn acknowledge_finding(
        &self,
        actor: &Actor,
        id: &FindingId,
        version: u64,
        due: Option<Timestamp>,
    ) -> Result<Finding, Error> {
        let now = self.clock.now();
        if due.is_some_and(|due| due < now) {
            return Err(Error::invalid("due", "The due date has passed. Choose a later one, or none."));
        }
        let told = due.map(|due| ("due", due.to_string()));
        let what = ("acknowledge", Action::FindingAcknowledged);
        self.triage(actor, id, version, what, told, |finding| finding.acknowledge(actor, due, now)).await
    }

    /// Declares that the finding is no trouble, for `reason`.
    pub async fn dismiss_finding(
        &self,
        actor: &Actor,
        id: &FindingId,
        version: u64,
        reason: &str,
    ) -> Result<Finding, Error> {
        let (now, told) = (self.clock.now(), Some(("reason", reason.trim().to_owned())));
        let what = ("dismiss", Action::FindingDismissed);
        self.triage(actor, id, version, what, told, |finding| finding.dismiss(actor, reason, now)).await
    }

    async fn triage(
        &self,
        actor: &Actor,
        id: &FindingId,
        version: u64,
        (attempt, action): (&str, Action),
        told: Option<(&'static str, String)>,
        decide: impl FnOnce(&Finding) -> Result<Finding, domain::finding::FindingRefusal>,
    ) -> Result<Finding, Error> {
        let object = Object::Finding(id.clone());
        self.allowed(actor, Permission::Operate, object.clone()).await?;
        let finding = self.aws.finding(id).await?;
        let decided = match finding.version == version {
            true => decide(&finding).map_err(Error::from),
            false => Err(Error::Conflict(STALE.to_owned())),
        };
        let next = match decided {
            Ok(next) => next,
            Err(error @ Error::Invalid { .. }) => return Err(error),
            Err(error) => return Err(self.journal.refuse(actor, attempt, object, error).await),
        };
        let mut body = self.told(actor, action, object);
        if let Some((name, value)) = told {
            body = body.with(name, value);
        }
        self.journal
            .commit(vec![self.aws.save_finding(&next, Some(finding.version), body.at)?], &body)
            .await?;
        self.records.note_finding(&next).await?;
        Ok(next)
    }
}
