//! What digests prove is noted in the state of a part: coverage, problems, files that are not whole.

use std::collections::HashSet;
use std::time::Duration;

use countersign_aws::trail::TrailState;
use domain::Timestamp;
use domain::foreign::Text;
use domain::trail::{Coverage, Proof, Span};
use domain::views::TrailProblem;
use feeds::trail::key::DigestKey;
use feeds::trail::{Problem, stray};

use super::digest::Judged;
use crate::defects::is_gap;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// Notes what came of a digest.
pub(crate) fn note(state: &mut TrailState, judged: &Judged) {
    let verdict = &judged.verdict;
    arrived(state, &judged.key);
    vouched(state, &verdict.vouched);
    for absent in &verdict.absent {
        is_read(state, &absent.object);
    }
    cover(state, verdict.spans());
    for problem in &verdict.problems {
        // Digests have no events.
        if problem.proof == Proof::Altered && problem.object.parse::<DigestKey>().is_err() {
            state.bad_files.insert(problem.object.clone(), Proof::Altered);
        }
        note_problem(state, problem.clone());
    }
}

/// Notes those of files without a digest's word that CloudTrail did not deliver, whatever they are called.
pub(crate) fn note_strays(state: &mut TrailState, files: impl IntoIterator<Item = (String, Timestamp)>) {
    // As it is before the first of them is noted.
    let coverage = state.coverage.clone();
    for problem in files.into_iter().filter_map(|(key, delivered)| stray(key, delivered, &coverage)) {
        note_altered(state, problem);
    }
}

/// Notes a log file that is not what CloudTrail delivered.
pub(crate) fn note_altered(state: &mut TrailState, problem: Problem) {
    cover(state, [Span { from: problem.from, to: problem.to, proof: problem.proof }]);
    state.bad_files.insert(problem.object.clone(), Proof::Altered);
    note_problem(state, problem);
}

/// Notes a log file of this time of delivery that is there and could not be read. Nothing is proven of it, or against it.
pub(crate) fn note_unread(state: &mut TrailState, key: &str, delivered: Timestamp, why: &str) {
    let (from, to) = (delivered, delivered.plus(MINUTE));
    let what = format!("The log file is not read: {why}");
    note_problem(state, Problem { from, to, proof: Proof::Unproven, object: key.to_owned(), what });
}

/// The log file has been read after all, or what it is has been found out.
pub(crate) fn is_read(state: &mut TrailState, key: &str) {
    state.remove_problems(|problem| problem.object == key && problem.proof == Proof::Unproven);
}

fn cover(state: &mut TrailState, spans: impl IntoIterator<Item = Span>) {
    let known = state.coverage.spans().iter().copied();
    state.coverage = Coverage::of(known.chain(spans).collect::<Vec<_>>());
}

/// Which finding it is, is found out when somebody looks. Names are no longer than S3's; what is wrong may quote the file.
fn note_problem(state: &mut TrailState, problem: Problem) {
    let Problem { from, to, proof, object, what } = problem;
    let what = Text::new(&what).into();
    state.add_problem(TrailProblem { from, to, proof, object, what, finding: None });
}

/// A digest that was missed has come after all: what its absence meant is taken back. That there was none before or after
/// it stays.
fn arrived(state: &mut TrailState, key: &str) {
    let is_of =
        |problem: &TrailProblem| problem.object == key && problem.proof == Proof::Missing && !is_gap(problem);
    take_back(state, is_of, false);
}

/// CloudTrail delivered these log files as they are: what was said against them is taken back.
fn vouched(state: &mut TrailState, keys: &[String]) {
    if keys.is_empty() {
        return;
    }
    let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
    state.bad_files.retain(|key, _| !keys.contains(key.as_str()));
    take_back(state, |problem| keys.contains(problem.object.as_str()), true);
}

/// Takes problems back, and what they took away from the coverage. A log file's trouble lies within what digests prove, and
/// leaves that; a digest says itself what it proves.
fn take_back(state: &mut TrailState, is_of: impl Fn(&TrailProblem) -> bool, is_of_files: bool) {
    let gone = state.remove_problems(is_of).into_iter().filter(|problem| problem.proof != Proof::Unproven);
    // Neighbours as one.
    let gone = Coverage::of(gone.map(|gone| Span { from: gone.from, to: gone.to, proof: Proof::Missing }));
    for gone in gone.spans() {
        let around = [gone.from.minus(SECOND), gone.to].map(|at| state.coverage.at(at));
        let was_proven = is_of_files && around == [Some(Proof::Proven); 2];
        let others = state.problems.iter().filter(|problem| problem.proof != Proof::Unproven);
        let within = others.filter_map(|problem| {
            let (from, to) = (problem.from.max(gone.from), problem.to.min(gone.to));
            (from < to).then_some(Span { from, to, proof: problem.proof })
        });
        let within = within.chain(was_proven.then_some(Span { proof: Proof::Proven, ..*gone }));
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
            ..feeds::trail::Verdict::default()
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

    #[test]
    fn a_gap_after_a_digest_that_is_judged_again_stays() {
        let mut state = TrailState::default();
        // A digest's own name says when it ends.
        let end = "2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap();
        let key = "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/11/22/111122223333_CloudTrail-Digest_eu-central-1_x_eu-central-1_20261122T100000Z.json.gz";
        let gap = Problem {
            from: end,
            to: end.plus(MINUTE),
            proof: Proof::Missing,
            object: key.to_owned(),
            what: String::new(),
        };
        let mut next = judged("next", (0, 60), &[]);
        next.verdict.problems.push(gap);
        note(&mut state, &next);
        note(&mut state, &judged(key, (0, 60), &[]));
        assert_eq!(state.problems.len(), 1);
        assert_eq!(state.coverage.at(end), Some(Proof::Missing));
    }

    #[test]
    fn what_a_later_digest_vouches_for_is_good_again() {
        let mut state = TrailState::default();
        note(&mut state, &judged("one", (0, 180), &[]));
        let strays = ["a", "b", "c"].map(str::to_owned).into_iter().zip([at(5), at(6), at(30)]);
        note_strays(&mut state, strays);
        note_unread(&mut state, "d", at(40), "refused");
        assert_eq!((state.problems.len(), state.bad_files.len()), (4, 3));
        let mut backfill = judged("backfill", (0, 0), &[]);
        backfill.verdict.vouched = ["a", "b", "d"].map(str::to_owned).to_vec();
        note(&mut state, &backfill);
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), ["c"]);
        assert_eq!((state.problems.len(), state.problems_total), (1, 1));
        assert_eq!(state.coverage.worst(at(0), at(30)), Some(Proof::Proven));
        assert_eq!(state.coverage.at(at(30)), Some(Proof::Altered));
    }

    #[test]
    fn whatever_it_is_called_a_file_that_is_not_cloudtrails_is_no_evidence() {
        let mut state = TrailState::default();
        let digest = "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/11/22/111122223333_CloudTrail-Digest_eu-central-1_x_eu-central-1_20261122T100000Z.json.gz";
        note(
            &mut state,
            &judged("one", (0, 180), &[(1, 2, Proof::Altered, "y.json"), (1, 2, Proof::Altered, digest)]),
        );
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), ["y.json"]);
        let nested = format!("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/22/{digest}");
        note_strays(&mut state, [("x.json".to_owned(), at(5)), (nested.clone(), at(6))]);
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), [&nested, "x.json", "y.json"]);
    }
}
