//! The list of certificates: searched, filtered, sorted and paged by the address alone.

use domain::Permission;
use domain::certificate::{CertificateLine, CertificateStatus};
use domain::preferences::{ListColumn, ListSettings, OwnList};
use domain::revocation::MAX_TARGETS;
use domain::views::{
    Authority, CertificatePage, CertificateQuery, CertificateSort, Place, Selection, Standing, Test, Token,
    Total,
};
use leptos::prelude::*;

use super::api::list_certificates;
use super::filter::Narrow;
use crate::address::use_query;
use crate::authorities::name_of;
use crate::lists::{Files, ListForms, SavedFilters, SetUpList};
use crate::paths;
use crate::queries::{CertificateAddress, Exported, read_certificate_list, write_certificates};
use crate::session::{use_now, use_viewer};
use crate::ui::{
    Ago, Badge, Column, Due, Empty, Ends, Flash, LinkButton, PageHead, Pagination, Refused, SerialText, Sort,
    Table, Tone, count, loaded, named_in, visible,
};

#[component]
pub fn CertificatesPage() -> impl IntoView {
    let address = use_query(read_certificate_list);
    let list = Resource::new(
        move || address.get(),
        |address| async move {
            let address = address?;
            Ok((address.clone(), list_certificates(address.query).await?))
        },
    );
    let forms = ListForms::new();
    loaded(list, move |(address, (page, authorities, settings))| {
        view! { <Certificates address page authorities settings forms /> }
    })
}

/// The page once its data is there.
#[component]
pub fn Certificates(
    address: CertificateAddress,
    page: CertificatePage,
    authorities: Vec<Authority>,
    settings: ListSettings,
    forms: ListForms,
) -> impl IntoView {
    let query = address.query.clone();
    let narrowed = write_certificates(&CertificateQuery { place: Place::First, ..query.clone() }).text();
    let is_understood = address.wrong.is_empty();
    let problem = page.problem.clone().map(|problem| {
        view! { <Flash tone=Tone::High title="The records could not be read anew">{problem}</Flash> }
    });
    let again = paths::certificates(&query);
    let saved = is_understood.then(|| narrowed.clone());
    let own = settings.clone();
    let content = match (page.lines.is_empty(), page.as_of) {
        (false, _) => view! { <Lines query is_understood page authorities=authorities.clone() settings=own /> }.into_any(),
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
                <p>"A search takes any part of a device id or of a subject, a serial number in any form, or its beginning."</p>
                <LinkButton href=paths::certificates(&CertificateQuery::default())>"Show all certificates"</LinkButton>
            </Empty>
        }
        .into_any(),
    };
    view! {
        <PageHead title="Certificates">"What the inventory and the newest audit reports know, folded into one line each"</PageHead>
        {problem}
        <SavedFilters list=OwnList::Certificates settings=settings.clone() query=narrowed />
        <Narrow address authorities />
        <SetUpList list=OwnList::Certificates settings query=saved forms />
        {content}
    }
}

#[component]
fn Lines(
    query: CertificateQuery,
    is_understood: bool,
    page: CertificatePage,
    authorities: Vec<Authority>,
    settings: ListSettings,
) -> impl IntoView {
    let shows = |column| settings.shows(column);
    let now = use_now();
    let row = |line: CertificateLine| {
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
                {shows(ListColumn::Device).then(|| view! { <td>{device}</td> })}
                {shows(ListColumn::Subject).then(|| view! { <td>{subject}</td> })}
                {shows(ListColumn::Authority).then(|| view! { <td>{authority}</td> })}
                {shows(ListColumn::Issued)
                    .then(|| view! { <td>{line.issued_at.map(|at| view! { <Ago at /> })}</td> })}
                {shows(ListColumn::Expires)
                    .then(|| view! { <td>{line.expires_at.map(|at| view! { <Due at /> })}</td> })}
                {shows(ListColumn::Status).then(|| view! { <td><Badge of=status /></td> })}
            </tr>
        }
    };
    let (columns, rows) = (columns(&query, &settings), u64::try_from(page.lines.len()).unwrap_or(0));
    let revoke = revoke(&query, page.total, is_understood);
    let files = is_understood
        .then(|| view! { <Files of=Exported::Certificates(query.clone()) settings=settings.clone() /> });
    let density = settings.density;
    let lines = page.lines.into_iter().map(row).collect_view();
    let to = move |place: Place| paths::certificates(&CertificateQuery { place, ..query.clone() });
    let ends = Ends { first: to(Place::First), last: to(Place::Last) };
    view! {
        <div class="list-actions">{revoke} {files}</div>
        <Table caption="Certificates" columns density>
            {lines}
        </Table>
        <Pagination
            first=page.before.map(|before| before + 1)
            rows
            total=Some(page.total)
            as_of=page.as_of
            previous=page.previous.map(&to)
            next=page.next.map(&to)
            ends=Some(ends)
        />
    }
}

/// The way to a request about all that match, not only those of the page.
fn revoke(query: &CertificateQuery, total: Total, is_understood: bool) -> impl IntoView + use<> {
    let most = u64::try_from(MAX_TARGETS).unwrap_or(u64::MAX);
    let label = match total {
        Total { number: 1, .. } => "Request revocation of the one that matches".to_owned(),
        Total { number, more: false } => {
            format!("Request revocation of all {} that match", count(number))
        }
        Total { .. } => "Request revocation of all that match".to_owned(),
    };
    let over = query.filter.iter().any(|token| {
        let standing = [CertificateStatus::Revoked, CertificateStatus::Expired].map(Standing::Is);
        matches!(token, Token { not: false, test: Test::Status(of) } if standing.contains(of))
    });
    let why = match (use_viewer().may(Permission::Operate), over) {
        (false, _) => Some(Permission::Operate.refusal().to_owned()),
        (true, _) if !is_understood => Some("A part of the filter is not understood.".to_owned()),
        (true, true) => Some("What is revoked or expired cannot be revoked.".to_owned()),
        (true, false) if total.more || total.number > most => {
            Some(format!("One request revokes at most {} certificates. Narrow the list.", count(most)))
        }
        (true, false) => None,
    };
    match why {
        Some(why) => view! { <Refused label why /> }.into_any(),
        None => {
            let of = Selection::Matching(query.clone());
            view! { <LinkButton href=paths::revoke_all(query.authority(), &of)>{label}</LinkButton> }
                .into_any()
        }
    }
}

fn columns(query: &CertificateQuery, settings: &ListSettings) -> Vec<Column> {
    let sorted = |label, sort| {
        let now =
            (query.sort == sort).then_some(if query.descending { Sort::Descending } else { Sort::Ascending });
        let descending = now == Some(Sort::Ascending);
        let to = CertificateQuery { sort, descending, place: Place::First, ..query.clone() };
        Column::text(label).sorted(paths::certificates(&to), now)
    };
    let list = OwnList::Certificates;
    let others = [
        (ListColumn::Device, CertificateSort::Device),
        (ListColumn::Subject, CertificateSort::Subject),
        (ListColumn::Authority, CertificateSort::Authority),
        (ListColumn::Issued, CertificateSort::Issued),
        (ListColumn::Expires, CertificateSort::Expiry),
        (ListColumn::Status, CertificateSort::Status),
    ];
    let others = others.into_iter().filter(|(column, _)| settings.shows(*column));
    let others = others.map(|(column, sort)| sorted(column.label(list), sort));
    [sorted("Serial number", CertificateSort::Serial)].into_iter().chain(others).collect()
}
