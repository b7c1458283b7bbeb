//! The comparison of the records about one serial number: a pure function of both sides and what a run knows.
//! Source: AWS Private CA User Guide, "Use audit reports with your private CA".

mod plain;

use std::collections::BTreeSet;
use std::time::Duration;

pub use self::plain::{Plain, PlainItem, PlainRow};
use crate::authority::AuthorityArn;
use crate::finding::{Disagreement, Evidence};
use crate::finding_kind::FindingKind::{self, *};
use crate::inventory::InventoryItem;
use crate::report::{self, ReportRow, template_name};
use crate::serial::Serial;
use crate::subject;
use crate::timestamp::Timestamp;
use crate::trail::{Authorisation, Coverage, Issuance, Issuers, Proof, RevocationCall};

/// How far an `expires_at` may lie from the certificate's notAfter.
const EXPIRY_TOLERANCE: Duration = Duration::from_secs(60);
/// How far an `issued_at` may lie outside notBefore … issuedAt (the CA sets notBefore 60 minutes back by default).
const ISSUE_TOLERANCE: Duration = Duration::from_secs(3600);

const PRIVATE_CA: &str = "acm-pca.amazonaws.com";
/// How long before issuedAt the call may have been made: issuance is asynchronous.
const CALL_TO_ISSUE: Duration = Duration::from_secs(300);

/// What a run knows besides the records.
#[derive(Clone, Debug)]
pub struct Context {
    /// The authority whose certificates are compared.
    pub authority: AuthorityArn,
    /// When the report was made: what happened later is not in it.
    pub report_created_at: Timestamp,
    /// When they are compared: what the inventory has of later times has not happened.
    pub now: Timestamp,
    /// Certificates issued or revoked less than this before the report was made are too young to judge.
    pub grace: Duration,
    /// Whether the absence of a row proves anything: not so in a report cut short.
    pub report_complete: bool,
    /// Whether approved requests are at hand; without them nothing is said about countersigning.
    pub requests_known: bool,
    /// `None`: there is no trail, and nobody can be told.
    pub trail: Option<TrailContext>,
    /// Which certificates are a CA's or an OCSP responder's.
    pub infrastructure: Infrastructure,
    /// What expired longer than this before the report was made, and is not in the inventory, is left out. `None`: nothing is.
    pub expired_after: Option<Duration>,
}

/// What a run knows of the certificates of CAs and of OCSP responders.
#[derive(Clone, Debug, Default)]
pub struct Infrastructure {
    /// Serial numbers of CAs' certificates: the authority's own, and those that were listed.
    pub known: BTreeSet<Serial>,
    /// Templates that authorised issuers may use: of what has such a one, nobody else is asked for where no event names the
    /// issuer.
    pub templates: Vec<String>,
    /// The authority has OCSP switched on: AWS signs its answers with certificates that may come without a call.
    pub ocsp: bool,
}

impl Infrastructure {
    fn names(&self, row: &ReportRow) -> bool {
        let own = row.template.as_deref().map(template_name);
        self.templates.iter().any(|template| Some(template_name(template)) == own)
    }
}

/// What a run knows of the trail.
#[derive(Clone, Debug)]
pub struct TrailContext {
    /// Who may have certificates issued.
    pub issuers: Issuers,
    /// For which times the trail is proven whole.
    pub coverage: Coverage,
    /// An event that is not there this long after it happened is not coming.
    pub delay: Duration,
}

/// Whom the trail names as the issuer of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribution {
    /// No event, and the trail does not vouch for there being none.
    Unknown,
    /// No event, though the trail should have it: the evidence itself has a hole.
    Hole,
    /// An AWS service that is an authorised issuer.
    Service,
    /// An event names it; whether they may is said with it.
    By(Authorisation),
}

/// Everything the records say about one serial number.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    /// The row of the report; `None`: there is none.
    pub report: Option<ReportRow>,
    /// The items of the inventory: more than one is a duplicate.
    pub inventory: Vec<InventoryItem>,
    /// An approved request here asked for its revocation.
    pub countersigned: bool,
    /// What intact events say of its issuance.
    pub issuance: Option<Issuance>,
    /// What intact events say of its revocation.
    pub revocation: Option<RevocationCall>,
}

