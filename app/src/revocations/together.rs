//! Requests of other authorities that were made in one go with one: where they are, and what a decision on it decides as well.

use domain::revocation::Channels;
use domain::views::{AuthorityNow, DryRunCounts, MadeWith};
use leptos::prelude::*;

use super::terms::in_all;
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{Badge, Flash, Icon, Mark, Tone, plural, visible};

/// Each with the way to it, and how far it is.
#[component]
pub fn MadeTogether(together: Vec<MadeWith>) -> impl IntoView {
    let line = |MadeWith { request, authority, .. }: MadeWith| {
        view! {
            <li>
                <a href=paths::revocation(
                    &request.id,
                )>{format!("{} of {}", plural(u64::from(request.target_count), "certificate"), authority.name)}</a>
                " "
                <Badge of=&request />
            </li>
        }
    };
    view! { <ul class="list">{together.into_iter().map(line).collect_view()}</ul> }
}

/// What one decision decides beside the request itself, the dangerous part of each first.
#[component]
pub fn DecidedToo(together: Vec<MadeWith>) -> impl IntoView {
    let decided: Vec<_> =
        together.into_iter().filter_map(|one| Some((one.request, one.authority, one.dry_run?))).collect();
    let line = |(request, authority, counts): (_, domain::views::Authority, DryRunCounts)| {
        let request: domain::revocation::Request = request;
        let viewer = use_viewer();
        let missing = request.still_needed(&viewer.settings.policy, viewer.actor.as_ref());
        let follows = match missing {
            None => "With yours it has all approvals that it needs.".to_owned(),
            Some(missing) => format!("{} must follow yours.", in_all(&missing, "more approval")),
        };
        view! {
            <li>
                <Dangers counts=counts.clone() />
                <a href=paths::revocation(
                    &request.id,
                )>{format!("{} of {}", plural(u64::from(request.target_count), "certificate"), authority.name)}</a>
                {format!(", of which {} can be revoked now. {follows}", counts.revocable)}
            </li>
        }
    };
    (!decided.is_empty()).then(|| {
        let number = u64::try_from(decided.len()).unwrap_or(u64::MAX);
        let others = match number {
            1 => "one more request".to_owned(),
            more => format!("{more} more requests"),
        };
        view! {
            <Flash tone=Tone::Pending title=format!("Your decision is on {others}, too")>
                <p>
                    "They were made in one go, for the same reason. Who does not agree with one of them rejects all; its requester can cancel each alone."
                </p>
                <ul class="list">{decided.into_iter().map(line).collect_view()}</ul>
            </Flash>
        }
    })
}

/// What nobody should overlook of it.
#[component]
fn Dangers(counts: DryRunCounts) -> impl IntoView {
    let DryRunCounts { devices_cut_off, authority, .. } = counts;
    let refuses = authority.clone().filter(AuthorityNow::refuses);
    let unpublished = authority.is_some_and(|now| now.channels == Channels { crl: false, ocsp: false });
    let cut_off = (devices_cut_off > 0).then(|| {
        format!("{} would be left without a valid certificate. ", plural(devices_cut_off, "device"))
    });
    let refuses =
        refuses.map(|now| format!("The authority is {}: it revokes nothing now. ", visible(&now.status)));
    let unpublished = unpublished.then(|| "The authority publishes neither CRL nor OCSP. ".to_owned());
    let dangers: Vec<String> = [cut_off, refuses, unpublished].into_iter().flatten().collect();
    (!dangers.is_empty()).then(|| {
        view! {
            <Badge of=Mark::new(Tone::High, Icon::Alert, "Danger") />
            " "
            {dangers.concat()}
        }
    })
}
