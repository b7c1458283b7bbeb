//! What somebody does with a request that is past approval: written with the outbox item that it takes away or puts back.

use domain::revocation::{Request, RequestState};

use super::{moving, outbox};
use crate::item::{n, s};
use crate::{Aws, Change, Error, Thing, keys};

impl Aws {
    /// The request as `next`, if it still is as `before`; fails the commit if it has moved on meanwhile.
    pub fn step_in(&self, next: &Request, before: &Request) -> Result<Vec<Change>, Error> {
        let id = &next.id;
        let values = [
            (":from", s(before.state.name())),
            (":hash", s(next.hash.as_str())),
            (":steps", n(before.interventions.len())),
        ];
        let set = Change::set(Thing::Request, id.as_str(), keys::request(id), moving(next)?)
            .when("item_state = :from AND target_hash = :hash AND interventions = :steps", values);
        let mut changes = vec![set];
        match next.state {
            RequestState::Halted => changes.push(self.empty_outbox(id)),
            RequestState::Approved => changes.push(outbox::put(next)),
            _ => {}
        }
        Ok(changes)
    }
}
