//! The comparison of a whole report with a whole inventory: the domain's judgement, serial number by serial number.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::panic::resume_unwind;
use std::thread;

use domain::finding::Disagreement;
use domain::reconcile::{Attribution, Context, Sides, TrailContext, Verdict, stands};
use domain::run::{TrailInputs, Unjudged};
use domain::{FindingKind, Serial, Timestamp};

use crate::records::{Database, InventoryTable, MergeError, ReportTable, Sources, merge};

/// For how many certificates that the report lacks the CA is asked in one run: a few seconds' quota of GetCertificate. More
/// say no more about the report.
const DISPUTED: usize = 300;

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
    /// Certificates that an event shows and the report lacks: they wait for the CA's word, [`Tally::settle`].
    pub disputed: Vec<Disputed>,
    /// Those of them of which the CA did not say anything: what was found of them earlier stays.
    pub undecided: HashSet<Serial>,
}

/// A certificate that an event shows and the report lacks.
#[derive(Clone, Debug)]
pub(crate) struct Disputed {
    pub serial: Serial,
    found: Vec<Disagreement>,
}

/// Records that are there, but cannot be read.
pub(crate) struct Unread<'a> {
    pub rows: &'a HashSet<Serial>,
    /// Whether there may be such an item of the certificate.
    pub item: &'a (dyn Fn(Serial) -> bool + Sync),
    /// Serial numbers that items may mean of which nobody can tell which they mean.
    pub unclear: HashSet<Serial>,
}

/// What came of one serial number.
struct Weighed {
    serial: Serial,
    verdict: Verdict,
    /// All that is known of it, where that disagrees.
    sides: Sides,
    /// A record that is there and cannot be read keeps it from being judged.
    is_unjudged: bool,
    traced: Option<Traced>,
}

/// What the trail says of a certificate that the CA knows.
enum Traced {
    Attributed,
    NotCovered,
}

