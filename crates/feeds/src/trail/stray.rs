//! Log files that no digest names.

use std::time::Duration;

use domain::Timestamp;
use domain::trail::{About, Coverage, Problem, Proof};

/// A log file is named by the digest of the time of its delivery, or by the next one, which covers this much at the most.
pub const NEXT_DIGEST: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// What is wrong with a log file that no digest names: if the time of its delivery, and that of the next digest, are
/// proven, CloudTrail did not deliver it. `None`: nothing can be said yet.
pub fn stray(object: String, delivered: Timestamp, coverage: &Coverage) -> Option<Problem> {
    let next = delivered.plus(NEXT_DIGEST);
    let proven =
        coverage.worst(delivered, next) == Some(Proof::Proven) && coverage.at(next) == Some(Proof::Proven);
    proven.then(|| Problem {
        from: delivered,
        to: delivered.plus(MINUTE),
        proof: Proof::Altered,
        about: About::LogFile,
        object,
        what: "No digest names this log file: CloudTrail did not deliver it, or a trail without validation writes to \
               the same place."
            .to_owned(),
    })
}
