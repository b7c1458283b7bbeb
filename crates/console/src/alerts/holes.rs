//! Holes in the evidence: what verification found wrong, as the rules take it.

use std::collections::HashMap;
use std::sync::Mutex;

use countersign_aws::trail::TrailPart;
use domain::trail::{Defect, Proof};
use domain::views::TrailProblem;
use feeds::trail::key::DigestKey;

use crate::read_model::lock;

/// What this process has seen of the states of trails, so that it does not go through them again and again. Forgetting it
/// does no harm.
#[derive(Default)]
pub(crate) struct Holes {
    seen: Mutex<HashMap<TrailPart, u64>>,
}

impl Holes {
    pub fn is_seen(&self, part: &TrailPart, revision: u64) -> bool {
        revision == 0 || lock(&self.seen).get(part) == Some(&revision)
    }

    pub fn seen(&self, part: TrailPart, revision: u64) {
        lock(&self.seen).insert(part, revision);
    }
}

/// Problems that are more than not proven.
pub(super) fn defects(problems: &[TrailProblem]) -> Vec<Defect> {
    let bad = problems.iter().filter(|problem| matches!(problem.proof, Proof::Missing | Proof::Altered));
    bad.map(|problem| Defect {
        from: problem.from,
        is_gap: is_gap(problem),
        object: problem.object.clone(),
        what: problem.what.clone(),
    })
    .collect()
}

/// A gap names the digest at whose end it begins; a missing digest itself ends later.
fn is_gap(problem: &TrailProblem) -> bool {
    problem.proof == Proof::Missing
        && problem.object.parse::<DigestKey>().is_ok_and(|digest| digest.end <= problem.from)
}
