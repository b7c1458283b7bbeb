//! What must not wait, above all else: who issued without being allowed to, what happened to the trail, and which worker
//! is silent.

use domain::views::{Alarm, Alarms as Found, Caller, FindingQuery};
use domain::{FindingId, FindingKind, Timestamp};
use leptos::prelude::*;

use crate::callers::{AddressLink, PrincipalLink};
use crate::findings::headline;
use crate::paths;
use crate::ui::{Flash, Tone, Utc, count, plural};

/// As many lines as the banner of the others has.
const SHOWN: usize = 5;

#[component]
pub fn Alarms(alarms: Found) -> impl IntoView {
    let Found { issuers, certificates, callers, others } = alarms;
    let more = callers > u64::try_from(issuers.len()).unwrap_or(u64::MAX) || others.len() > SHOWN;
    view! {
        {(!issuers.is_empty()).then(|| view! { <Issuers issuers certificates /> })}
        {(!others.is_empty()).then(|| view! { <Others others /> })}
        {more
            .then(|| {
                let all = paths::findings(&FindingQuery::default());
                // safe link: from crate::paths above
                view! { <p class="standing"><a href=all>"See all findings"</a></p> }
            })}
    }
}

#[component]
fn Issuers(issuers: Vec<Alarm>, certificates: u64) -> impl IntoView {
    let one = |alarm: Alarm| {
        let Alarm { caller: Caller { principal, address, authorisation }, certificates, last, finding } =
            alarm;
        let label = if certificates == 1 { "Open the finding" } else { "Open the newest finding" };
        let at = if certificates == 1 { ", at " } else { ", the last at " };
        view! {
            <li>
                <strong>
                    <PrincipalLink principal />
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
    let title = match certificates {
        1 => "Certificate issued by an identity that is not an authorised issuer".to_owned(),
        _ => format!(
            "{} certificates issued by an identity that is not an authorised issuer",
            count(certificates)
        ),
    };
    view! {
        <Flash tone=Tone::Critical title>
            <ul class="list">{issuers.into_iter().map(one).collect_view()}</ul>
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
