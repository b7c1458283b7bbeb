//! The list of certificates: searched, filtered, sorted and paged by the address alone.

use domain::Permission;
use domain::certificate::{CertificateLine, CertificateStatus};
use domain::revocation::MAX_TARGETS;
use domain::views::{Authority, CertificatePage, CertificateQuery, CertificateSort, Selection};
use leptos::prelude::*;

use super::api::list_certificates;
use crate::address::use_query;
use crate::authorities::{choices, name_of};
use crate::paths;
use crate::queries::{self, read_certificates};
use crate::session::{use_now, use_viewer};
use crate::ui::{
    Ago, Badge, Chip, Chips, Choice, Column, Empty, Filter, FilterSearch, FilterSelect, Flash, LinkButton,
    Numbered, PageHead, Refused, SerialText, Sort, Table, Tone, brief, count, loaded, named_in, visible,
};

#[component]
pub fn CertificatesPage() -> impl IntoView {
    let query = use_query(read_certificates);
    let list = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), list_certificates(query).await?))
        },
    );
    loaded(list, |(query, (page, authorities))| view! { <Certificates query page authorities /> })
}

/// The page once its data is there.
#[component]
pub fn Certificates(
    query: CertificateQuery,
    page: CertificatePage,
    authorities: Vec<Authority>,
) -> impl IntoView {
    let problem = page.problem.clone().map(|problem| {
        view! { <Flash tone=Tone::High title="The records could not be read anew">{problem}</Flash> }
    });
    let again = paths::certificates(&query);
    let content = match (page.lines.is_empty(), page.as_of) {
        (false, _) => view! { <Lines query=query.clone() page authorities=authorities.clone() /> }.into_any(),
        (true, None) => view! {
            <Empty title="The inventory is being read for the first time">
                <p>"Certificates appear here as soon as that is done. Look again in a moment."</p>
                // safe link: from crate::paths
                <LinkButton href=again>"Look again"</LinkButton>
            </Empty>
        }
        .into_any(),
        (true, Some(_)) => view! {
            <Empty title="No certificate matches">
                <p>"A search takes the beginning of a device id or of a common name, or a whole serial number in any form."</p>
                <LinkButton href=paths::certificates(&CertificateQuery::default())>"Show all certificates"</LinkButton>
            </Empty>
        }
        .into_any(),
    };
    view! {
        <PageHead title="Certificates">"What the inventory and the newest audit reports know, folded into one line each"</PageHead>
        {problem}
        <Narrow query authorities />
        {content}
    }
}

#[component]
fn Narrow(query: CertificateQuery, authorities: Vec<Authority>) -> impl IntoView {
    let statuses = CertificateStatus::ALL.iter().map(|one| Choice::new(one.name(), one.name())).collect();
    let mut chips = Vec::new();
    let first = CertificateQuery { page: 0, ..query.clone() };
    if let Some(search) = &query.search {
        let without = paths::certificates(&CertificateQuery { search: None, ..first.clone() });
        chips.push(Chip { label: format!("matches “{}”", brief(search)), without });
    }
    if let Some(status) = query.status {
        let without = paths::certificates(&CertificateQuery { status: None, ..first.clone() });
        chips.push(Chip { label: format!("status: {}", status.name()), without });
    }
    if let Some(id) = &query.authority {
        let without = paths::certificates(&CertificateQuery { authority: None, ..first });
        chips.push(Chip { label: format!("authority: {}", name_of(&authorities, id)), without });
    }
    view! {
        <Filter action=paths::CERTIFICATES>
            <FilterSearch
                name=queries::LOOKUP
                label="Device, common name or serial number"
                value=query.search.unwrap_or_default()
                placeholder="sensor-0042 or 4f:a2:…"
            />
            <FilterSelect
                name="status"
                label="Status"
                choices=statuses
                chosen=query.status.map(CertificateStatus::name).unwrap_or_default()
            />
            <FilterSelect
                name="authority"
                label="Authority"
                choices=choices(&authorities)
                chosen=query.authority.map(|id| id.to_string()).unwrap_or_default()
            />
        </Filter>
        <Chips chips />
    }
}

#[component]
fn Lines(query: CertificateQuery, page: CertificatePage, authorities: Vec<Authority>) -> impl IntoView {
    let now = use_now();
    let row = move |line: CertificateLine| {
        let authority = name_of(&authorities, &line.authority.id());
        let status = CertificateStatus::at(now, line.expires_at, line.revoked_at);
        let device = match line.device {
            Some(device) => visible(device.as_str()).into_any(),
            None => view! { <span class="muted">"not in the inventory"</span> }.into_any(),
        };
        let subject = line.subject.map(|text| named_in(&text));
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::certificate(&line.authority.id(), line.serial)>
                        <SerialText serial=line.serial />
                    </a>
                </th>
                <td>{device}</td>
                <td>{subject}</td>
                <td>{authority}</td>
                <td>{line.expires_at.map(|at| view! { <Ago at /> })}</td>
                <td>
                    <Badge of=status />
                </td>
            </tr>
        }
    };
    let (columns, rows) = (columns(&query), page.lines.len());
    let revoke = revoke(&query, page.total);
    let to = move |number: u32| paths::certificates(&CertificateQuery { page: number, ..query.clone() });
    view! {
        <p>{revoke}</p>
        <Table caption="Certificates" columns>
            {page.lines.into_iter().map(row).collect_view()}
        </Table>
        <Numbered page=page.page rows total=page.total as_of=page.as_of to />
    }
}

/// The way to a request about all that match, not only those of the page.
fn revoke(query: &CertificateQuery, total: u64) -> impl IntoView + use<> {
    let most = u64::try_from(MAX_TARGETS).unwrap_or(u64::MAX);
    let label = match total {
        1 => "Request revocation of the one that matches".to_owned(),
        more => format!("Request revocation of all {} that match", count(more)),
    };
    let over = matches!(query.status, Some(CertificateStatus::Revoked | CertificateStatus::Expired));
    let why = match (use_viewer().may(Permission::Operate), over) {
        (false, _) => Some(Permission::Operate.refusal().to_owned()),
        (true, true) => Some("What is revoked or expired cannot be revoked.".to_owned()),
        (true, false) if total > most => {
            Some(format!("One request revokes at most {} certificates. Narrow the list.", count(most)))
        }
        (true, false) => None,
    };
    match why {
        Some(why) => view! { <Refused label why /> }.into_any(),
        None => {
            let of = Selection::Matching(query.clone());
            view! { <LinkButton href=paths::revoke_all(query.authority.as_ref(), &of)>{label}</LinkButton> }
                .into_any()
        }
    }
}

fn columns(query: &CertificateQuery) -> Vec<Column> {
    let sorted = |label, sort| {
        let now =
            (query.sort == sort).then_some(if query.descending { Sort::Descending } else { Sort::Ascending });
        let descending = now == Some(Sort::Ascending);
        let to = CertificateQuery { sort, descending, page: 0, ..query.clone() };
        Column::text(label).sorted(paths::certificates(&to), now)
    };
    vec![
        Column::text("Serial number"),
        sorted("Device", CertificateSort::Device),
        Column::text("Subject"),
        Column::text("Authority"),
        sorted("Expires", CertificateSort::Expiry),
        Column::text("Status"),
    ]
}
