//! The part of a trail that is looked at: what lies outside it is not here, which is not the same as missing.

use domain::Timestamp;
use domain::trail::{Problem, Proof, Span};

use crate::trail::chain::Verdict;

/// Bounds of what was downloaded, and of what was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Nothing before is looked at. `None`: from the beginning.
    pub from: Option<Timestamp>,
    /// Nothing from then on is looked at. `None`: to the end.
    pub to: Option<Timestamp>,
    /// A lifecycle rule removed what was delivered before.
    pub removed_before: Option<Timestamp>,
}

impl Limits {
    /// The part of a span that is looked at; empty, if none is.
    pub fn clip(&self, span: Span) -> Span {
        let from = self.from.map_or(span.from, |from| from.max(span.from));
        Span { from, to: self.to.map_or(span.to, |to| to.min(span.to)), ..span }
    }

    /// Takes from a verdict the problems that lie outside, and those that are none because a rule removed the object. Gives
    /// the times of the latter, of which nothing is known.
    pub(super) fn apply(&self, verdict: &mut Verdict) -> Vec<Span> {
        let mut removed = Vec::new();
        verdict.problems.retain(|problem| {
            let span = Span { from: problem.from, to: problem.to, proof: Proof::Unproven };
            let clipped = self.clip(span);
            if clipped.from >= clipped.to {
                return false;
            }
            let was_removed = self.was_removed(problem);
            removed.extend(was_removed.then_some(span));
            !was_removed
        });
        removed
    }

    fn was_removed(&self, problem: &Problem) -> bool {
        problem.proof == Proof::Missing && self.removed_before.is_some_and(|before| problem.from < before)
    }
}
