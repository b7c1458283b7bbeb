//! What is to be done now about the runs of one authority.

use serde::{Deserialize, Serialize};

use super::{InForce, LATE, Timetable};
use crate::timestamp::Timestamp;

/// How far it is with the schedule of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The schedule that the worker last saw.
    pub force: InForce,
    /// Times up to this one are settled: their runs were ordered, or missed.
    pub settled: Timestamp,
    /// Raised by one with each change.
    pub version: u64,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Wait,
    /// Another schedule is in force from now on.
    Adopt(Standing),
    /// A run is to be ordered.
    Run(Due),
}

/// A run is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The time that it is ordered for: the last one that is due.
    pub at: Timestamp,
    /// The times that were missed, the first one and how many; the due one with them if it is late.
    pub missed: Option<(Timestamp, u64)>,
    /// Once the run is ordered.
    pub then: Standing,
}

/// `standing`: what is stored; `plan`: what is configured, `None`: no runs by schedule. However many times have gone by, one run is made.
pub fn next_step(standing: Option<&Standing>, plan: Option<&Timetable>, now: Timestamp) -> Step {
    let adopt = |version| {
        let force = InForce { since: now, plan: plan.cloned() };
        Step::Adopt(Standing { force, settled: now, version })
    };
    let Some(standing) = standing else { return adopt(1) };
    let version = standing.version + 1;
    // What was due by the schedule before is made up first, unless there is to be none any more.
    let before = standing.force.plan.as_ref().filter(|_| plan.is_some());
    if let Some(due) = before.and_then(|before| due(before, standing.settled, now)) {
        let (at, missed) = due;
        return Step::Run(Due { at, missed, then: Standing { settled: at, version, ..standing.clone() } });
    }
    match standing.force.plan.as_ref() == plan {
        true => Step::Wait,
        false => adopt(version),
    }
}

/// The last time that is due, and the missed ones: the first and how many.
fn due(
    plan: &Timetable,
    settled: Timestamp,
    now: Timestamp,
) -> Option<(Timestamp, Option<(Timestamp, u64)>)> {
    let at = plan.until(now).filter(|at| *at > settled)?;
    let first = plan.after(settled).unwrap_or(at);
    let all = u64::try_from(plan.between(settled, at).count()).unwrap_or(u64::MAX);
    let missed = if now.since(at) > LATE { all } else { all.saturating_sub(1) };
    Some((at, (missed > 0).then_some((first, missed))))
}
