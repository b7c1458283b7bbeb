//! Ordering a run, which anybody may; taking it up, telling how far it is, and ending it: only the holder of its lease gets
//! through.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Run, RunState};

use super::{FENCE, RUN, STATE};
use crate::item::{json, n, s};
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// A former holder of the lease has a lower number.
const RUNNING: &str = "item_state = :running AND fence <= :fence";

impl Aws {
    /// A new run, and the mark that keeps others from starting another one of the same authority. Fails the commit, about
    /// the run, while one is under way.
    pub fn order_run(&self, run: &Run) -> Result<Vec<Change>, Error> {
        let authority = run.authority.id();
        let attributes = attributes(run, 0)?;
        let put = Change::put(Thing::Run, run.id.as_str(), keys::run(&authority, &run.id), attributes);
        let mark = [(RUN, s(run.id.as_str()))];
        let mark = Change::put(Thing::Run, run.id.as_str(), keys::running(&authority), mark);
        Ok(vec![put.when_absent(), mark.when_absent()])
    }

    /// A run that was ordered, or left behind, is taken up under `lease`.
    pub fn start_run(&self, run: &Run, lease: &Lease) -> Result<Change, Error> {
        let key = keys::run(&run.authority.id(), &run.id);
        let values = [(":running", s(state(RunState::Running))), (":fence", n(lease.fence))];
        let set = Change::set(Thing::Run, run.id.as_str(), key, attributes(run, lease.fence)?);
        Ok(set.when(RUNNING, values))
    }

    /// The last state of a run, for a commit. It must be running, and `lease` not taken over. Another one may be ordered
    /// afterwards.
    pub fn end_run(&self, run: &Run, lease: &Lease) -> Result<Vec<Change>, Error> {
        let key = keys::running(&run.authority.id());
        let unmark = Change::delete(Thing::Run, run.id.as_str(), key);
        let unmark = unmark.when("run_id = :run", [(":run", s(run.id.as_str()))]);
        let mut changes = vec![self.start_run(run, lease)?, unmark];
        changes.extend(self.scheduled_run(run)?);
        Ok(changes)
    }

    /// How far a running run is. The ledger is not told.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the run has ended or somebody else has taken it over; stop at once.
    pub async fn save_run_progress(&self, run: &Run, lease: &Lease) -> Result<(), Error> {
        self.apply(&[self.start_run(run, lease)?]).await
    }
}

fn attributes(run: &Run, fence: u64) -> Result<Vec<(&'static str, AttributeValue)>, Error> {
    Ok(vec![(keys::BODY, json(Thing::Run, run)?), (STATE, s(state(run.state))), (FENCE, n(fence))])
}

fn state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Finished => "finished",
        RunState::Failed => "failed",
    }
}
