//! Holes in the evidence: what verification found wrong, as the rules take it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use countersign_aws::trail::TrailPart;
use domain::alerts::Defect;
use domain::trail::Proof;
use domain::views::TrailProblem;
use domain::{AuthorityId, FindingId};

use crate::read_model::lock;
use crate::trail::is_gap;
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

/// Problems that are more than not proven; that no digest comes any more is a gap of which the end is not known.
pub(super) fn defects(problems: &[TrailProblem]) -> Vec<Defect> {
    problems.iter().filter_map(defect).collect()
}

fn defect(problem: &TrailProblem) -> Option<Defect> {
    let is_gap = is_gap(problem);
    (is_gap || matches!(problem.proof, Proof::Missing | Proof::Altered)).then(|| Defect {
        from: problem.from,
        is_gap,
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
        let of =
            |problem: &TrailProblem| defect(problem).map_or(Vec::new(), |defect| defect.findings(&scope));
        let ids: BTreeSet<FindingId> = problems.iter().flat_map(of).collect();
        let ids: Vec<FindingId> = ids.into_iter().collect();
        let found = self.aws.findings(&ids).await?;
        let found: BTreeSet<FindingId> = found.into_iter().map(|finding| finding.id).collect();
        for problem in problems {
            problem.finding = of(problem).into_iter().find(|id| found.contains(id));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    #[test]
    fn silence_after_the_last_digest_is_a_gap_and_a_digest_beyond_checking_is_no_defect() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let object = "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/11/20/111122223333_CloudTrail-Digest_eu-central-1_main_eu-central-1_20261120T140000Z.json.gz";
        let problem = |from: &str, to: &str| TrailProblem {
            from: at(from),
            to: at(to),
            proof: Proof::Unproven,
            object: object.to_owned(),
            what: "It is so.".to_owned(),
            finding: None,
        };
        let unchecked = problem("2026-11-20T13:00:00Z", "2026-11-20T14:00:00Z");
        let silent = problem("2026-11-20T14:00:00Z", "2026-11-20T18:00:00Z");
        let found = defects(&[unchecked, silent]);
        let told: Vec<_> = found.iter().map(|defect| (defect.from, defect.is_gap)).collect();
        assert_eq!(told, [(at("2026-11-20T14:00:00Z"), true)]);
    }
}