/// What a run makes of one serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The records agree.
    Agreed,
    /// A CA's own certificate or an OCSP responder's, by template.
    Infrastructure,
    /// Requested by an AWS service principal.
    Managed,
    /// Too young to judge.
    InGrace,
    /// Expired so long ago that nobody cares that the inventory does not have it.
    LongExpired,
    /// At least one disagreement.
    Disagreed(Vec<FindingKind>),
}

/// How far clocks, and dates of other time zones, may be ahead.
const CLOCKS: Duration = Duration::from_secs(86_400);

impl Context {
    /// Compares both sides about `serial`.
    pub fn judge(&self, sides: &Sides) -> Verdict {
        let kinds = match &sides.report {
            Some(row) if self.is_infrastructure(row, sides) => return Verdict::Infrastructure,
            Some(row) if self.is_managed(row, sides) && sides.inventory.is_empty() => {
                return Verdict::Managed;
            }
            Some(row) => self.judge_row(row, sides),
            None => self.judge_unreported(sides),
        };
        match kinds {
            None => Verdict::InGrace,
            Some(kinds) if kinds.is_empty() => Verdict::Agreed,
            Some(kinds) if kinds == [ExpiredUnrecorded] && self.is_long_expired(sides) => {
                Verdict::LongExpired
            }
            Some(kinds) => Verdict::Disagreed(kinds),
        }
    }

    fn is_long_expired(&self, sides: &Sides) -> bool {
        let ended = sides.report.as_ref().map(|row| row.not_after);
        ended.zip(self.expired_after).is_some_and(|(at, age)| at.plus(age) < self.report_created_at)
    }

    /// Judges by the issuer alone, where the inventory's item is there, but cannot be read: what it says is not known, and
    /// it must not hide who had the certificate issued.
    pub fn judge_issuer_alone(&self, sides: &Sides) -> Verdict {
        match (self.judge(sides), self.attribute(sides)) {
            (Verdict::Disagreed(_), Attribution::By(authorisation))
                if authorisation != Authorisation::Authorised =>
            {
                Verdict::Disagreed(vec![RogueIssuer])
            }
            (Verdict::Disagreed(_), Attribution::Hole) => Verdict::Disagreed(vec![UnattributedIssuance]),
            _ => Verdict::Agreed,
        }
    }

    /// A certificate of a CA that is known by its serial number, or, by its template, one of a CA or an OCSP responder that
    /// somebody may ask for: a thief could choose the template as well.
    fn is_infrastructure(&self, row: &ReportRow, sides: &Sides) -> bool {
        let accounted_for = || match self.attribute(sides) {
            Attribution::Service | Attribution::By(Authorisation::Authorised) => true,
            Attribution::Unknown => self.infrastructure.names(row) || self.is_own_ocsp(row),
            Attribution::Hole => self.is_own_ocsp(row),
            Attribution::By(_) => false,
        };
        let is_known = self.infrastructure.known.contains(&row.serial) || row.is_root();
        is_known || (row.is_infrastructure() && accounted_for())
    }

    fn is_own_ocsp(&self, row: &ReportRow) -> bool {
        self.infrastructure.ocsp && row.is_ocsp()
    }

    fn is_managed(&self, row: &ReportRow, sides: &Sides) -> bool {
        let named =
            |service: &String| self.trail.as_ref().is_none_or(|trail| trail.issuers.name_service(service));
        match self.attribute(sides) {
            Attribution::Service => true,
            // Who called is known better than for whom the report says that it was.
            Attribution::By(_) => false,
            Attribution::Unknown | Attribution::Hole => row.requested_by_service.as_ref().is_some_and(named),
        }
    }

    /// The findings of a verdict, with both sides as evidence, as far as it can be kept.
    pub fn disagreements(&self, serial: Serial, sides: &Sides, kinds: Vec<FindingKind>) -> Vec<Disagreement> {
        let evidence = Evidence {
            report: sides.report.clone(),
            inventory: sides.inventory.clone(),
            authorisation: match self.attribute(sides) {
                Attribution::By(authorisation) => Some(authorisation),
                _ => None,
            },
            issuance: sides.issuance.clone(),
            revocation: sides.revocation.clone(),
            ..Evidence::default()
        }
        .bounded();
        let authority = self.authority.clone();
        let about =
            |kind| Disagreement { kind, authority: authority.clone(), serial, evidence: evidence.clone() };
        kinds.into_iter().map(about).collect()
    }

