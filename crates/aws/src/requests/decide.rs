//! A decision on a request: the four-eyes rule as a condition of the one transaction that takes the decision, the
//! request, the outbox item and the ledger entry (docs/SECURITY.md).

use domain::revocation::Outcome;

use super::{moving, outbox};
use crate::item::{json, n, s};
use crate::{Aws, Change, Error, Thing, keys};

/// The rule itself, on what is stored and not on what the caller believes.
const OPEN: &str = "item_state = :pending AND requester <> :approver AND target_hash = :seen \
     AND expires_at > :now AND decisions = :before";

impl Aws {
    /// The newest decision of `outcome` and what it leads to. Fails the commit with [`Error::Conflict`] about the request:
    /// it is no longer pending, has expired, differs from what was seen, was made by the decider, or somebody else has
    /// decided meanwhile. About the decision: the person has decided before.
    pub fn decide_request(&self, outcome: &Outcome) -> Result<Vec<Change>, Error> {
        let request = outcome.request();
        let id = request.id.as_str();
        let decision = request.decisions.last();
        let decision = decision.ok_or_else(|| Error::invalid("deciding", id, "there is no decision"))?;
        let values = [
            (":pending", s(domain::revocation::RequestState::Pending.name())),
            (":approver", s(decision.by.id.as_str())),
            (":seen", s(decision.hash.as_str())),
            (":now", n(decision.at.unix())),
            (":before", n(request.decisions.len() - 1)),
        ];
        let key = keys::decision(&request.id, &decision.by.id);
        let attributes = [(keys::BODY, json(Thing::Decision, decision)?)];
        let mut changes = vec![
            Change::set(Thing::Request, id, keys::request(&request.id), moving(request)?).when(OPEN, values),
            Change::put(Thing::Decision, id, key, attributes).when_absent(),
        ];
        if let Outcome::Approved(_) = outcome {
            changes.push(outbox::put(request));
            changes.extend(self.wake());
        }
        Ok(changes)
    }
}
