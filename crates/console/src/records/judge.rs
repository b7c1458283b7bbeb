//! The comparison of a whole report with a whole inventory: the domain's judgement, serial number by serial number.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::finding::Disagreement;
use domain::reconcile::{Attribution, Context, Sides, Verdict};
use domain::run::Unjudged;
use domain::trail::{Identity, Issuance, RevocationCall};
use domain::{FindingKind, InventoryItem, ReportRow, Serial};

use crate::records::{Database, InventoryTable, MergeError, ReportTable, Sources, merge};

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
    pub long_expired: u64,
    /// Certificates of which a record is there that cannot be read.
    pub unjudged: Unjudged,
    /// Serial numbers that items may mean of which nobody can tell which they mean.
    pub unclear: HashSet<Serial>,
    /// Certificates whose issuer an event names.
    pub attributed: u64,
    /// Certificates without one, from times that the trail does not cover.
    pub not_covered: u64,
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
    let unclear = inventory.settle(database, report)?;
    let mut tally = Tally { unclear, ..Tally::default() };
    let sources =
        Sources { report: Some(report), inventory: Some(inventory), trail: context.trail.is_some() };
    let mut rows: BTreeSet<Serial> = report.unreadable.iter().copied().collect();
    merge(database, &context.authority, sources, |serial, mut sides| {
        rows.remove(&serial);
        // A record that is there but cannot be read is not missing.
        let is_unreadable = match (&sides.report, sides.inventory.is_empty()) {
            (Some(_), true) => inventory.is_unreadable(&context.authority, serial),
            (None, _) => report.unreadable.contains(&serial),
            (Some(_), false) => false,
        };
        let is_unreadable = is_unreadable || tally.unclear.contains(&serial);
        sides.countersigned = countersigned.contains(&serial);
        let verdict = match (is_unreadable, context.judge(&sides)) {
            (true, Verdict::Disagreed(_)) => {
                tally.unjudged.add(serial);
                context.judge_issuer_alone(&sides)
            }
            (_, verdict) => verdict,
        };
        tally.attribute(context, &sides, &verdict);
        match verdict {
            Verdict::Agreed => (),
            Verdict::Infrastructure => tally.infrastructure += 1,
            Verdict::Managed => tally.managed += 1,
            Verdict::InGrace => tally.in_grace += 1,
            Verdict::LongExpired => tally.long_expired += 1,
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
    // Of what no inventory item is about, a row that cannot be read is all there is.
    rows.into_iter().for_each(|serial| tally.unjudged.add(serial));
    Ok(tally)
}

impl Tally {
    /// Counts what the trail says of a certificate that the CA knows.
    fn attribute(&mut self, context: &Context, sides: &Sides, verdict: &Verdict) {
        if context.trail.is_none() || sides.report.is_none() || *verdict == Verdict::Infrastructure {
            return;
        }
        match (context.attribute(sides), verdict) {
            (Attribution::By(_) | Attribution::Service, _) => self.attributed += 1,
            (Attribution::Unknown, Verdict::Agreed | Verdict::Disagreed(_)) => self.not_covered += 1,
            _ => (),
        }
    }
}

/// Cuts what is kept as evidence to a size that can be stored, after it was judged whole.
pub(crate) fn bound(sides: &mut Sides) {
    sides.inventory.truncate(ITEMS);
    for InventoryItem { subject, revocation_reason, .. } in &mut sides.inventory {
        [subject, revocation_reason].into_iter().flatten().for_each(cut);
    }
    if let Some(ReportRow { subject, revocation_reason, template, requested_by_service, .. }) =
        &mut sides.report
    {
        [subject, revocation_reason, template, requested_by_service].into_iter().flatten().for_each(cut);
    }
    if let Some(Issuance { identity, address, user_agent, template, .. }) = &mut sides.issuance {
        bound_identity(identity);
        [address, user_agent, template].into_iter().flatten().for_each(cut);
    }
    if let Some(RevocationCall { identity, address, reason, .. }) = &mut sides.revocation {
        bound_identity(identity);
        [address, reason].into_iter().flatten().for_each(cut);
    }
}

fn bound_identity(identity: &mut Identity) {
    let Identity { principal, session, account, access_key, invoked_by, .. } = identity;
    cut(principal);
    [session, account, access_key, invoked_by].into_iter().flatten().for_each(cut);
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT) {
        text.truncate(end);
        text.push('…');
    }
}
