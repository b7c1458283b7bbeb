//! A time of whole days.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

pub(in crate::views) const DAY: Duration = Duration::from_secs(86_400);

/// Whole days, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Timestamp, Timestamp)", into = "(Timestamp, Timestamp)")]
pub struct Period {
    from: Timestamp,
    /// The beginning of the day behind its last.
    to: Timestamp,
}

/// Two moments are no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The last day is before the first.
    #[error("The last day must not be before the first.")]
    Backwards,
    /// It has more than 3,653 days.
    #[error("A period has at most ten years.")]
    TooLong,
    /// It begins or ends within a day.
    #[error("A period has whole days, UTC.")]
    NoDays,
}

impl Period {
    /// How long it is unless somebody says otherwise, in days.
    const USUAL: u32 = 30;
    const LONGEST: u32 = 3653;

    /// From the beginning of one day up to that of another.
    ///
    /// # Errors
    /// It would be empty, too long, or of parts of days.
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, PeriodError> {
        match () {
            () if !from.is_midnight() || !to.is_midnight() => Err(PeriodError::NoDays),
            () if to <= from => Err(PeriodError::Backwards),
            () if to.since(from) > DAY * Self::LONGEST => Err(PeriodError::TooLong),
            () => Ok(Self { from, to }),
        }
    }

    /// From one day to another, both of them in it. Without a first one, so that it has 30 days; without a last
    /// one, up to today.
    ///
    /// # Errors
    /// As [`Period::new`].
    pub fn of_days(
        first: Option<Timestamp>,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, PeriodError> {
        let last = last.unwrap_or_else(|| begin_of_day(now));
        let to = last.plus(DAY);
        Self::new(first.unwrap_or_else(|| to.minus(DAY * Self::USUAL)), to)
    }

    /// Its first moment.
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// The first moment behind it.
    pub fn to(self) -> Timestamp {
        self.to
    }

    /// Its last day.
    pub fn last(self) -> Timestamp {
        self.to.minus(DAY)
    }

    /// The days that it has, counted from 1970.
    pub fn days(self) -> (i64, i64) {
        (self.from.unix().div_euclid(86_400), self.to.unix().div_euclid(86_400))
    }

    /// Whether the moment is in it.
    pub fn has(self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// Where what has happened of it ends.
    pub(super) fn past(self, now: Timestamp) -> Timestamp {
        self.to.min(now)
    }
}

impl TryFrom<(Timestamp, Timestamp)> for Period {
    type Error = PeriodError;

    fn try_from((from, to): (Timestamp, Timestamp)) -> Result<Self, PeriodError> {
        Self::new(from, to)
    }
}

impl From<Period> for (Timestamp, Timestamp) {
    fn from(period: Period) -> Self {
        (period.from, period.to)
    }
}

fn begin_of_day(moment: Timestamp) -> Timestamp {
    moment.minus(Duration::from_secs(u64::try_from(moment.unix().rem_euclid(86_400)).unwrap_or(0)))
}
