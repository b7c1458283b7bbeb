//! What the page of a finding offers first: what its advice says.

use domain::finding::{Remedy, Subject};
use domain::trail::Identity;
use domain::views::{CertificateQuery, FindingView, IdentityKey, Test, Words};
use domain::{Finding, FindingState};

use super::correct::CORRECT;
use super::handle::{ACKNOWLEDGE, DISMISS, request_form};
use crate::address::Query;
use crate::paths;
use crate::ui::Weight;

/// The place of what each record says.
pub(super) const RECORDS: &str = "records";

/// A verb and its object, where it leads, and how much it asks for. `None`: there is nothing to be done, or nobody can.
pub(super) fn first_action(view: &FindingView) -> Option<(&'static str, String, Weight)> {
    let finding = &view.finding;
    if matches!(finding.state, FindingState::Closed { .. } | FindingState::Resolved { .. }) {
        return None;
    }
    let here = |place: &str| format!("#{place}");
    let (label, href) = match finding.id.kind.remedy() {
        Remedy::Revoke => {
            let (label, form) = view.cannot_revoke.is_none().then(|| request_form(finding)).flatten()?;
            return Some((label, form, Weight::Danger));
        }
        Remedy::CorrectInventory => ("Correct the inventory", here(CORRECT)),
        Remedy::CompareRecords => ("Compare the records", here(RECORDS)),
        Remedy::SeeDevice => {
            let device = finding.evidence.inventory.first()?.device.as_str().to_owned();
            let of = CertificateQuery::of(Test::Device(Words::Is(device)));
            ("See the device's certificates", paths::certificates(&of))
        }
        Remedy::SeeCaller => {
            let key = IdentityKey::Principal(caller(finding)?.principal.clone());
            ("See all that the caller did", paths::identity(&key))
        }
        Remedy::SeeCoverage => ("See the coverage", paths::COVERAGE.to_owned()),
        Remedy::SeeRuns => ("See the runs", paths::runs(Query::new())),
        Remedy::SeeRequest => {
            let Subject::Other(id) = &finding.id.subject else { return None };
            ("Open the request", paths::revocation(&id.parse().ok()?))
        }
        Remedy::SeeVerification => ("See the ledger's verification", paths::LEDGER_VERIFICATION.to_owned()),
        Remedy::TakeOn => (view.cannot_handle.is_none().then_some("Acknowledge")?, here(ACKNOWLEDGE)),
        Remedy::Dismiss => (dismissable(view).then_some("Dismiss")?, here(DISMISS)),
    };
    Some((label, href, Weight::Primary))
}

/// Whether the viewer can dismiss it now.
pub(super) fn dismissable(view: &FindingView) -> bool {
    view.cannot_handle.is_none() && !matches!(view.finding.state, FindingState::Dismissed { .. })
}

/// Whose call it is about, where the trail names somebody.
fn caller(finding: &Finding) -> Option<&Identity> {
    let evidence = &finding.evidence;
    let alerted = evidence.alert.as_ref().and_then(|alert| alert.identity.as_ref());
    let caller = alerted.or_else(|| evidence.revocation.as_ref().map(|call| &call.identity))?;
    (!caller.principal.is_empty() && caller.principal != Identity::UNKNOWN).then_some(caller)
}
