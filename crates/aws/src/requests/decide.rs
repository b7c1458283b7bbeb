//! A decision on a request: the four-eyes rule as a condition of the one transaction that takes the decision, the
//! request, the outbox item and the ledger entry (docs/SECURITY.md).

use domain::revocation::{Decision, Outcome, Proof, RequestId};
use futures::TryStreamExt;

use super::{moving, outbox};
use crate::item::{Item, body, json, n, s, text};
use crate::{Aws, Change, Error, Thing, keys};

/// The rule itself, on what is stored and not on what the caller believes.
const OPEN: &str = "item_state = :pending AND requester <> :approver AND target_hash = :seen \
     AND expires_at > :now AND decisions = :before";
/// The same of a request that its requester executes alone: the hash says that it is one.
const OPEN_ALONE: &str = "item_state = :pending AND requester = :approver AND target_hash = :seen \
     AND expires_at > :now AND decisions = :before";

/// What proves a decision, beside it.
const PROOF: &str = "proof";

impl Aws {
    /// The decisions on a request, each with what should prove it. They are claims, whatever the request says. `None`: it
    /// cannot be read.
    pub async fn decisions(&self, id: &RequestId) -> Result<Vec<Option<(Decision, Proof)>>, Error> {
        let query = self.partition(keys::request_parts(id), keys::DECISIONS);
        let items: Vec<Item> = self.all(query).try_collect().await?;
        let read = |item: &Item| {
            let proof = text(Thing::Decision, item, PROOF).ok()?;
            Some((body(Thing::Decision, item).ok()?, serde_json::from_str(proof).ok()?))
        };
        Ok(items.iter().map(read).collect())
    }

    /// The newest decision of each of `outcomes` with its proof, and what they lead to. Fails the commit with [`Error::Conflict`] about
    /// a request: it is no longer pending, has expired, differs from what was seen, was made by the decider, or somebody else has
    /// decided meanwhile. About a decision: the person has decided before.
    pub fn decide_requests(&self, outcomes: &[Outcome], proof: &Proof) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        for outcome in outcomes {
            changes.extend(decided(outcome, proof)?);
        }
        Ok(changes)
    }
}

fn decided(outcome: &Outcome, proof: &Proof) -> Result<Vec<Change>, Error> {
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
    let attributes = [(keys::BODY, json(Thing::Decision, decision)?), (PROOF, json(Thing::Decision, proof)?)];
    let open = if request.alone.is_some() { OPEN_ALONE } else { OPEN };
    let mut changes = vec![
        Change::set(Thing::Request, id, keys::request(&request.id), moving(request)?).when(open, values),
        Change::put(Thing::Decision, id, key, attributes).when_absent(),
    ];
    if let Outcome::Approved(_) = outcome {
        changes.push(outbox::put(request));
    }
    Ok(changes)
}
