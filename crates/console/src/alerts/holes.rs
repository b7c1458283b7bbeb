//! Holes in the evidence: what verification found wrong, as the rules take it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use countersign_aws::trail::TrailPart;
use domain::trail::{Defect, Proof};
use domain::views::TrailProblem;
use domain::{AuthorityId, FindingId};
use feeds::trail::key::DigestKey;

use crate::read_model::lock;
use crate::{Console, Error};

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

/// What a part's alerts that are not about an authority are of.
pub(super) fn scope(part: &TrailPart) -> Result<AuthorityId, Error> {
    format!("{}-{}", part.account, part.region).parse().map_err(Error::internal)
}

/// Problems that are more than not proven.
pub(super) fn defects(problems: &[TrailProblem]) -> Vec<Defect> {
    problems.iter().filter_map(defect).collect()
}

fn defect(problem: &TrailProblem) -> Option<Defect> {
    matches!(problem.proof, Proof::Missing | Proof::Altered).then(|| Defect {
        from: problem.from,
        is_gap: is_gap(problem),
        object: problem.object.clone(),
        what: problem.what.clone(),
    })
}

impl Console {
    /// Names the findings that there are about these problems.
    pub(crate) async fn name_findings(
        &self,
        part: &TrailPart,
        problems: &mut [TrailProblem],
    ) -> Result<(), Error> {
        let scope = scope(part)?;
        let of = |problem: &TrailProblem| Some(defect(problem)?.finding(&scope));
        let ids: BTreeSet<FindingId> = problems.iter().filter_map(of).collect();
        let ids: Vec<FindingId> = ids.into_iter().collect();
        let found = self.aws.findings(&ids).await?;
        let found: BTreeSet<FindingId> = found.into_iter().map(|finding| finding.id).collect();
        for problem in problems {
            problem.finding = of(problem).filter(|id| found.contains(id));
        }
        Ok(())
    }
}

/// A gap names the digest at whose end it begins; a missing digest itself ends later.
fn is_gap(problem: &TrailProblem) -> bool {
    problem.proof == Proof::Missing
        && problem.object.parse::<DigestKey>().is_ok_and(|digest| digest.end <= problem.from)
}