    /// Whom the trail names as the issuer.
    pub fn attribute(&self, sides: &Sides) -> Attribution {
        let Some(trail) = &self.trail else { return Attribution::Unknown };
        if let Some(issuance) = &sides.issuance {
            let reported = sides.report.as_ref().filter(|row| row.is_infrastructure());
            let authorisation = match reported {
                None => trail.issuers.judge(issuance),
                // The CA's word counts, whatever the event says or leaves out.
                Some(row) => {
                    let template = row.template.clone();
                    trail.issuers.judge(&Issuance { template, ..issuance.clone() })
                }
            };
            // Private CA has its own OCSP responders' certificates.
            let own = || {
                issuance.identity.as_service() == Some(PRIVATE_CA) && reported.is_some_and(ReportRow::is_ocsp)
            };
            return match issuance.identity.service_behind() {
                Some(_) if authorisation == Authorisation::Authorised || own() => Attribution::Service,
                _ => Attribution::By(authorisation),
            };
        }
        match &sides.report {
            Some(row) if vouches(&trail.coverage, trail.delay, row.issued_at) => Attribution::Hole,
            _ => Attribution::Unknown,
        }
    }

    /// What the issuer's identity makes of a certificate.
    fn judge_issuer(&self, row: Option<&ReportRow>, sides: &Sides) -> Option<FindingKind> {
        // Revoked by a request here, it is dealt with.
        if row.is_some_and(|row| row.revoked_at.is_some()) && sides.countersigned {
            return None;
        }
        let recorded = !sides.inventory.is_empty();
        let young = row.is_some_and(|row| self.young(row.issued_at));
        // It may have left the inventory when it expired, and nothing accepts it any more.
        let expired = row.is_some_and(|row| row.not_after <= self.report_created_at);
        let absent = |kind| (!recorded && !young).then_some(if expired { ExpiredUnrecorded } else { kind });
        match self.attribute(sides) {
            Attribution::By(Authorisation::Authorised) => absent(UnrecordedIssuance),
            Attribution::By(_) => Some(if recorded { RogueIssuer } else { UnauthorizedIssuance }),
            Attribution::Hole => Some(UnattributedIssuance),
            // Whoever has written the inventory's item may not have what passes for a CA.
            Attribution::Unknown
                if recorded && !young && !expired && row.is_some_and(ReportRow::is_infrastructure) =>
            {
                Some(RogueIssuer)
            }
            Attribution::Unknown => absent(UnauthorizedIssuance),
            Attribution::Service => None,
        }
    }

    fn young(&self, at: Timestamp) -> bool {
        at > self.report_created_at.minus(self.grace)
    }

    /// What an item says has happened, and is not yet in a report that was made so long ago. Whoever writes items may write any time: one
    /// that lies ahead is no excuse.
    fn may_be_missing(&self, at: Timestamp) -> bool {
        self.young(at.latest()) && at <= self.now.plus(CLOCKS)
    }

    fn judge_row(&self, row: &ReportRow, sides: &Sides) -> Option<Vec<FindingKind>> {
        let mut kinds = Vec::new();
        let revoked_long_ago = row.revoked_at.filter(|at| !self.young(*at));
        kinds.extend(self.judge_issuer(Some(row), sides));
        if kinds.is_empty() && sides.inventory.is_empty() && self.young(row.issued_at) {
            return None;
        }
        let called_long_ago = sides.revocation.as_ref().is_some_and(|call| !self.young(call.at));
        if (revoked_long_ago.is_some() || called_long_ago) && self.requests_known && !sides.countersigned {
            kinds.push(RevocationNotCountersigned);
        }
        if sides.inventory.len() > 1 {
            kinds.push(Duplicate);
        }
        let any = |test: &dyn Fn(&InventoryItem) -> bool| sides.inventory.iter().any(test);
        if revoked_long_ago.is_some() && any(&|item| item.revoked_at.is_none() && !item.revocation_unread) {
            kinds.push(RevocationNotRecorded);
        }
        // An expired certificate cannot be revoked any more, and nothing accepts it.
        let in_force = row.revoked_at.is_none() && row.not_after > self.report_created_at;
        if in_force && any(&|item| item.revoked_at.is_some_and(|at| !self.may_be_missing(at))) {
            kinds.push(RevocationNotEffective);
        }
        if any(&|item| dates_differ(row, item)) {
            kinds.push(DatesDiffer);
        }
        // Revoked by a request here, it is dealt with.
        let dealt_with = row.revoked_at.is_some() && sides.countersigned;
        let differs = |item: &InventoryItem| {
            let names = row.subject.as_deref().zip(item.subject.as_deref());
            names.is_some_and(|(signed, meant)| !subject::same(signed, meant))
        };
        if !dealt_with && any(&differs) {
            kinds.push(SubjectDiffers);
        }
        Some(kinds)
    }

