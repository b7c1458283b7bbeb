//! What a run, and the trail, are to find: subjects by the kind of finding. Nothing else is wrong.

use std::collections::BTreeMap;

use crate::fleet::Trouble;
use crate::incident;
use crate::keys::Role;
use crate::state::Filled;

/// Subjects by the kind of finding: serials, lower-case hex without colons; a principal's ARN; hours of the trail as
/// `2026-11-22T09`.
pub type Planted = BTreeMap<String, Vec<String>>;

/// What reconciliation and alerts make of the trouble with the trail as it was written.
pub(crate) fn of(filled: &Filled) -> Planted {
    let evidence = &filled.evidence;
    let mut planted = Planted::from([
        ("unattributed_issuance".to_owned(), evidence.unattributed.iter().cloned().collect()),
        ("issuance_denied".to_owned(), vec![Role::CiBuild.identity().principal()]),
        ("trail_altered".to_owned(), evidence.altered.iter().cloned().collect()),
        ("trail_stopped".to_owned(), evidence.stopped.iter().cloned().collect()),
    ]);
    let incident = filled.planted.iter().filter(|one| one.trouble == Trouble::Incident).count();
    if incident >= incident::BURST {
        let thief = Role::FieldService.identity().principal();
        planted.insert("issuance_burst".to_owned(), vec![thief]);
    }
    for certificate in &filled.planted {
        let kinds: &[&str] = match certificate.trouble {
            // Without its events, nobody can tell who issued a certificate.
            _ if evidence.unattributed.contains(&certificate.serial) => &[],
            Trouble::RogueIssuer | Trouble::LogEdited | Trouble::Incident => &["unauthorized_issuance"],
            Trouble::StolenKey => &["rogue_issuer"],
            Trouble::LostWrite => &["unrecorded_issuance"],
            Trouble::LogDeleted => &[],
            Trouble::FailedIssuance => &["issuance_without_certificate"],
            Trouble::RevokedOutside => &["revocation_not_recorded", "revocation_not_countersigned"],
            Trouble::RevokedOutsideAndRecorded => &["revocation_not_countersigned"],
            Trouble::RevocationNotMade => &["revocation_not_effective"],
            Trouble::WrongExpiry => &["dates_differ"],
        };
        for kind in kinds {
            planted.entry((*kind).to_owned()).or_default().push(certificate.serial.clone());
        }
    }
    planted
}
