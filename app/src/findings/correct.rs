//! What somebody is to write into the inventory, which Countersign does not do for them.

use domain::{Finding, FindingKind};
use leptos::prelude::*;

use crate::ui::{Fact, Facts, Panel, visible};

/// Where it stands on the page.
pub(super) const CORRECT: &str = "correct";

/// What the inventory is to say, as the CA says it.
#[component]
pub(super) fn Correct(finding: Finding) -> impl IntoView {
    let kind = finding.id.kind;
    let row = finding.evidence.report?;
    let fact = |label: &'static str, value: Option<String>| {
        value.map(|value| {
            view! {
                <Fact label copy=value.clone() wide=true>
                    {visible(&value)}
                </Fact>
            }
        })
    };
    let only = |wanted: bool, value: Option<String>| value.filter(|_| wanted);
    let (revocation, all) =
        (kind == FindingKind::RevocationNotRecorded, kind == FindingKind::UnrecordedIssuance);
    Some(view! {
        <Panel title="Correct the inventory" id=CORRECT>
            <p>
                "Countersign writes into the inventory only what it revoked itself. Have the provisioning service write what the CA says:"
            </p>
            <Facts>
                {fact("Serial number", Some(row.serial.to_string()))}
                {fact("Subject", only(all, row.subject))} {fact("Issued", only(!revocation, Some(row.issued_at.to_string())))}
                {fact("Expires", only(!revocation, Some(row.not_after.to_string())))}
                {fact("Revoked", only(revocation, row.revoked_at.map(|at| at.to_string())))}
                {fact("Revocation reason", only(revocation, row.revocation_reason))}
            </Facts>
        </Panel>
    })
}
