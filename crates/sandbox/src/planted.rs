//! What a run, and the trail, are to find: subjects by the kind of finding. Nothing else is wrong.

use std::collections::BTreeMap;

use crate::fleet::Trouble;
use crate::state::Filled;

/// Subjects by the kind of finding: serials, lower-case hex without colons.
pub type Planted = BTreeMap<String, Vec<String>>;

/// What reconciliation makes of the trouble (design, section 4), while it does not ask the trail who issued what.
pub(crate) fn of(filled: &Filled) -> Planted {
    let mut planted = Planted::new();
    for certificate in &filled.planted {
        let kinds: &[&str] = match certificate.trouble {
            Trouble::RogueIssuer | Trouble::LostWrite | Trouble::LogEdited => &["unauthorized_issuance"],
            Trouble::StolenKey | Trouble::LogDeleted => &[],
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
