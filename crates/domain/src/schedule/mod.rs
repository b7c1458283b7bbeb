//! Runs by schedule: which authority has which, when its runs are due, and which of them were held, made up or missed.

mod cron;
mod kept;
mod missed;
mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::authority::AuthorityId;
use crate::timestamp::Timestamp;

pub use cron::{Cron, CronError};
pub use kept::{InForce, Kept, Outcome, Started, held_against, outcomes};
pub use step::{Due, Standing, Step, next_step};

/// Each Monday.
const WEEKLY: &str = "0 3 * * 1";
/// Over how long a time runs that are due together are spread, if nobody says otherwise.
pub const SPREAD: Duration = Duration::from_secs(15 * 60);

/// A run that has not begun so long after its time was missed: a deployment, a run of somebody's that is under way and the wait for AWS's
/// next report take less.
pub const LATE: Duration = Duration::from_secs(3600);

/// When runs are to be made, and how far apart those of different authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The times, in UTC.
    pub cron: Cron,
    /// Each authority's runs begin so much later at most: always by the same time, which its id decides.
    pub spread: Duration,
}

/// Which authority has which schedule; `None`: it is switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedules {
    /// Of the authorities that are named; `None`: no runs of it are made by themselves.
    pub named: BTreeMap<AuthorityId, Option<Schedule>>,
    /// Of all that are not named.
    pub others: Option<Schedule>,
}

/// When the runs of one authority are due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// The times before the delay.
    pub cron: Cron,
    /// By so many seconds later than it says.
    delay: u64,
}

impl Schedule {
    /// # Errors
    /// Never: the text is a good one, as a test says.
    pub fn weekly() -> Result<Self, CronError> {
        Ok(Self { cron: WEEKLY.parse()?, spread: SPREAD })
    }

    /// The timetable of one authority: the spread's part that its id decides is its delay.
    pub fn of(&self, authority: &AuthorityId) -> Timetable {
        let hash = Sha256::digest(authority.as_str());
        let number = hash.iter().take(7).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Timetable { cron: self.cron.clone(), delay: number % (self.spread.as_secs() + 1) }
    }
}

impl Schedules {
    /// `None`: no run of it is made by itself.
    pub fn of(&self, authority: &AuthorityId) -> Option<Timetable> {
        let schedule = self.named.get(authority).unwrap_or(&self.others);
        schedule.as_ref().map(|schedule| schedule.of(authority))
    }
}

impl Timetable {
    /// By how much later than the expression says.
    pub fn delay(&self) -> Duration {
        Duration::from_secs(self.delay)
    }

    /// The first time that is later than `moment`.
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        Some(self.cron.after(moment.minus(self.delay()))?.plus(self.delay()))
    }

    /// The last time that is not later than `moment`.
    pub fn until(&self, moment: Timestamp) -> Option<Timestamp> {
        Some(self.cron.until(moment.minus(self.delay()))?.plus(self.delay()))
    }

    /// The times later than `from`, and not later than `to`.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
        let times = std::iter::successors(self.after(from), |last| self.after(*last));
        times.take_while(move |time| *time <= to)
    }
}

#[cfg(test)]
mod tests;
