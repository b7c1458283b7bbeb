//! The certificates of a request, as a table: foreseen before it is made, as they are now afterwards.

use domain::AuthorityId;
use domain::dry_run::DryRunLine;
use domain::revocation::{ItemProgress, ItemState, OcspSeen, Target};
use domain::views::{Foretold, Narrowed, RequestDetail, TargetLine};
use leptos::prelude::*;

use super::dry_run::Outcome;
use crate::paths;
use crate::ui::{
    Ago, Badge, Chip, Chips, Column, Due, Icon, Mark, Numbered, SerialText, Table, Tone, named_in, visible,
};

/// Beside a list of more certificates stands what is to be done with them.
pub const LONG: u64 = 8;

/// The lines of a dry run.
#[component]
pub fn Foreseen(authority: AuthorityId, lines: Vec<DryRunLine>) -> impl IntoView {
    let columns = ["Serial number", "Device and subject", "Expires", "Outcome"].map(Column::text).to_vec();
    let row = move |line: DryRunLine| {
        let expires_at = line.target.expires_at;
        view! {
            <tr>
                {named(&authority, line.target)}
                <td>{expires_at.map(|at| view! { <Due at /> })}</td>
                <td class="wrap">
                    <Outcome
                        obstacle=line.obstacle
                        last_of_device=line.last_of_device
                        revoked=line.revoked_at.map(|at| (at, line.revoked_for))
                    />
                </td>
            </tr>
        }
    };
    view! {
        <Table caption="What would happen to each certificate" columns>
            {lines.into_iter().map(row).collect_view()}
        </Table>
    }
}

/// That only a part is listed, and the way back to all; nothing when all are.
#[component]
pub fn Only(only: Option<Foretold>, whole: String) -> impl IntoView {
    only.map(|only| {
        let label = format!("only: {}", only.name().replace('_', " "));
        view! { <Chips chips=vec![Chip { label, without: whole }] /> }
    })
}

/// One page of a request's certificates.
#[component]
pub fn Targets(detail: RequestDetail) -> impl IntoView {
    let authority = detail.authority.arn.id();
    let approved = detail.request.state.is_countersigned();
    let mut columns = ["Serial number", "Device and subject"].map(Column::text).to_vec();
    match approved {
        true => {
            let proofs = ["Revocation", "On the CRL", "By OCSP", "In a report", "In the inventory"];
            columns.extend(proofs.map(Column::text));
        }
        false => columns.extend(["Expires", "Dry run now"].map(Column::text)),
    }
    let row = move |line: TargetLine| {
        let TargetLine { target, obstacle, revoked_at, revoked_for, last_of_device, item } = line;
        let expires_at = target.expires_at;
        let outcome = match approved {
            true => view! { <Progress item /> }.into_any(),
            false => view! {
                <td>{expires_at.map(|at| view! { <Due at /> })}</td>
                <td class="wrap">
                    <Outcome obstacle last_of_device revoked=revoked_at.map(|at| (at, revoked_for)) />
                </td>
            }
            .into_any(),
        };
        view! { <tr>{named(&authority, target)} {outcome}</tr> }
    };
    let (rows, total, narrowed) = (detail.targets.len(), detail.targets_total, detail.narrowed);
    let id = detail.request.id.clone();
    let whole = paths::revocation(&id);
    let to = move |page: u32| paths::revocation_page(&id, Narrowed { page, ..narrowed });
    view! {
        <Only only=narrowed.only whole />
        <Table caption="The certificates of the request" columns>
            {detail.targets.into_iter().map(row).collect_view()}
        </Table>
        <Numbered page=narrowed.page rows total to />
    }
}

/// The cells that say which certificate it is.
fn named(authority: &AuthorityId, target: Target) -> impl IntoView + use<> {
    let subject = target.subject.map(|text| named_in(&text));
    let device = target.device.map(|device| visible(device.as_str()));
    let titles = (device.clone(), subject.clone());
    view! {
        <th scope="row">
            <a href=paths::certificate(authority, target.serial)>
                <SerialText serial=target.serial />
            </a>
        </th>
        <td>
            <div class="clip" title=titles.0>
                {match device {
                    Some(device) => device.into_any(),
                    None => view! { <span class="muted">"not in the inventory"</span> }.into_any(),
                }}
            </div>
            <div class="small muted clip" title=titles.1>
                {subject}
            </div>
        </td>
    }
}

/// The cells that say how far its revocation is.
#[component]
fn Progress(item: Option<ItemProgress>) -> impl IntoView {
    let Some(item) = item else {
        let waiting = Mark::new(Tone::Pending, Icon::Clock, "Waiting");
        return view! {
            <td>
                <Badge of=waiting />
            </td>
            <td></td>
            <td></td>
            <td></td>
            <td></td>
        }
        .into_any();
    };
    let (mark, more) = match item.item {
        ItemState::Waiting => (Mark::new(Tone::Pending, Icon::Clock, "Waiting"), None),
        ItemState::Calling { .. } => (Mark::new(Tone::Info, Icon::Play, "Revoking"), None),
        ItemState::Revoked { before: true, .. } => {
            (Mark::new(Tone::Ok, Icon::Check, "Revoked"), Some("it was before".to_owned()))
        }
        ItemState::Revoked { .. } => (Mark::new(Tone::Ok, Icon::Check, "Revoked"), None),
        ItemState::Rehearsed { .. } => (Mark::new(Tone::Pending, Icon::Eye, "Played (drill)"), None),
        ItemState::Failed { error, .. } => (Mark::new(Tone::High, Icon::Alert, "Failed"), Some(error)),
    };
    let class = more.is_some().then_some("wrap");
    let seen = |at: Option<domain::Timestamp>| view! { <td>{at.map(|at| view! { <Ago at /> })}</td> };
    view! {
        <td class=class>
            <Badge of=mark />
            {more.map(|more| format!(" {more}"))}
        </td>
        {seen(item.crl_at)}
        <td>{item.ocsp.map(|ocsp| view! { <ByOcsp ocsp /> })}</td>
        {seen(item.report_at)}
        {seen(item.inventory_at)}
    }
    .into_any()
}

/// What the responder says, and since when.
#[component]
fn ByOcsp(ocsp: OcspSeen) -> impl IntoView {
    let (says, since) = match ocsp {
        OcspSeen::Good { since } => ("good", since),
        OcspSeen::Revoked { since } => ("revoked", since),
        OcspSeen::Unknown { since } => ("unknown", since),
    };
    view! {
        {says} " · " <Ago at=since />
    }
}
