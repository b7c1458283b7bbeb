//! How much of a trail is proven, and what is wrong with it: what digests prove is noted here, and taken back when a later
//! one says otherwise.

use crate::foreign::Text;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::coverage::{Coverage, Proof, Span};
use super::problem::{About, Problem};
use crate::timestamp::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// The newest digest of a chain that CloudTrail is known to have signed: with those that it follows, it proves all before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPosition {
    /// Of the object in the trail's bucket.
    pub key: String,
    /// Lower-case hex, of the digest as it was verified.
    pub sha256: String,
    /// Where the time that it covers ends.
    pub end: Timestamp,
}

/// What is known of a part's wholeness.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wholeness {
    /// For which times it is proven whole, and for which not.
    pub coverage: Coverage,
    /// Newest first, [`Wholeness::PROBLEMS`] at most.
    pub problems: Vec<Problem>,
    /// All that there were.
    pub problems_total: u64,
    /// Log files that are not what a digest says, by key.
    pub bad_files: BTreeMap<String, Proof>,
    /// How far each chain of digests was verified.
    #[serde(default)]
    pub digests: Vec<DigestPosition>,
}

impl Wholeness {
    /// How many problems are kept.
    pub const PROBLEMS: usize = 2000;

    /// A problem that is noted already (same object, proof and time) is not noted again.
    pub fn add_problem(&mut self, problem: Problem) {
        let same = |known: &Problem| {
            (&known.object, known.proof, known.from) == (&problem.object, problem.proof, problem.from)
        };
        if self.problems.iter().any(same) {
            return;
        }
        let place = self.problems.partition_point(|known| known.from > problem.from);
        self.problems.insert(place, problem);
        self.problems.truncate(Self::PROBLEMS);
        self.problems_total += 1;
    }

    /// Takes back problems that were none.
    pub fn remove_problems(&mut self, is_none: impl Fn(&Problem) -> bool) -> Vec<Problem> {
        let gone: Vec<_> = self.problems.extract_if(.., |problem| is_none(problem)).collect();
        let count = u64::try_from(gone.len()).unwrap_or(0);
        self.problems_total = self.problems_total.saturating_sub(count);
        gone
    }

    /// Notes what a digest proves and disproves.
    pub fn cover(&mut self, spans: impl IntoIterator<Item = Span>) {
        let known = self.coverage.spans().iter().copied();
        self.coverage = Coverage::of(known.chain(spans).collect::<Vec<_>>());
    }

    /// Notes what a digest says against an object. Names are no longer than S3's; what is wrong may quote the file.
    pub fn found(&mut self, problem: Problem) {
        let problem = Problem { what: Text::new(&problem.what).into(), ..problem };
        // Digests have no events.
        if problem.proof == Proof::Altered && problem.about == About::LogFile {
            self.bad_files.insert(problem.object.clone(), Proof::Altered);
        }
        self.add_problem(problem);
    }

    /// Notes a log file that is not what CloudTrail delivered, without a digest's word.
    pub fn altered(&mut self, problem: Problem) {
        self.cover([problem.span()]);
        self.found(problem);
    }

    /// Notes a log file of this time of delivery that is there and could not be read. Nothing is proven of it, or against
    /// it.
    pub fn unread(&mut self, key: &str, delivered: Timestamp, why: &str) {
        self.add_problem(Problem {
            from: delivered,
            to: delivered.plus(MINUTE),
            proof: Proof::Unproven,
            about: About::LogFile,
            object: key.to_owned(),
            what: format!("The log file is not read: {why}"),
        });
    }

    /// The log file has been read after all, or what it is has been found out.
    pub fn read(&mut self, key: &str) {
        self.remove_problems(|problem| problem.object == key && problem.proof == Proof::Unproven);
    }

    /// A digest that was missed has come after all: what its absence meant is taken back. That there was none before or
    /// after it stays.
    pub fn arrived(&mut self, key: &str) {
        let is_of = |problem: &Problem| {
            problem.object == key && problem.proof == Proof::Missing && problem.about != About::Gap
        };
        self.take_back(is_of, false);
    }

    /// CloudTrail delivered these log files as they are: what was said against them is taken back.
    pub fn vouched(&mut self, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
        self.bad_files.retain(|key, _| !keys.contains(key.as_str()));
        self.take_back(|problem| keys.contains(problem.object.as_str()), true);
    }

