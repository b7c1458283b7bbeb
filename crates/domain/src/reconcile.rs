//! The comparison of the records about one serial number: a pure function of both sides and what a run knows.
//! Sources: design §4; AWS Private CA User Guide, "Use audit reports with your private CA".

use std::time::Duration;

use crate::authority::AuthorityArn;
use crate::finding::{Disagreement, Evidence};
use crate::finding_kind::FindingKind::{self, *};
use crate::inventory::InventoryItem;
use crate::report::ReportRow;
use crate::serial::Serial;
use crate::subject;
use crate::timestamp::Timestamp;

/// How far an `expires_at` may lie from the certificate's notAfter.
const EXPIRY_TOLERANCE: Duration = Duration::from_secs(60);
/// How far an `issued_at` may lie outside notBefore … issuedAt (the CA sets notBefore 60 minutes back by default).
const ISSUE_TOLERANCE: Duration = Duration::from_secs(3600);

/// What a run knows besides the two records.
#[derive(Clone, Debug)]
pub struct Context {
    pub authority: AuthorityArn,
    /// When the report was made: what happened later is not in it.
    pub report_created_at: Timestamp,
    /// Certificates issued or revoked less than this before the report was made are too young to judge.
    pub grace: Duration,
    /// Whether the absence of a row proves anything: not so in a report cut short.
    pub report_complete: bool,
    /// Whether approved requests are at hand; without them nothing is said about countersigning.
    pub requests_known: bool,
}

/// Everything the records say about one serial number.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    pub report: Option<ReportRow>,
    pub inventory: Vec<InventoryItem>,
    /// An approved request here asked for its revocation.
    pub countersigned: bool,
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
    /// At least one disagreement.
    Disagreed(Vec<FindingKind>),
}

impl Context {
    /// Compares both sides about `serial`.
    pub fn judge(&self, sides: &Sides) -> Verdict {
        let kinds = match &sides.report {
            Some(row) if row.is_infrastructure() => return Verdict::Infrastructure,
            Some(row) if row.requested_by_service.is_some() && sides.inventory.is_empty() => {
                return Verdict::Managed;
            }
            Some(row) => self.judge_row(row, sides),
            None => self.judge_unreported(sides),
        };
        match kinds {
            None => Verdict::InGrace,
            Some(kinds) if kinds.is_empty() => Verdict::Agreed,
            Some(kinds) => Verdict::Disagreed(kinds),
        }
    }

    /// The findings of a verdict, with both sides as evidence.
    pub fn disagreements(&self, serial: Serial, sides: &Sides, kinds: Vec<FindingKind>) -> Vec<Disagreement> {
        let evidence = Evidence { report: sides.report.clone(), inventory: sides.inventory.clone() };
        let authority = self.authority.clone();
        let about =
            |kind| Disagreement { kind, authority: authority.clone(), serial, evidence: evidence.clone() };
        kinds.into_iter().map(about).collect()
    }

    fn young(&self, at: Timestamp) -> bool {
        at > self.report_created_at.minus(self.grace)
    }

    fn judge_row(&self, row: &ReportRow, sides: &Sides) -> Option<Vec<FindingKind>> {
        let mut kinds = Vec::new();
        let revoked_long_ago = row.revoked_at.filter(|at| !self.young(*at));
        if sides.inventory.is_empty() {
            if self.young(row.issued_at) {
                return None;
            }
            // Revoked by a request here, an unauthorized certificate is dealt with.
            if !(row.revoked_at.is_some() && sides.countersigned) {
                kinds.push(UnauthorizedIssuance);
            }
        }
        if revoked_long_ago.is_some() && self.requests_known && !sides.countersigned {
            kinds.push(RevocationNotCountersigned);
        }
        if sides.inventory.len() > 1 {
            kinds.push(Duplicate);
        }
        let any = |test: &dyn Fn(&InventoryItem) -> bool| sides.inventory.iter().any(test);
        if revoked_long_ago.is_some() && any(&|item| item.revoked_at.is_none()) {
            kinds.push(RevocationNotRecorded);
        }
        // An expired certificate cannot be revoked any more, and nothing accepts it.
        let in_force = row.revoked_at.is_none() && row.not_after > self.report_created_at;
        if in_force && any(&|item| item.revoked_at.is_some_and(|at| !self.young(at))) {
            kinds.push(RevocationNotEffective);
        }
        if any(&|item| dates_differ(row, item)) {
            kinds.push(DatesDiffer);
        }
        if any(&|item| item.subject.as_deref().is_some_and(|name| !subject::same(&row.subject, name))) {
            kinds.push(SubjectDiffers);
        }
        Some(kinds)
    }

