//! The comparison of a whole report with a whole inventory: the domain's judgement, serial number by serial number.

use std::collections::{BTreeMap, HashSet};

use domain::finding::Disagreement;
use domain::reconcile::{Context, Sides, Verdict};
use domain::{FindingKind, InventoryItem, ReportRow, Serial};

use crate::read_model::{Database, InventoryTable, MergeError, ReportTable, merge};

/// How many inventory items a finding keeps as evidence, and how many characters of a text. A finding must fit into an
/// item of DynamoDB (400 KB).
const ITEMS: usize = 20;
const TEXT: usize = 1000;

/// What came of all serial numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Disagreements by kind.
    pub counts: BTreeMap<FindingKind, u64>,
    pub infrastructure: u64,
    pub managed: u64,
    pub in_grace: u64,
}

/// Judges every serial number of the context's authority, and hands each disagreement to `each`.
pub(crate) fn judge<E>(
    database: &Database,
    context: &Context,
    report: &ReportTable,
    inventory: &InventoryTable,
    countersigned: &HashSet<Serial>,
    mut each: impl FnMut(Disagreement) -> Result<(), E>,
) -> Result<Tally, MergeError<E>> {
    let mut tally = Tally::default();
    merge(database, &context.authority, Some(report), Some(inventory), |serial, mut sides| {
        // A record that is there but cannot be read is not missing.
        let is_unreadable = match (&sides.report, sides.inventory.is_empty()) {
            (Some(_), true) => inventory.is_unreadable(&context.authority, serial),
            (None, _) => report.unreadable.contains(&serial),
            (Some(_), false) => false,
        };
        if is_unreadable {
            return Ok(());
        }
        sides.countersigned = countersigned.contains(&serial);
        match context.judge(&sides) {
            Verdict::Agreed => (),
            Verdict::Infrastructure => tally.infrastructure += 1,
            Verdict::Managed => tally.managed += 1,
            Verdict::InGrace => tally.in_grace += 1,
            Verdict::Disagreed(kinds) => {
                bound(&mut sides);
                for disagreement in context.disagreements(serial, &sides, kinds) {
                    *tally.counts.entry(disagreement.kind).or_default() += 1;
                    each(disagreement)?;
                }
            }
        }
        Ok(())
    })?;
    Ok(tally)
}

/// Cuts what is kept as evidence to a size that can be stored, after it was judged whole.
fn bound(sides: &mut Sides) {
    sides.inventory.truncate(ITEMS);
    for InventoryItem { subject, revocation_reason, .. } in &mut sides.inventory {
        [subject, revocation_reason].into_iter().flatten().for_each(cut);
    }
    if let Some(ReportRow { subject, revocation_reason, template, requested_by_service, .. }) =
        &mut sides.report
    {
        cut(subject);
        [revocation_reason, template, requested_by_service].into_iter().flatten().for_each(cut);
    }
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT) {
        text.truncate(end);
        text.push('…');
    }
}
