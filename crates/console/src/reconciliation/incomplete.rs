//! What keeps a reconciliation from having compared everything.

use domain::run::RunInputs;
use domain::trail::Proof;

/// One sentence for each; none: everything that should have been compared was.
pub(super) fn reasons(inputs: &RunInputs) -> Vec<String> {
    let trail = inputs.trail.as_ref();
    let hours = |proof| trail.and_then(|trail| trail.hours.get(&proof)).copied().unwrap_or(0);
    let counted = [
        (inputs.report_unreadable.count, "rows of the report cannot be read"),
        (inputs.inventory_unreadable.count, "items of the inventory cannot be read"),
        (inputs.inventory_unread.count, "attributes of items cannot be read, and were not compared"),
        (inputs.unjudged.count, "certificates could not be judged"),
        (trail.map_or(0, |trail| trail.unreadable.count), "files or records of the trail cannot be read"),
        (hours(Proof::Missing), "hours of the trail are missing"),
        (hours(Proof::Altered), "hours of the trail are altered"),
    ];
    let cut = inputs.report_truncated.then(|| "The report is cut short.".to_owned());
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    counted.map(|(count, what)| format!("{count} {what}.")).chain(cut).collect()
}
