//! The page: what must not wait, what waits for somebody, and how fresh the records are.

use domain::certificate::CertificateStatus;
use domain::revocation::{Request, RequestState};
use domain::views::{
    self, AuthorityOverview, CertificateQuery, FindingQuery, FrontPage, Inbox, RequestQuery, Test,
};
use domain::{FindingKind, Run, Severity};
use leptos::prelude::*;

use super::alarms::Alarms;
use super::api::get_overview;
use super::days::Days;
use super::since::Since;
use super::trail::Trail;
use crate::address::Query;
use crate::paths;
use crate::revocations::name;
use crate::ui::{
    Ago, Badge, Column, Due, Empty, LinkButton, PageHead, Section, Table, Tile, Tiles, Weight, count, loaded,
    plural, visible,
};

#[component]
pub fn OverviewPage() -> impl IntoView {
    let overview = Resource::new(|| (), |()| get_overview());
    loaded(overview, |front| view! { <Overview front /> })
}

/// The page once its data is there.
#[component]
pub fn Overview(front: FrontPage) -> impl IntoView {
    let FrontPage { overview, alarms, trail, for_me, last_visit } = front;
    let views::Overview {
        authorities,
        waiting_findings,
        waiting_requests,
        certificates,
        devices,
        as_of,
        days,
    } = overview;
    let total: u64 = certificates.values().sum();
    let facts = format!("{} on {}", plural(total, "certificate"), plural(devices, "device"));
    let never = authorities.iter().all(|one| one.last_run.is_none());
    let waiting = move |severity: Severity| -> u64 {
        let of_severity = |kind: &FindingKind| kind.severity() == severity;
        waiting_findings.iter().filter(|(kind, _)| of_severity(kind)).map(|(_, number)| number).sum()
    };
    let finding_tile = move |severity: Severity| {
        let href = paths::findings(&FindingQuery { severity: Some(severity), ..FindingQuery::default() });
        // safe link: from crate::paths above
        view! { <Tile of=severity number=waiting(severity) note="findings" href=href /> }
    };
    let certificate_tile = move |status: CertificateStatus| {
        let href = paths::certificates(&CertificateQuery::status(status));
        let number = certificates.get(&status).copied().unwrap_or(0);
        // safe link: from crate::paths above
        view! { <Tile of=status number note="certificates" href=href /> }
    };
    let pending = RequestQuery { state: Some(RequestState::Pending), ..RequestQuery::default() };
    view! {
        <PageHead title="Overview">
            {facts}
            {match as_of {
                Some(at) => view! { " · as of " <Ago at /> }.into_any(),
                None => " · the inventory is being read for the first time".into_any(),
            }}
        </PageHead>
        <ForMe requests=for_me />
        <Alarms alarms />
        {last_visit.map(|at| view! { <Since at days=days.clone() /> })}
        {never.then(|| view! { <FirstSteps /> })}
        <Section title="Waiting for somebody">
            <Tiles>
                {[Severity::Critical, Severity::High, Severity::Medium].map(finding_tile).into_iter().collect_view()}
                <Tile of=RequestState::Pending number=waiting_requests note="requests" href=paths::revocations(&pending) />
            </Tiles>
        </Section>
        <Trail trail />
        <Section title="Certificates">
            <Tiles>{CertificateStatus::ALL.iter().copied().map(certificate_tile).collect_view()}</Tiles>
        </Section>
        <Days days />
        <Section title="Authorities">
            <Authorities authorities />
        </Section>
    }
}

/// What the viewer can decide on, the oldest first; nothing where nothing waits.
#[component]
fn ForMe(requests: Vec<Request>) -> impl IntoView {
    let line = |request: Request| {
        view! {
            <li>
                <a href=paths::revocation(&request.id)>{name(&request)}</a>
                {format!(" · {}, asked for by {} ", request.reason.label(), visible(&request.requester.name))}
                <Ago at=request.requested_at />
                " · expires "
                <Due at=request.expires_at />
            </li>
        }
    };
    let all = RequestQuery { inbox: Inbox::ForMe, ..RequestQuery::default() };
    (!requests.is_empty()).then(|| {
        view! {
            <Section title="Waiting for you">
                <ul class="list">{requests.into_iter().map(line).collect_view()}</ul>
                <p>
                    <a href=paths::revocations(&all)>"All that wait for you"</a>
                </p>
            </Section>
        }
    })
}

#[component]
fn FirstSteps() -> impl IntoView {
    view! {
        <Empty title="Nothing has been compared yet">
            <p>
                "A run asks an authority what it signed, reads what the inventory says, and lists where the two disagree."
            </p>
            <LinkButton href=paths::runs(Query::new()) weight=Weight::Primary>
                "Start the first run"
            </LinkButton>
        </Empty>
    }
}

#[component]
fn Authorities(authorities: Vec<AuthorityOverview>) -> impl IntoView {
    let columns = vec![
        Column::text("Authority"),
        Column::text("Last run"),
        Column::text("Started"),
        Column::text("Worst finding"),
        Column::number("Certificates"),
    ];
    let row = |AuthorityOverview { authority, last_run, certificates }: AuthorityOverview| {
        let id = authority.arn.id();
        let list = CertificateQuery::of(Test::Authority(id.clone()));
        let started = last_run.as_ref().map(|run| run.started_at);
        let worst = last_run.as_ref().and_then(Run::worst);
        let run = last_run.map(|run| {
            view! {
                <a href=paths::run(&id, &run.id)>
                    <Badge of=&run />
                </a>
            }
            .into_any()
        });
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::certificates(&list)>{authority.name}</a>
                </th>
                <td>{run.unwrap_or_else(|| view! { <span class="muted">"never"</span> }.into_any())}</td>
                <td>{started.map(|at| view! { <Ago at /> })}</td>
                <td>{worst.map(|severity| view! { <Badge of=severity /> })}</td>
                <td class="num">{count(certificates)}</td>
            </tr>
        }
    };
    view! {
        <Table caption="Authorities" columns>
            {authorities.into_iter().map(row).collect_view()}
        </Table>
    }
}
