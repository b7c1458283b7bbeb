//! Runs held against the schedule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::{LATE, Timetable};
use crate::ids::RunId;
use crate::run::RunState;
use crate::timestamp::Timestamp;

/// Which schedule an authority has had since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Since when it is in force: when it was first seen to be configured.
    pub since: Timestamp,
    /// `None`: none.
    pub plan: Option<Timetable>,
}

/// A run that the schedule ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The time that it was due at.
    pub at: Timestamp,
    /// The run that was ordered for that time.
    pub run: RunId,
    /// When it was ordered: later than [`Started::at`] by more than [`super::LATE`], it was too late.
    pub ordered_at: Timestamp,
    /// Whether it goes on, and how it ended.
    pub state: RunState,
}

/// What became of a time of the schedule.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its run began in time, and finished.
    Held,
    /// Its run began too late, and finished.
    MadeUp,
    /// Its run began and could not finish.
    Failed,
    /// Its run began and has not ended.
    UnderWay,
    /// It is not too late yet for its run to begin.
    Waiting,
    /// It had no run.
    Missed,
}

impl Outcome {
    /// Every outcome, in the order of their declaration.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Held => "Held",
            Self::MadeUp => "Missed, made up",
            Self::Failed => "Failed",
            Self::UnderWay => "Under way",
            Self::Waiting => "Waiting",
            Self::Missed => "Missed",
        }
    }
}

/// A time of the schedule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The time that a run was due at.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// Its run; `None`: it had none.
    pub run: Option<RunId>,
}

impl Started {
    fn outcome(&self) -> Outcome {
        match self.state {
            RunState::Running => Outcome::UnderWay,
            RunState::Failed => Outcome::Failed,
            RunState::Finished if self.ordered_at.since(self.at) > LATE => Outcome::MadeUp,
            RunState::Finished => Outcome::Held,
        }
    }
}

/// Every time that was due from `from` on and before `to`, the first one first, as it looks at `now`. `force`: all schedules that the
/// authority has had; `started`: the runs of the period. A run of a time that no schedule had is there as well.
pub fn held_against(
    force: &[InForce],
    started: &[Started],
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Vec<Kept> {
    let within = |at: Timestamp| from <= at && at < to && at <= now;
    let mut force: Vec<&InForce> = force.iter().collect();
    force.sort_by_key(|force| force.since);
    let mut kept: BTreeMap<Timestamp, Kept> = BTreeMap::new();
    for (place, InForce { since, plan }) in force.iter().enumerate() {
        let Some(plan) = plan else { continue };
        let until = force.get(place + 1).map_or(now, |next| next.since).min(now).min(to);
        let first = (*since).max(from.minus(std::time::Duration::from_secs(1)));
        for at in plan.between(first, until).filter(|at| within(*at)) {
            let outcome = if now.since(at) > LATE { Outcome::Missed } else { Outcome::Waiting };
            kept.insert(at, Kept { at, outcome, run: None });
        }
    }
    for one in started.iter().filter(|one| within(one.at)) {
        let run = Some(one.run.clone());
        kept.insert(one.at, Kept { at: one.at, outcome: one.outcome(), run });
    }
    kept.into_values().collect()
}

/// How many of each.
pub fn outcomes(kept: &[Kept]) -> BTreeMap<Outcome, u64> {
    let mut counts = BTreeMap::new();
    for one in kept {
        *counts.entry(one.outcome).or_default() += 1;
    }
    counts
}
