//! What each record said about the certificate when the finding was last seen.

use domain::finding::Evidence;
use domain::reconcile::{expiry_differs, issue_differs};
use domain::trail::{Issuance, RevocationCall};
use domain::{InventoryItem, ReportRow, Timestamp, subject};
use leptos::prelude::*;

use crate::ui::{Compare, Compared, plural};

/// As many items of the inventory as stand side by side.
const SIDES: [&str; 3] = ["Inventory", "Inventory, second", "Inventory, third"];

#[component]
pub fn Records(evidence: Evidence) -> impl IntoView {
    let Evidence { report, inventory, left_out, issuance, revocation, .. } = &evidence;
    let items = inventory.len().min(SIDES.len());
    let mut sides = vec![("Audit report", report.is_some())];
    // An inventory without the certificate is a side as well.
    sides.extend(SIDES.into_iter().take(items.max(1)).map(|name| (name, items > 0)));
    let heard = Heard { issuance: issuance.as_ref(), revocation: revocation.as_ref() };
    sides.push(("Trail", issuance.is_some() || revocation.is_some()));
    let more = inventory.len() - items;
    view! {
        <Compare caption="What each record says" sides lines=lines(report.as_ref(), inventory, heard) />
        {(more > 0)
            .then(|| {
                let more = u64::try_from(more).unwrap_or(u64::MAX);
                view! { <p class="muted">{format!("{} of the inventory are not shown.", plural(more, "more item"))}</p> }
            })}
        {left_out.map(|left_out| view! { <p class="muted">{left_out.sentence()}</p> })}
    }
}

/// What events say.
#[derive(Clone, Copy)]
struct Heard<'a> {
    issuance: Option<&'a Issuance>,
    revocation: Option<&'a RevocationCall>,
}

fn lines(report: Option<&ReportRow>, inventory: &[InventoryItem], heard: Heard<'_>) -> Vec<Compared> {
    let shown = inventory.get(..SIDES.len()).unwrap_or(inventory);
    let Heard { issuance, revocation } = heard;
    // Each line has the report's value, then one for each item, one empty value where there is no item, and the trail's.
    let heard =
        |first: Option<String>, of: &dyn Fn(&InventoryItem) -> Option<String>, last: Option<String>| {
            let items = shown.iter().map(of).chain(shown.is_empty().then_some(None));
            std::iter::once(first).chain(items).chain([last]).collect::<Vec<_>>()
        };
    let values = |first, of: &dyn Fn(&InventoryItem) -> Option<String>| heard(first, of, None);
    let time = |at: Option<Timestamp>| at.map(Timestamp::absolute);
    let revoked = |at: Option<Timestamp>| Some(at.map_or_else(|| "no".to_owned(), Timestamp::absolute));
    let all = |alike: &dyn Fn(&ReportRow, &InventoryItem) -> bool| {
        report.is_some_and(|row| shown.iter().all(|item| alike(row, item)))
    };
    let same_name = |row: &ReportRow, item: &InventoryItem| {
        let names = row.subject.as_deref().zip(item.subject.as_deref());
        names.is_none_or(|(signed, meant)| subject::same(signed, meant))
    };
    let both_or_none =
        |row: &ReportRow, item: &InventoryItem| row.revoked_at.is_some() == item.revoked_at.is_some();
    vec![
        Compared::new("Device", values(None, &|item| Some(item.device.to_string()))),
        Compared::new(
            "Subject",
            values(report.and_then(|row| row.subject.clone()), &|item| item.subject.clone()),
        )
        .alike(all(&same_name)),
        Compared::new(
            "Issued",
            heard(
                time(report.map(|row| row.issued_at)),
                &|item| time(item.issued_at),
                time(issuance.map(|issuance| issuance.at)),
            ),
        )
        .alike(all(&|row, item| !issue_differs(row, item))),
        Compared::new(
            "Expires",
            values(time(report.map(|row| row.not_after)), &|item| time(item.expires_at)),
        )
        .alike(all(&|row, item| !expiry_differs(row, item))),
        Compared::new(
            "Revoked",
            heard(
                report.and_then(|row| revoked(row.revoked_at)),
                &|item| revoked(item.revoked_at),
                time(revocation.map(|call| call.at)),
            ),
        )
        .alike(all(&both_or_none)),
        Compared::new(
            "Revocation reason",
            heard(
                report.and_then(|row| row.revocation_reason.clone()),
                &|item| item.revocation_reason.clone(),
                revocation.and_then(|call| call.reason.clone()),
            ),
        ),
        Compared::new(
            "Template",
            heard(
                report.and_then(|row| row.template.clone()),
                &|_| None,
                issuance.and_then(|issuance| issuance.template.clone()),
            ),
        ),
    ]
}