    fn judge_unreported(&self, sides: &Sides) -> Option<Vec<FindingKind>> {
        let mut kinds = Vec::new();
        if sides.inventory.len() > 1 {
            kinds.push(Duplicate);
        }
        // An item without a time of issuance is judged as an old one.
        let old = sides.inventory.iter().any(|item| item.issued_at.is_none_or(|at| !self.young(at)));
        if old && self.report_complete {
            kinds.push(IssuanceWithoutCertificate);
        }
        (old || !kinds.is_empty()).then_some(kinds)
    }
}

fn dates_differ(row: &ReportRow, item: &InventoryItem) -> bool {
    expiry_differs(row, item) || issue_differs(row, item)
}

/// Whether the inventory's end of validity is another than the certificate's.
pub fn expiry_differs(row: &ReportRow, item: &InventoryItem) -> bool {
    item.expires_at.is_some_and(|at| at.distance(row.not_after) > EXPIRY_TOLERANCE)
}

/// Whether the inventory's time of issuance is another than the certificate's.
pub fn issue_differs(row: &ReportRow, item: &InventoryItem) -> bool {
    item.issued_at.is_some_and(|at| {
        let (earliest, latest) = (row.not_before.min(row.issued_at), row.not_before.max(row.issued_at));
        at < earliest.minus(ISSUE_TOLERANCE) || at > latest.plus(ISSUE_TOLERANCE)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + minutes * 60).unwrap()
    }

    fn context() -> Context {
        Context {
            authority: ARN.parse().unwrap(),
            report_created_at: at(0),
            grace: Duration::from_secs(900),
            report_complete: true,
            requests_known: true,
        }
    }

    fn row() -> ReportRow {
        ReportRow {
            authority: ARN.parse().unwrap(),
            serial: "0a".parse().unwrap(),
            subject: "CN=sensor-1,O=Example".to_owned(),
            not_before: at(-1060),
            not_after: at(100_000),
            issued_at: at(-1000),
            revoked_at: None,
            revocation_reason: None,
            template: Some("arn:aws:acm-pca:::template/EndEntityCertificate/V1".to_owned()),
            requested_by_service: None,
        }
    }

    fn item() -> InventoryItem {
        InventoryItem {
            authority: ARN.parse().unwrap(),
            serial: "0a".parse().unwrap(),
            device: "sensor-1".parse().unwrap(),
            serial_key: "0a".to_owned(),
            subject: Some("O=Example, CN=sensor-1".to_owned()),
            issued_at: Some(at(-1000)),
            expires_at: Some(at(100_000)),
            revoked_at: None,
            revocation_reason: None,
        }
    }

    fn both() -> Sides {
        Sides { report: Some(row()), inventory: vec![item()], countersigned: false }
    }

    fn verdict(change: impl FnOnce(&mut Sides)) -> Verdict {
        let mut sides = both();
        change(&mut sides);
        context().judge(&sides)
    }

    fn row_of(sides: &mut Sides) -> &mut ReportRow {
        sides.report.as_mut().unwrap()
    }

    #[test]
    fn records_that_agree_are_no_finding() {
        assert_eq!(verdict(|_| ()), Verdict::Agreed);
        let revoked = verdict(|s| {
            row_of(s).revoked_at = Some(at(-100));
            s.inventory[0].revoked_at = Some(at(-99));
            s.countersigned = true;
        });
        assert_eq!(revoked, Verdict::Agreed);
        assert_eq!(
            verdict(|s| row_of(s).revocation_reason = Some("UNSPECIFIED".to_owned())),
            Verdict::Agreed
        );
    }

    #[test]
    fn each_kind_is_seen() {
        let revoked = Some(at(-100));
        let cases: [(&str, Verdict, Vec<FindingKind>); 9] = [
            ("not in inventory", verdict(|s| s.inventory.clear()), vec![UnauthorizedIssuance]),
            ("not at the CA", verdict(|s| s.report = None), vec![IssuanceWithoutCertificate]),
            (
                "revoked outside",
                verdict(|s| row_of(s).revoked_at = revoked),
                vec![RevocationNotCountersigned, RevocationNotRecorded],
            ),
            (
                "revoked outside, recorded",
                verdict(|s| {
                    row_of(s).revoked_at = revoked;
                    s.inventory[0].revoked_at = revoked;
                }),
                vec![RevocationNotCountersigned],
            ),
            ("only recorded", verdict(|s| s.inventory[0].revoked_at = revoked), vec![RevocationNotEffective]),
            ("expiry", verdict(|s| s.inventory[0].expires_at = Some(at(99_998))), vec![DatesDiffer]),
            ("issue", verdict(|s| s.inventory[0].issued_at = Some(at(-900))), vec![DatesDiffer]),
            (
                "subject",
                verdict(|s| s.inventory[0].subject = Some("CN=sensor-2,O=Example".to_owned())),
                vec![SubjectDiffers],
            ),
            ("twice", verdict(|s| s.inventory.push(item())), vec![Duplicate]),
        ];
        for (name, verdict, kinds) in cases {
            assert_eq!(verdict, Verdict::Disagreed(kinds), "{name}");
        }
    }

    #[test]
    fn the_young_the_managed_and_the_infrastructure_are_no_findings() {
        let young_row = verdict(|s| {
            s.inventory.clear();
            row_of(s).issued_at = at(-5);
        });
        let later_item = verdict(|s| {
            s.report = None;
            s.inventory[0].issued_at = Some(at(5));
        });
        assert_eq!((young_row, later_item), (Verdict::InGrace, Verdict::InGrace));
        let managed = verdict(|s| {
            s.inventory.clear();
            row_of(s).requested_by_service = Some("acm.amazonaws.com".to_owned());
        });
        assert_eq!(managed, Verdict::Managed);
        let root = verdict(|s| {
            s.inventory.clear();
            row_of(s).template = Some("arn:aws:acm-pca:::template/RootCACertificate/V1".to_owned());
        });
        assert_eq!(root, Verdict::Infrastructure);
    }

    #[test]
    fn absence_proves_nothing_in_a_report_cut_short() {
        let sides = Sides { report: None, inventory: vec![item()], countersigned: false };
        assert_eq!(Context { report_complete: false, ..context() }.judge(&sides), Verdict::Agreed);
    }

    #[test]
    fn a_countersigned_revocation_settles_an_unauthorized_issuance() {
        let revoked = |countersigned| {
            verdict(|s| {
                s.inventory.clear();
                row_of(s).revoked_at = Some(at(-100));
                s.countersigned = countersigned;
            })
        };
        assert_eq!(revoked(true), Verdict::Agreed);
        assert_eq!(
            revoked(false),
            Verdict::Disagreed(vec![UnauthorizedIssuance, RevocationNotCountersigned])
        );
    }

    #[test]
    fn offline_says_nothing_about_countersigning() {
        let mut sides = both();
        row_of(&mut sides).revoked_at = Some(at(-100));
        sides.inventory[0].revoked_at = Some(at(-100));
        assert_eq!(Context { requests_known: false, ..context() }.judge(&sides), Verdict::Agreed);
    }
}