    /// Takes problems back, and what they took away from the coverage. A log file's trouble lies within what digests prove, and
    /// leaves that; a digest says itself what it proves.
    fn take_back(&mut self, is_of: impl Fn(&Problem) -> bool, is_of_files: bool) {
        let gone = self.remove_problems(is_of).into_iter().filter(|problem| problem.proof != Proof::Unproven);
        // Neighbours as one.
        let gone = Coverage::of(gone.map(|gone| Span { proof: Proof::Missing, ..gone.span() }));
        for gone in gone.spans() {
            let around = [gone.from.minus(SECOND), gone.to].map(|at| self.coverage.at(at));
            let was_proven = is_of_files && around == [Some(Proof::Proven); 2];
            let others = self.problems.iter().filter(|problem| problem.proof != Proof::Unproven);
            let within = others.filter_map(|problem| {
                let (from, to) = (problem.from.max(gone.from), problem.to.min(gone.to));
                (from < to).then_some(Span { from, to, proof: problem.proof })
            });
            let within = within.chain(was_proven.then_some(Span { proof: Proof::Proven, ..*gone }));
            let outside = self.coverage.spans().iter().flat_map(|span| {
                let before = Span { to: span.to.min(gone.from), ..*span };
                [before, Span { from: span.from.max(gone.to), ..*span }]
            });
            self.coverage = Coverage::of(outside.chain(within).collect::<Vec<_>>());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_unix(1_763_802_000 + minutes * 60).unwrap()
    }

    fn problem(from: i64, to: i64, proof: Proof, about: About, object: &str) -> Problem {
        let what = "It is so.".to_owned();
        Problem { from: at(from), to: at(to), proof, about, object: object.to_owned(), what }
    }

    /// What a digest makes of a part, as the verifier notes it.
    fn note(whole: &mut Wholeness, key: &str, proven: (i64, i64), problems: &[Problem], vouched: &[&str]) {
        whole.arrived(key);
        whole.vouched(&vouched.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        let proven = Span { from: at(proven.0), to: at(proven.1), proof: Proof::Proven };
        whole.cover(problems.iter().map(Problem::span).chain([proven]));
        problems.iter().cloned().for_each(|problem| whole.found(problem));
    }

    #[test]
    fn a_digest_that_comes_late_takes_back_that_it_was_missed_and_nothing_else() {
        let mut whole = Wholeness::default();
        note(&mut whole, "one", (0, 60), &[], &[]);
        let wrong = [
            problem(60, 120, Proof::Missing, About::Digest, "two"),
            problem(100, 130, Proof::Altered, About::LogFile, "x"),
        ];
        note(&mut whole, "three", (120, 180), &wrong, &[]);
        note(&mut whole, "three", (120, 180), &wrong, &[]);
        assert_eq!(whole.problems_total, 2, "noted once");
        assert_eq!(whole.coverage.at(at(70)), Some(Proof::Missing));
        note(&mut whole, "two", (60, 120), &[], &[]);
        assert_eq!(whole.coverage.at(at(70)), Some(Proof::Proven));
        assert_eq!(whole.coverage.at(at(110)), Some(Proof::Altered), "the other problem stays");
        assert_eq!((whole.problems.len(), whole.problems_total), (1, 1));
    }

    #[test]
    fn a_gap_after_a_digest_that_is_judged_again_stays() {
        let mut whole = Wholeness::default();
        let gap = problem(60, 61, Proof::Missing, About::Gap, "one");
        note(&mut whole, "two", (61, 120), &[gap], &[]);
        note(&mut whole, "one", (0, 60), &[], &[]);
        assert_eq!(whole.problems.len(), 1);
        assert_eq!(whole.coverage.at(at(60)), Some(Proof::Missing));
    }

    #[test]
    fn what_a_later_digest_vouches_for_is_good_again() {
        let mut whole = Wholeness::default();
        note(&mut whole, "one", (0, 180), &[], &[]);
        for (key, minute) in [("a", 5), ("b", 6), ("c", 30)] {
            whole.altered(problem(minute, minute + 1, Proof::Altered, About::LogFile, key));
        }
        whole.unread("d", at(40), "refused");
        assert_eq!((whole.problems.len(), whole.bad_files.len()), (4, 3));
        note(&mut whole, "backfill", (0, 0), &[], &["a", "b", "d"]);
        assert_eq!(whole.bad_files.keys().collect::<Vec<_>>(), ["c"]);
        assert_eq!((whole.problems.len(), whole.problems_total), (1, 1));
        assert_eq!(whole.coverage.worst(at(0), at(30)), Some(Proof::Proven));
        assert_eq!(whole.coverage.at(at(30)), Some(Proof::Altered));
    }

    #[test]
    fn whatever_it_is_called_a_log_file_that_is_not_cloudtrails_is_no_evidence() {
        let mut whole = Wholeness::default();
        let named = "AWSLogs/111122223333/CloudTrail-Digest/eu-central-1/2026/11/22/111122223333_CloudTrail-Digest_eu-central-1_x_eu-central-1_20261122T100000Z.json.gz";
        let wrong = [
            problem(1, 2, Proof::Altered, About::LogFile, "y.json"),
            problem(1, 2, Proof::Altered, About::Digest, "digest"),
        ];
        note(&mut whole, "one", (0, 180), &wrong, &[]);
        assert_eq!(whole.bad_files.keys().collect::<Vec<_>>(), ["y.json"]);
        whole.altered(problem(6, 7, Proof::Altered, About::LogFile, named));
        assert_eq!(whole.bad_files.keys().collect::<Vec<_>>(), [named, "y.json"]);
    }
}
