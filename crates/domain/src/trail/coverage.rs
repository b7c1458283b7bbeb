//! What the trail covers: for each moment, whether the records of it are proven whole.
//! Source: AWS CloudTrail User Guide, "Validating CloudTrail log file integrity".

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::timestamp::Timestamp;

/// How far a stretch of the trail can be trusted; the worst sorts last.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Proof {
    /// Verified digests cover all of it, and every log file that they name is there and unchanged.
    Proven,
    /// No digest vouches for it (yet): log files may be there, nobody can tell whether all of them are.
    Unproven,
    /// A log file or a digest that must have been there is not.
    Missing,
    /// A log file or a digest is not what was delivered.
    Altered,
}

impl Proof {
    /// Every proof, the worst last.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in URLs, keys and JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What pages call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Proven => "Proven",
            Self::Unproven => "Unproven",
            Self::Missing => "Missing",
            Self::Altered => "Altered",
        }
    }
}

/// A stretch of time with one proof: from its beginning up to, but without, its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment behind it.
    pub to: Timestamp,
    /// The proof of all of it.
    pub proof: Proof,
}

/// What is known of all time: spans in order that do not overlap. Between and outside them nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    spans: Vec<Span>,
}

/// One hour of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hour {
    /// When it begins, at a full hour (UTC).
    pub from: Timestamp,
    /// The worst of it; `None`: the trail says nothing of this hour.
    pub proof: Option<Proof>,
}

pub(crate) const HOUR: i64 = 3600;

impl Coverage {
    /// Of spans in any order; where they overlap, the worst one counts. Empty ones are dropped.
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let given: Vec<Span> = spans.into_iter().filter(|span| span.from < span.to).collect();
        let mut edges: Vec<(Timestamp, bool, Proof)> = Vec::with_capacity(given.len() * 2);
        for span in &given {
            edges.push((span.from, true, span.proof));
            edges.push((span.to, false, span.proof));
        }
        edges.sort_by_key(|(at, begins, _)| (*at, !begins));
        let mut open = [0_u32; Proof::ALL.len()];
        let mut spans: Vec<Span> = Vec::new();
        let mut since = Timestamp::EPOCH;
        for (at, begins, proof) in edges {
            let worst = Proof::ALL.iter().copied().rev().find(|proof| open[*proof as usize] > 0);
            if let Some(proof) = worst.filter(|_| since < at) {
                match spans.last_mut().filter(|last| last.to == since && last.proof == proof) {
                    Some(last) => last.to = at,
                    None => spans.push(Span { from: since, to: at, proof }),
                }
            }
            let count = &mut open[proof as usize];
            *count = if begins { *count + 1 } else { count.saturating_sub(1) };
            since = at;
        }
        Self { spans }
    }

    /// In order, without overlaps; neighbours have different proofs, or a gap between them.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The proof of a moment; `None`: the trail says nothing of it.
    pub fn at(&self, moment: Timestamp) -> Option<Proof> {
        let next = self.spans.partition_point(|span| span.from <= moment);
        let span = self.spans.get(next.checked_sub(1)?)?;
        (moment < span.to).then_some(span.proof)
    }

    /// The worst proof of any part of a stretch, with parts of which nothing is known as unproven; `None`: nothing is
    /// known of any of it.
    pub fn worst(&self, from: Timestamp, to: Timestamp) -> Option<Proof> {
        let first = self.spans.partition_point(|span| span.to <= from);
        let mut worst = None;
        let mut known_to = from;
        for span in self.spans[first..].iter().take_while(|span| span.from < to) {
            let gap = (span.from > known_to).then_some(Proof::Unproven);
            worst = worst.max(Some(span.proof)).max(gap);
            known_to = span.to;
        }
        worst.map(|worst| if known_to < to { worst.max(Proof::Unproven) } else { worst })
    }

    /// The whole hours (UTC) from the one that `from` is in up to the one before `to`'s end, each with its worst.
    pub fn hours(&self, from: Timestamp, to: Timestamp) -> Vec<Hour> {
        let first = from.unix().div_euclid(HOUR);
        let last = to.unix().saturating_sub(1).div_euclid(HOUR);
        let moment = |hour: i64| Timestamp::from_unix(hour * HOUR).unwrap_or(to);
        (first..=last)
            .map(|hour| {
                let from = moment(hour);
                Hour { from, proof: self.worst(from, moment(hour + 1).min(to.max(from))) }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_unix(1_700_006_400 + minutes * 60).unwrap()
    }

    fn span(from: i64, to: i64, proof: Proof) -> Span {
        Span { from: at(from), to: at(to), proof }
    }

    #[test]
    fn the_worst_span_counts_and_neighbours_join() {
        let coverage = Coverage::of([
            span(60, 120, Proof::Proven),
            span(0, 60, Proof::Proven),
            span(30, 40, Proof::Missing),
            span(35, 38, Proof::Altered),
            span(200, 200, Proof::Altered),
        ]);
        let expected = [
            span(0, 30, Proof::Proven),
            span(30, 35, Proof::Missing),
            span(35, 38, Proof::Altered),
            span(38, 40, Proof::Missing),
            span(40, 120, Proof::Proven),
        ];
        assert_eq!(coverage.spans(), expected);
        assert_eq!(coverage.at(at(36)), Some(Proof::Altered));
        assert_eq!(coverage.at(at(119)), Some(Proof::Proven));
        assert_eq!((coverage.at(at(120)), coverage.at(at(-1))), (None, None));
    }

    #[test]
    fn a_stretch_is_as_good_as_its_worst_part() {
        let coverage = Coverage::of([span(0, 60, Proof::Proven), span(90, 120, Proof::Proven)]);
        assert_eq!(coverage.worst(at(0), at(60)), Some(Proof::Proven));
        assert_eq!(coverage.worst(at(10), at(100)), Some(Proof::Unproven), "a hole");
        assert_eq!(coverage.worst(at(100), at(130)), Some(Proof::Unproven), "an open end");
        assert_eq!(coverage.worst(at(60), at(90)), None);
    }

    #[test]
    fn hours_are_those_of_the_clock() {
        let coverage = Coverage::of([span(0, 60, Proof::Proven), span(61, 62, Proof::Missing)]);
        let hours = coverage.hours(at(5), at(150));
        let proofs: Vec<_> = hours.iter().map(|hour| hour.proof).collect();
        assert_eq!(proofs, [Some(Proof::Proven), Some(Proof::Missing), None]);
        assert_eq!(hours[0].from, at(0));
    }
}