    fn judge_unreported(&self, sides: &Sides) -> Option<Vec<FindingKind>> {
        // An intact event outranks the absence of a row, once the report must have had it.
        let own = |template: &String| report::is_root(template);
        let missed = self.report_complete
            && sides.issuance.as_ref().is_some_and(|issuance| {
                !self.young(issuance.at) && !issuance.template.as_ref().is_some_and(own)
            });
        let by_issuer = self.judge_issuer(None, sides).filter(|kind| missed || *kind == RogueIssuer);
        let mut kinds: Vec<FindingKind> = by_issuer.into_iter().collect();
        if missed {
            kinds.push(IssuanceNotReported);
        }
        if sides.inventory.len() > 1 {
            kinds.push(Duplicate);
        }
        // An item without a time of issuance is judged as an old one.
        let old = sides.inventory.iter().any(|item| item.issued_at.is_none_or(|at| !self.may_be_missing(at)));
        if old && self.report_complete {
            kinds.push(IssuanceWithoutCertificate);
        }
        (old || !kinds.is_empty()).then_some(kinds)
    }
}

/// Whether this disagreement about a certificate that an event shows and the report lacks counts. `has_it` is the CA's own
/// word; `None`: it could not be asked, and only what the event says of its issuer counts.
pub fn stands(found: &Disagreement, has_it: Option<bool>) -> bool {
    match has_it {
        Some(true) => found.kind != IssuanceWithoutCertificate,
        Some(false) => found.kind != IssuanceNotReported && !found.evidence.inventory.is_empty(),
        None => matches!(found.kind, RogueIssuer | UnauthorizedIssuance | Duplicate),
    }
}

/// Whether the trail must have the event of a certificate that was issued then, unless it was taken from it.
pub fn vouches(coverage: &Coverage, delay: Duration, issued_at: Timestamp) -> bool {
    let (from, to) = (issued_at.minus(CALL_TO_ISSUE), issued_at.plus(delay));
    let ends = coverage.spans().last().is_some_and(|last| last.to >= to);
    ends && matches!(coverage.worst(from, to), Some(Proof::Proven | Proof::Missing | Proof::Altered))
}

fn dates_differ(row: &ReportRow, item: &InventoryItem) -> bool {
    expiry_differs(row, item) || issue_differs(row, item)
}

/// Whether the inventory's end of validity is another than the certificate's. A date without a time stands for its day.
pub fn expiry_differs(row: &ReportRow, item: &InventoryItem) -> bool {
    expiry_of(row.not_after, item.expires_at)
}

fn expiry_of(not_after: Timestamp, recorded: Option<Timestamp>) -> bool {
    recorded.is_some_and(|at| {
        let (from, to) = (not_after.minus(EXPIRY_TOLERANCE), not_after.plus(EXPIRY_TOLERANCE));
        at.latest() < from || at > to
    })
}

/// Whether the inventory's time of issuance is another than the certificate's. A date without a time stands for its day.
pub fn issue_differs(row: &ReportRow, item: &InventoryItem) -> bool {
    issue_of(row.not_before, row.issued_at, item.issued_at)
}

fn issue_of(not_before: Timestamp, issued_at: Timestamp, recorded: Option<Timestamp>) -> bool {
    recorded.is_some_and(|at| {
        let (earliest, latest) = (not_before.min(issued_at), not_before.max(issued_at));
        at.latest() < earliest.minus(ISSUE_TOLERANCE) || at > latest.plus(ISSUE_TOLERANCE)
    })
}

#[cfg(test)]
mod tests;
