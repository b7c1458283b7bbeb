//! Starting a run, telling how far it is, and ending it: only the holder of its lease gets through.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Run, RunState};

use super::{FENCE, STATE};
use crate::item::{json, n, s};
use crate::{Aws, Change, Error, Lease, Thing, keys};

/// A former holder of the lease has a lower number.
const RUNNING: &str = "item_state = :running AND fence <= :fence";

impl Aws {
    /// A new run that a worker is to take up. TEMPORARY until h/aws.
    pub fn order_run(&self, run: &Run) -> Result<Vec<Change>, Error> { let _ = run; todo!() }
    pub async fn run_under_way(&self, authority: &domain::AuthorityId) -> Result<Option<domain::RunId>, Error> { let _ = authority; todo!() }
    /// A new run.
    pub fn start_run(&self, run: &Run, lease: &Lease) -> Result<Change, Error> {
        let key = keys::run(&run.authority.id(), &run.id);
        Ok(Change::put(Thing::Run, run.id.as_str(), key, attributes(run, lease)?).when_absent())
    }

    /// The last state of a run, for a commit. It must be running, and `lease` not taken over.
    pub fn end_run(&self, run: &Run, lease: &Lease) -> Result<Change, Error> {
        let key = keys::run(&run.authority.id(), &run.id);
        let values = [(":running", s(state(RunState::Running))), (":fence", n(lease.fence))];
        Ok(Change::set(Thing::Run, run.id.as_str(), key, attributes(run, lease)?).when(RUNNING, values))
    }

    /// How far a running run is. The ledger is not told.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the run has ended or somebody else has taken it over; stop at once.
    pub async fn save_run_progress(&self, run: &Run, lease: &Lease) -> Result<(), Error> {
        self.apply(&[self.end_run(run, lease)?]).await
    }
}

fn attributes(run: &Run, lease: &Lease) -> Result<Vec<(&'static str, AttributeValue)>, Error> {
    Ok(vec![(keys::BODY, json(Thing::Run, run)?), (STATE, s(state(run.state))), (FENCE, n(lease.fence))])
}

fn state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Finished => "finished",
        RunState::Failed => "failed",
    }
}