/// Judges every serial number of the context's authority, and hands each disagreement to `each`, in the order of serial
/// numbers.
pub(crate) fn judge<E>(
    database: &Database,
    context: &Context,
    report: &ReportTable,
    inventory: &InventoryTable,
    countersigned: &HashSet<Serial>,
    each: impl FnMut(Disagreement) -> Result<(), E>,
) -> Result<Tally, MergeError<E>> {
    let authority = &context.authority;
    let unread = Unread {
        rows: &report.unreadable,
        item: &|serial| inventory.is_unreadable(authority, serial),
        unclear: inventory.settle(database, report)?,
    };
    let (report, items) = thread::scope(|scope| {
        let items = scope.spawn(|| inventory.packed(database, Some(authority)));
        (report.packed(database), items.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let (report, inventory) = (&report?, &items?.remove(authority).unwrap_or_default());
    let trail = context.trail.as_ref().map(|_| database);
    let sources = Sources { authority, report, inventory, trail };
    judge_all(context, unread, countersigned, sources, each)
}

/// The same of records in memory.
pub(crate) fn judge_all<E>(
    context: &Context,
    unread: Unread<'_>,
    countersigned: &HashSet<Serial>,
    sources: Sources<'_>,
    mut each: impl FnMut(Disagreement) -> Result<(), E>,
) -> Result<Tally, MergeError<E>> {
    let mut tally = Tally::default();
    let mut rows: BTreeSet<Serial> = unread.rows.iter().copied().collect();
    // What agrees plainly is weighed only where a row of it cannot be read: then there is something to say.
    let plain = rows.is_empty().then_some(context);
    let weigh = |serial, sides| unread.weigh(context, countersigned, serial, sides);
    merge(sources, plain, weigh, |weighed| {
        let Weighed { serial, verdict, sides, is_unjudged, traced } = weighed;
        rows.remove(&serial);
        if is_unjudged {
            tally.unjudged.add(serial);
        }
        match traced {
            Some(Traced::Attributed) => tally.attributed += 1,
            Some(Traced::NotCovered) => tally.not_covered += 1,
            None => (),
        }
        match verdict {
            Verdict::Agreed => (),
            Verdict::Infrastructure => tally.infrastructure += 1,
            Verdict::Managed => tally.managed += 1,
            Verdict::InGrace => tally.in_grace += 1,
            Verdict::LongExpired => tally.long_expired += 1,
            Verdict::Disagreed(kinds) => {
                let is_disputed = kinds.contains(&FindingKind::IssuanceNotReported);
                let found = context.disagreements(serial, &sides, kinds);
                let found = match is_disputed {
                    false => found,
                    true => tally.dispute(Disputed { serial, found }),
                };
                for disagreement in found {
                    tally.count(&disagreement);
                    each(disagreement)?;
                }
            }
        }
        Ok(())
    })?;
    // Of what no inventory item is about, a row that cannot be read is all there is.
    rows.into_iter().for_each(|serial| tally.unjudged.add(serial));
    tally.unclear = unread.unclear;
    Ok(tally)
}

impl Unread<'_> {
    /// `None`: there is nothing to say of it.
    fn weigh(
        &self,
        context: &Context,
        countersigned: &HashSet<Serial>,
        serial: Serial,
        mut sides: Sides,
    ) -> Option<Weighed> {
        let (has_unread_row, is_unclear) = (self.rows.contains(&serial), self.unclear.contains(&serial));
        let is_unreported = sides.report.is_none() && sides.inventory.is_empty();
        if is_unreported && (has_unread_row || is_unclear) {
            return None;
        }
        // A record that is there but cannot be read is not missing.
        let is_unreadable = match (&sides.report, sides.inventory.is_empty()) {
            (Some(_), true) => (self.item)(serial),
            (None, _) => has_unread_row,
            (Some(_), false) => false,
        };
        sides.countersigned = countersigned.contains(&serial);
        let verdict = context.judge(&sides);
        let is_unjudged = (is_unreadable || is_unclear) && matches!(verdict, Verdict::Disagreed(_));
        let verdict = if is_unjudged { context.judge_issuer_alone(&sides) } else { verdict };
        let traced = traced(context, &sides, &verdict);
        let is_silent = verdict == Verdict::Agreed && traced.is_none() && !is_unjudged && !has_unread_row;
        (!is_silent).then(|| {
            let sides = if matches!(verdict, Verdict::Disagreed(_)) { sides } else { Sides::default() };
            Weighed { serial, verdict, sides, is_unjudged, traced }
        })
    }
}

fn traced(context: &Context, sides: &Sides, verdict: &Verdict) -> Option<Traced> {
    if context.trail.is_none() || sides.report.is_none() || *verdict == Verdict::Infrastructure {
        return None;
    }
    match (context.attribute(sides), verdict) {
        (Attribution::By(_) | Attribution::Service, _) => Some(Traced::Attributed),
        (Attribution::Unknown, Verdict::Agreed | Verdict::Disagreed(_)) => Some(Traced::NotCovered),
        _ => None,
    }
}

impl Tally {
    /// What the trail covered up to `to`, and what that was good for.
    pub fn covered(&self, trail: &TrailContext, to: Timestamp) -> TrailInputs {
        let mut inputs = TrailInputs {
            attributed: self.attributed,
            not_covered: self.not_covered,
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

    fn count(&mut self, found: &Disagreement) {
        *self.counts.entry(found.kind).or_default() += 1;
    }

    /// Lets it wait for the CA's word; gives what counts already, if too many wait.
    fn dispute(&mut self, disputed: Disputed) -> Vec<Disagreement> {
        if self.disputed.len() < DISPUTED {
            self.disputed.push(disputed);
            return Vec::new();
        }
        self.decide(disputed, None)
    }

    /// What counts of it. `has_it`: the CA's word, if it was given.
    fn decide(&mut self, disputed: Disputed, has_it: Option<bool>) -> Vec<Disagreement> {
        let Disputed { serial, mut found } = disputed;
        if has_it.is_none() {
            self.unjudged.add(serial);
            self.undecided.insert(serial);
        }
        found.retain(|one| stands(one, has_it));
        found
    }

    /// Decides what waits by the CA's word: whether it has the certificates, in the order of `disputed`; `None`: it did not
    /// say. Gives what counts of them.
    pub fn settle(&mut self, words: impl IntoIterator<Item = Option<bool>>) -> Vec<Disagreement> {
        let words = words.into_iter().chain(std::iter::repeat(None));
        let waiting = std::mem::take(&mut self.disputed);
        let decided = waiting.into_iter().zip(words).flat_map(|(one, word)| self.decide(one, word));
        let found: Vec<Disagreement> = decided.collect();
        found.iter().for_each(|one| self.count(one));
        found
    }
}
