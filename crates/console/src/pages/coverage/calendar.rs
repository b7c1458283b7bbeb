//! The calendar of a trail: each hour with its worst proof. An hour of a time that was read, for which no digest vouches, is
//! unproven.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::trail::{Coverage, Proof};
use domain::views::CoverageDay;

use crate::days::days;

/// The days about which there is something to say, newest first, and how many hours are how.
pub(crate) fn calendar(
    coverage: &Coverage,
    read: &[(Timestamp, Timestamp)],
    now: Timestamp,
) -> (Vec<CoverageDay>, BTreeMap<Proof, u64>) {
    let begins =
        coverage.spans().first().map(|span| span.from).into_iter().chain(read.iter().map(|read| read.0));
    let Some(from) = begins.min() else { return Default::default() };
    let (mut calendar, mut counts) = (Vec::new(), BTreeMap::new());
    for day in days(from, now) {
        let end =
            day.plus(std::time::Duration::from_secs(86_400)).min(now.plus(std::time::Duration::from_secs(1)));
        let mut hours = coverage.hours(day, end);
        for hour in &mut hours {
            let next = hour.from.plus(std::time::Duration::from_secs(3600));
            let was_read = read.iter().any(|(from, to)| *from < next && hour.from < *to);
            hour.proof = hour.proof.or(was_read.then_some(Proof::Unproven));
            if let Some(proof) = hour.proof {
                *counts.entry(proof).or_default() += 1;
            }
        }
        if hours.iter().any(|hour| hour.proof.is_some()) {
            calendar.push(CoverageDay { date: day.date(), hours });
        }
    }
    calendar.reverse();
    (calendar, counts)
}

#[cfg(test)]
mod tests {
    use domain::trail::Span;

    use super::*;

    #[test]
    fn days_without_anything_are_left_out_and_what_was_read_is_unproven() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let proven =
            Span { from: at("2026-11-20T10:00:00Z"), to: at("2026-11-20T11:30:00Z"), proof: Proof::Proven };
        let missing =
            Span { from: at("2026-08-01T00:00:00Z"), to: at("2026-08-01T00:10:00Z"), proof: Proof::Missing };
        let coverage = Coverage::of([proven, missing]);
        let read = [(at("2026-11-20T09:30:00Z"), at("2026-11-21T01:20:00Z"))];
        let (days, counts) = calendar(&coverage, &read, at("2026-11-21T01:20:00Z"));
        let dates: Vec<_> = days.iter().map(|day| (day.date.as_str(), day.hours.len())).collect();
        assert_eq!(dates, [("2026-11-21", 2), ("2026-11-20", 24), ("2026-08-01", 24)]);
        let proofs: Vec<_> = days[1].hours[8..13].iter().map(|hour| hour.proof).collect();
        let unproven = Some(Proof::Unproven);
        assert_eq!(proofs, [None, unproven, Some(Proof::Proven), unproven, unproven]);
        assert_eq!(counts.get(&Proof::Missing), Some(&1));
        assert_eq!(calendar(&Coverage::default(), &[], at("2026-11-21T01:20:00Z")).0, []);
    }
}
