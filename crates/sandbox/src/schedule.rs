//! When things happen in the past of a new sandbox. Pure: times of the day are counted from the current hour.

use std::ops::Range;

use time::{Duration, OffsetDateTime};

use crate::fleet::{Fleet, Planned, Trouble};

/// How far back the first certificate is.
pub(crate) const HISTORY: Duration = Duration::days(90);
/// How long ago the last one is, and the revocations are: nothing that was planted is too young to be a finding.
pub(crate) const QUIET: Duration = Duration::minutes(30);
/// How far back trouble goes that is nothing special: within the trail, which is older, and within what the console
/// reads of it at first.
const TROUBLED: Duration = Duration::days(29);
/// How often the build user tries to issue, and how long it takes.
const ATTEMPTS: usize = 8;
const BETWEEN_ATTEMPTS: Duration = Duration::seconds(6);
/// Between two looks of the build user.
const LOOKS: Duration = Duration::days(4);

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Certificates are issued, all at about the same time.
    Issue(Vec<Planned>),
    /// The build user lists the authorities.
    BuildLooks,
    /// The build user tries to issue, and may not.
    BuildTries,
    /// The root user looks at an authority.
    RootLooks,
    /// What is to be revoked is revoked.
    Revoke,
}

/// The past, seen from `now`.
pub(crate) struct Schedule {
    now: OffsetDateTime,
}

impl Schedule {
    pub(crate) fn from(now: OffsetDateTime) -> Self {
        Self { now }
    }

    fn hour(&self, hours_ago: i64, minute: i64) -> OffsetDateTime {
        self.now.truncate_to_hour() - Duration::hours(hours_ago) + Duration::minutes(minute)
    }

    /// When logging is stopped, and when it is started again.
    pub(crate) fn stopped(&self) -> (OffsetDateTime, OffsetDateTime) {
        (self.hour(101, 20), self.hour(98, 30))
    }

    /// When certificates in this trouble are issued; `None`: like others.
    fn special(&self, trouble: Trouble, nth: usize) -> Option<OffsetDateTime> {
        match trouble {
            // The first days ago, the others of late.
            Trouble::RogueIssuer if nth > 0 => Some(self.hour(2, 8)),
            Trouble::StolenKey => Some(self.hour(5, 22)),
            Trouble::LogDeleted => Some(self.hour(9, 12)),
            Trouble::LogEdited => Some(self.hour(30, 17)),
            _ => None,
        }
    }

    /// Hours in which nothing else may happen: what hides one thing must not hide another.
    fn reserved(&self) -> [Range<OffsetDateTime>; 3] {
        let hours = |ago, count| self.hour(ago, 0)..self.hour(ago - count, 0);
        [hours(9, 1), hours(30, 1), hours(101, 4)]
    }

    /// The time, or an earlier one in an hour that is free.
    fn free(&self, mut time: OffsetDateTime) -> OffsetDateTime {
        // A batch takes a moment, and what is collected a moment later is to be in the same hour.
        let takes = Duration::minutes(10);
        while self.reserved().iter().any(|range| range.start <= time + takes && time < range.end) {
            time -= Duration::HOUR;
        }
        time
    }

    /// All that happens, in its order.
    pub(crate) fn steps(&self, fleet: Fleet) -> Vec<(OffsetDateTime, Step)> {
        let mut steps = Vec::new();
        let batches = fleet.healthy.len();
        for (index, batch) in fleet.healthy.into_iter().enumerate() {
            let at = self.now - HISTORY + fraction(HISTORY - QUIET, index, batches);
            steps.push((self.free(at), Step::Issue(batch)));
        }
        let troubled = fleet.troubled.len();
        let mut together: Vec<(OffsetDateTime, Vec<Planned>)> = Vec::new();
        let mut nth = 0;
        for (index, planned) in fleet.troubled.into_iter().enumerate() {
            let special = planned.trouble.and_then(|trouble| {
                let special = self.special(trouble, nth);
                nth += usize::from(trouble == Trouble::RogueIssuer);
                special
            });
            let ordinary = || self.free(self.now - TROUBLED + fraction(TROUBLED - QUIET, index, troubled));
            let at = special.unwrap_or_else(ordinary);
            match together.iter_mut().find(|(time, _)| *time == at) {
                Some((_, planned_then)) => planned_then.push(planned),
                None => together.push((at, vec![planned])),
            }
        }
        steps.extend(together.into_iter().map(|(at, planned)| (at, Step::Issue(planned))));

        for days in 1..=(TROUBLED.whole_days() / LOOKS.whole_days()) {
            steps.push((self.free(self.hour(24 * 4 * days, 3)), Step::BuildLooks));
        }
        steps.push((self.free(self.hour(20 * 24, 41)), Step::RootLooks));
        for attempt in 0..ATTEMPTS {
            let later = BETWEEN_ATTEMPTS * i32::try_from(attempt).unwrap_or_default();
            steps.push((self.hour(6, 41) + later, Step::BuildTries));
        }
        steps.push((self.now - QUIET, Step::Revoke));
        steps.sort_by_key(|(at, _)| *at);
        steps
    }
}

/// `index` of `count` equal parts of the whole.
fn fraction(whole: Duration, index: usize, count: usize) -> Duration {
    whole * (index as f64 / count.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::fleet;

    #[test]
    fn everything_is_in_order_and_nothing_is_young() {
        for now in [datetime!(2026-03-29 00:00 UTC), datetime!(2026-11-22 12:59:59 UTC)] {
            let steps = Schedule::from(now).steps(fleet::plan(1, 500));
            assert!(steps.is_sorted_by_key(|(at, _)| *at));
            assert!(steps.iter().all(|(at, _)| now - HISTORY <= *at && *at <= now - QUIET));
            let issued = steps.iter().filter_map(|(_, step)| match step {
                Step::Issue(batch) => Some(batch.len()),
                _ => None,
            });
            let fleet = fleet::plan(1, 500);
            assert_eq!(issued.sum::<usize>(), fleet.healthy.concat().len() + fleet.troubled.len());
        }
    }

    #[test]
    fn reserved_hours_have_only_what_they_are_reserved_for() {
        // So many batches that some would fall everywhere.
        for devices in [0, 50_000] {
            let schedule = Schedule::from(datetime!(2026-11-22 12:47:35 UTC));
            for (at, step) in schedule.steps(fleet::plan(3, devices)) {
                if !schedule.reserved().iter().any(|range| range.contains(&at)) {
                    continue;
                }
                let Step::Issue(batch) = step else { panic!("{step:?} at {at}") };
                let hidden = [Some(Trouble::LogDeleted), Some(Trouble::LogEdited)];
                assert!(batch.iter().all(|planned| hidden.contains(&planned.trouble)), "{at}");
            }
            let (stop, start) = schedule.stopped();
            assert!(schedule.reserved()[2].contains(&stop) && schedule.reserved()[2].contains(&start));
        }
    }
}
