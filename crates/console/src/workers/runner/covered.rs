//! What a run says of the trail that it was made with.

use domain::Timestamp;
use domain::reconcile::TrailContext;
use domain::run::TrailInputs;

use crate::records::judge::Tally;

/// What the trail covered up to `to`, and what that was good for.
pub(crate) fn covered(trail: &TrailContext, to: Timestamp, tally: &Tally) -> TrailInputs {
    let mut inputs = TrailInputs {
        attributed: tally.attributed,
        not_covered: tally.not_covered,
        ..TrailInputs::default()
    };
    let first = trail.coverage.spans().first();
    if let Some(from) = first.map(|span| span.from).filter(|from| *from < to) {
        (inputs.from, inputs.to) = (Some(from), Some(to));
        for proof in trail.coverage.hours(from, to).into_iter().filter_map(|hour| hour.proof) {
            *inputs.hours.entry(proof).or_default() += 1;
        }
    }
    inputs
}
