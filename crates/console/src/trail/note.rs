//! What digests prove is noted in the state of a part: coverage, problems with their findings, files that are not whole.

use countersign_aws::trail::{TrailPart, TrailState};
use domain::trail::{Coverage, Proof, Span};
use domain::views::TrailProblem;
use domain::{FindingId, FindingKind, Timestamp};
use feeds::trail::Problem;
use feeds::trail::key::LogKey;

use super::verify::Judged;

/// Notes what came of a digest.
pub(super) fn note(state: &mut TrailState, part: &TrailPart, judged: &Judged) {
    arrived(state, &judged.key);
    let spans = state.coverage.spans().iter().copied().chain(judged.verdict.spans());
    state.coverage = Coverage::of(spans.collect::<Vec<_>>());
    for problem in &judged.verdict.problems {
        let finding = match judged.stopped.get(&problem.from).filter(|_| problem.proof == Proof::Missing) {
            Some(stopped) => finding(part, FindingKind::TrailStopped, *stopped),
            None if problem.proof == Proof::Unproven => None,
            None => finding(part, FindingKind::TrailAltered, problem.from),
        };
        note_problem(state, problem, finding);
    }
}

/// A log file that no digest names although those of its time are there.
pub(super) fn note_stray(state: &mut TrailState, part: &TrailPart, key: &str, delivered: Timestamp) {
    let problem = Problem {
        from: delivered,
        to: delivered.plus(std::time::Duration::from_secs(60)),
        proof: Proof::Altered,
        object: key.to_owned(),
        what: "No digest names this log file: CloudTrail did not deliver it, or a trail without validation writes \
               to the same place."
            .to_owned(),
    };
    let span = Span { from: problem.from, to: problem.to, proof: problem.proof };
    state.coverage = Coverage::of(state.coverage.spans().iter().copied().chain([span]).collect::<Vec<_>>());
    let finding = finding(part, FindingKind::TrailAltered, delivered);
    note_problem(state, &problem, finding);
    state.bad_files.insert(key.to_owned(), Proof::Altered);
}

fn note_problem(state: &mut TrailState, problem: &Problem, finding: Option<FindingId>) {
    if problem.proof == Proof::Altered && problem.object.parse::<LogKey>().is_ok() {
        state.bad_files.insert(problem.object.clone(), Proof::Altered);
    }
    let Problem { from, to, proof, object, what } = problem.clone();
    state.add_problem(TrailProblem { from, to, proof, object, what, finding });
}

/// A digest that was missed has come after all: what its absence meant is taken back.
fn arrived(state: &mut TrailState, key: &str) {
    let is_of = |problem: &TrailProblem| problem.object == key && problem.proof == Proof::Missing;
    for gone in state.remove_problems(is_of) {
        let others = state.problems.iter().filter(|problem| problem.proof != Proof::Unproven);
        let within = others.filter_map(|problem| {
            let (from, to) = (problem.from.max(gone.from), problem.to.min(gone.to));
            (from < to).then_some(Span { from, to, proof: problem.proof })
        });
        let outside = state.coverage.spans().iter().flat_map(|span| {
            let before = Span { to: span.to.min(gone.from), ..*span };
            [before, Span { from: span.from.max(gone.to), ..*span }]
        });
        state.coverage = Coverage::of(outside.chain(within).collect::<Vec<_>>());
    }
}

/// The finding of a kind about an hour of a trail.
pub(super) fn finding(part: &TrailPart, kind: FindingKind, at: Timestamp) -> Option<FindingId> {
    let hour: String = at.to_string().chars().take("2026-11-22T09".len()).collect();
    format!("{kind}.{}-{}.{hour}", part.account, part.region).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_unix(1_763_802_000 + minutes * 60).unwrap()
    }

    fn part() -> TrailPart {
        TrailPart { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
    }

    fn judged(key: &str, proven: (i64, i64), problems: &[(i64, i64, Proof, &str)]) -> Judged {
        let span = Span { from: at(proven.0), to: at(proven.1), proof: Proof::Proven };
        let problem = |(from, to, proof, object): &(i64, i64, Proof, &str)| Problem {
            from: at(*from),
            to: at(*to),
            proof: *proof,
            object: (*object).to_owned(),
            what: "It is so.".to_owned(),
        };
        let verdict = feeds::trail::Verdict {
            proven: Some(span),
            problems: problems.iter().map(problem).collect(),
            vouched: Vec::new(),
        };
        Judged { key: key.to_owned(), verdict, stopped: Default::default() }
    }

    #[test]
    fn a_digest_that_comes_late_takes_back_that_it_was_missed_and_nothing_else() {
        let mut state = TrailState::default();
        note(&mut state, &part(), &judged("one", (0, 60), &[]));
        let three =
            judged("three", (120, 180), &[(60, 120, Proof::Missing, "two"), (100, 130, Proof::Altered, "x")]);
        note(&mut state, &part(), &three);
        note(&mut state, &part(), &three);
        assert_eq!(state.problems_total, 2, "noted once");
        assert_eq!(state.coverage.at(at(70)), Some(Proof::Missing));
        let found = state.problems.iter().find(|problem| problem.object == "two").unwrap();
        let expected = "trail_altered.111122223333-eu-central-1.2025-11-22T10";
        assert_eq!(found.finding.as_ref().unwrap().to_string(), expected);

        note(&mut state, &part(), &judged("two", (60, 120), &[]));
        assert_eq!(state.coverage.at(at(70)), Some(Proof::Proven));
        assert_eq!(state.coverage.at(at(110)), Some(Proof::Altered), "the other problem stays");
        assert_eq!((state.problems.len(), state.problems_total), (1, 1));
    }
}
