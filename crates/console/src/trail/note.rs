//! What digests prove is noted in the state of a part: coverage, problems, files that are not whole.

use countersign_aws::trail::TrailState;
use domain::Timestamp;
use domain::trail::{Coverage, Proof, Span};
use domain::views::TrailProblem;
use feeds::trail::key::{DigestKey, LogKey};
use feeds::trail::{Problem, stray};

use super::verify::Judged;

/// Notes what came of a digest.
pub(super) fn note(state: &mut TrailState, judged: &Judged) {
    arrived(state, &judged.key);
    cover(state, judged.verdict.spans());
    for problem in &judged.verdict.problems {
        note_problem(state, problem.clone());
    }
}

/// Notes those of files without a digest's word that CloudTrail did not deliver.
pub(super) fn note_strays(state: &mut TrailState, files: impl IntoIterator<Item = (String, Timestamp)>) {
    // As it is before the first of them is noted.
    let coverage = state.coverage.clone();
    for problem in files.into_iter().filter_map(|(key, delivered)| stray(key, delivered, &coverage)) {
        cover(state, [Span { from: problem.from, to: problem.to, proof: problem.proof }]);
        note_problem(state, problem);
    }
}

fn cover(state: &mut TrailState, spans: impl IntoIterator<Item = Span>) {
    let known = state.coverage.spans().iter().copied();
    state.coverage = Coverage::of(known.chain(spans).collect::<Vec<_>>());
}

/// Which finding it is, is found out when somebody looks.
fn note_problem(state: &mut TrailState, problem: Problem) {
    let Problem { from, to, proof, object, what } = problem;
    if proof == Proof::Altered && object.parse::<LogKey>().is_ok() {
        state.bad_files.insert(object.clone(), Proof::Altered);
    }
    state.add_problem(TrailProblem { from, to, proof, object, what, finding: None });
}

/// Whether nothing was logged for a while. A gap names the digest at whose end it begins; a digest that is itself missing,
/// or cannot be checked, ends later.
pub(crate) fn is_gap(problem: &TrailProblem) -> bool {
    matches!(problem.proof, Proof::Missing | Proof::Unproven)
        && problem.object.parse::<DigestKey>().is_ok_and(|digest| digest.end <= problem.from)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_unix(1_763_802_000 + minutes * 60).unwrap()
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
        Judged { key: key.to_owned(), verdict }
    }

    #[test]
    fn a_digest_that_comes_late_takes_back_that_it_was_missed_and_nothing_else() {
        let mut state = TrailState::default();
        note(&mut state, &judged("one", (0, 60), &[]));
        let three =
            judged("three", (120, 180), &[(60, 120, Proof::Missing, "two"), (100, 130, Proof::Altered, "x")]);
        note(&mut state, &three);
        note(&mut state, &three);
        assert_eq!(state.problems_total, 2, "noted once");
        assert_eq!(state.coverage.at(at(70)), Some(Proof::Missing));
        note(&mut state, &judged("two", (60, 120), &[]));
        assert_eq!(state.coverage.at(at(70)), Some(Proof::Proven));
        assert_eq!(state.coverage.at(at(110)), Some(Proof::Altered), "the other problem stays");
        assert_eq!((state.problems.len(), state.problems_total), (1, 1));
    }
}
