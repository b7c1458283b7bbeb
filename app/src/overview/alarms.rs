//! What must not wait, above all else: who issued without being allowed to, what happened to the trail, and which worker
//! is silent.

use domain::views::{Alarm, Alarms as Found, FindingQuery};
use domain::{FindingId, FindingKind, Timestamp};
use leptos::prelude::*;

use crate::callers::{AddressLink, PrincipalLink};
use crate::findings::headline;
use crate::paths;
use crate::ui::{Flash, Tone, Utc, count, plural};

/// As many lines as a banner has.
const SHOWN: usize = 5;

#[component]
pub fn Alarms(alarms: Found) -> impl IntoView {
    let Found { issuers, others } = alarms;
    let more = (issuers.len() + others.len()).saturating_sub(2 * SHOWN);
    view! {
        {(!issuers.is_empty()).then(|| view! { <Issuers issuers /> })}
        {(!others.is_empty()).then(|| view! { <Others others /> })}
        {(more > 0)
            .then(|| {
                let all = paths::findings(&FindingQuery::default());
                // safe link: from crate::paths above
                view! { <p class="standing"><a href=all>"See all findings"</a></p> }
            })}
    }
}

#[component]
fn Issuers(issuers: Vec<Alarm>) -> impl IntoView {
    let one = |alarm: Alarm| {
        let Alarm { identity, address, authorisation, certificates, last, finding } = alarm;
        let label = if certificates == 1 { "Open the finding" } else { "Open the newest finding" };
        let at = if certificates == 1 { ", at " } else { ", the last at " };
        view! {
            <li>
                <strong>
                    <PrincipalLink principal=identity.principal />
                </strong>
                {format!(" {}: ", authorisation.sentence())}
                {plural(certificates, "certificate")}
                {address.map(|address| view! { " from " <AddressLink address /> })}
                {at}
                <Utc at=last />
                <div>
                    <a href=paths::finding(&finding)>{label}</a>
                </div>
            </li>
        }
    };
    let total: u64 = issuers.iter().map(|alarm| alarm.certificates).sum();
    let title = match total {
        1 => "Certificate issued by an identity that is not an authorised issuer".to_owned(),
        _ => format!("{} certificates issued by an identity that is not an authorised issuer", count(total)),
    };
    view! {
        <Flash tone=Tone::Critical title>
            <ul class="list">{issuers.into_iter().take(SHOWN).map(one).collect_view()}</ul>
        </Flash>
    }
}

#[component]
fn Others(others: Vec<(FindingId, Timestamp)>) -> impl IntoView {
    let all = |is: fn(FindingKind) -> bool| others.iter().all(|(id, _)| is(id.kind));
    let title = if all(|kind| kind == FindingKind::WorkerSilent) {
        "Countersign does not do all of its work"
    } else if all(|kind| kind != FindingKind::AuthorityChanged) {
        "The trail was stopped, or is not whole"
    } else {
        "An authority or the trail was changed"
    };
    let one = |(id, at): (FindingId, Timestamp)| {
        view! {
            <li>
                <a href=paths::finding(&id)>{headline(&id)}</a>
                " · found "
                <Utc at />
            </li>
        }
    };
    view! {
        <Flash tone=Tone::Critical title>
            <ul class="list">{others.into_iter().take(SHOWN).map(one).collect_view()}</ul>
        </Flash>
    }
}
