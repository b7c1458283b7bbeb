//! Holes in the evidence.

use std::time::Duration;

use super::facts::hour;
use crate::finding::{FindingId, Subject};
use crate::finding_kind::FindingKind::{TrailAltered, TrailStopped};
use crate::scope::Scope;
use crate::timestamp::Timestamp;
use crate::trail::{About, Problem, Proof, TrailPart};

/// How far before a gap, and how far behind its beginning, a call lies that explains it: the last digest comes up to an hour
/// after logging stopped, and covers up to an hour before.
const EXPLAINS: (Duration, Duration) = (Duration::from_secs(2 * 3600), HOUR);
const HOUR: Duration = Duration::from_secs(3600);

/// A hole in the evidence, as verification found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// When the hole begins.
    pub from: Timestamp,
    /// Nothing was logged from then on; otherwise an object is missing or altered.
    pub is_gap: bool,
    /// What the trail says of the hour: missing or altered.
    pub proof: Proof,
    /// The object's key.
    pub object: String,
    /// One sentence.
    pub what: String,
}

impl Defect {
    /// What is more than not proven. That no digest comes any more is a gap of which the end is not known.
    pub fn of(problem: &Problem) -> Option<Self> {
        let is_gap = problem.about == About::Gap;
        (is_gap || matches!(problem.proof, Proof::Missing | Proof::Altered)).then(|| Self {
            from: problem.from,
            is_gap,
            proof: problem.proof,
            object: problem.object.clone(),
            what: problem.what.clone(),
        })
    }

    /// Whether it is a gap, and a call at this moment that stops logging explains it.
    pub(super) fn is_explained_by(&self, at: Timestamp) -> bool {
        self.is_gap && self.from.minus(EXPLAINS.0) <= at && at <= self.from.plus(EXPLAINS.1)
    }

    /// The findings that an alert about it may be, the likeliest first: its own, and for a gap those of the hours in which
    /// a call that explains it may have been made.
    pub fn findings(&self, trail: &TrailPart) -> Vec<FindingId> {
        let kind = if self.is_gap { TrailStopped } else { TrailAltered };
        let of = |at| FindingId { kind, scope: Scope::from(trail), subject: Subject::Other(hour(at)) };
        let mut hours = vec![of(self.from)];
        let (mut at, from) = (self.from.plus(EXPLAINS.1), self.from.minus(EXPLAINS.0));
        while self.is_gap && at >= from {
            hours.push(of(at));
            at = at.minus(HOUR);
        }
        hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_a_gap_and_what_only_cannot_be_checked_is_no_defect() {
        let found = |about, proof| {
            let (from, to) = (Timestamp::EPOCH, Timestamp::EPOCH.plus(HOUR));
            let (object, what) = ("object".to_owned(), "It is so.".to_owned());
            Defect::of(&Problem { from, to, proof, about, object, what }).map(|defect| defect.is_gap)
        };
        assert_eq!(found(About::Gap, Proof::Unproven), Some(true), "no digest has come since");
        assert_eq!(found(About::Gap, Proof::Missing), Some(true));
        assert_eq!(found(About::Digest, Proof::Unproven), None);
        assert_eq!(found(About::LogFile, Proof::Unproven), None);
        assert_eq!(found(About::Digest, Proof::Missing), Some(false));
        assert_eq!(found(About::LogFile, Proof::Altered), Some(false));
    }
}
