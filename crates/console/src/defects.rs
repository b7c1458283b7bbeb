//! What verification found wrong with a trail, as the rules of alerts take it.

use domain::alerts::Defect;
use domain::trail::Proof;
use domain::views::TrailProblem;
use feeds::trail::key::DigestKey;

/// Whether nothing was logged for a while. A gap names the digest at whose end it begins; a digest that is itself missing,
/// or cannot be checked, ends later.
pub(crate) fn is_gap(problem: &TrailProblem) -> bool {
    matches!(problem.proof, Proof::Missing | Proof::Unproven)
        && problem.object.parse::<DigestKey>().is_ok_and(|digest| digest.end <= problem.from)
}

/// Problems that are more than not proven; that no digest comes any more is a gap of which the end is not known.
pub(crate) fn defects(problems: &[TrailProblem]) -> Vec<Defect> {
    problems.iter().filter_map(defect).collect()
}

pub(crate) fn defect(problem: &TrailProblem) -> Option<Defect> {
    let is_gap = is_gap(problem);
    (is_gap || matches!(problem.proof, Proof::Missing | Proof::Altered)).then(|| Defect {
        from: problem.from,
        is_gap,
        object: problem.object.clone(),
        what: problem.what.clone(),
    })
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
