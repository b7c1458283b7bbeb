//! What digests prove is noted in what is known of a part's wholeness.

use domain::Timestamp;
use domain::trail::Wholeness;
use feeds::trail::stray;

use super::digest::Judged;

/// Notes what came of a digest.
pub(crate) fn note(whole: &mut Wholeness, judged: &Judged) {
    let verdict = &judged.verdict;
    whole.arrived(&judged.key);
    whole.vouched(&verdict.vouched);
    for absent in &verdict.absent {
        whole.read(&absent.object);
    }
    whole.cover(verdict.spans());
    for problem in &verdict.problems {
        whole.found(problem.clone());
    }
}

/// Notes those of files without a digest's word that CloudTrail did not deliver, whatever they are called.
pub(crate) fn note_strays(whole: &mut Wholeness, files: impl IntoIterator<Item = (String, Timestamp)>) {
    // As it is before the first of them is noted.
    let coverage = whole.coverage.clone();
    for problem in files.into_iter().filter_map(|(key, delivered)| stray(key, delivered, &coverage)) {
        whole.altered(problem);
    }
}
