//! Every request of the time that people have agreed to: who asked, who approved with which proof, and when it took effect.

use domain::Timestamp;
use domain::revocation::{Request, Verdict};
use domain::views::{ComplianceQuery, ComplianceView, Effect, RequestQuery, RevocationFacts};
use leptos::prelude::*;

use crate::authorities::name_of;
use crate::paths;
use crate::ui::{
    Badge, Column, Empty, Numbered, Section, Table, Utc, brief, count, is_beyond, plural, visible,
};

#[component]
pub fn Revocations(query: ComplianceQuery, view: ComplianceView) -> impl IntoView {
    let ComplianceView { period, authorities, requests, revocations, revocations_total, .. } = view;
    let all = paths::revocations(&RequestQuery {
        authority: query.authority.clone(),
        from: Some(period.from()),
        to: Some(period.to()),
        ..RequestQuery::default()
    });
    let facts = format!(
        "{} made, {} agreed to by people, {} proven; {} besides.",
        plural(requests.all, "request"),
        count(requests.countersigned),
        count(requests.proven),
        plural(requests.drills, "drill"),
    );
    let (page, rows) = (query.page, revocations.len());
    let row = |facts: RevocationFacts| {
        let name = name_of(&authorities, &facts.request.authority.id());
        view! { <One facts name /> }
    };
    let listed = revocations.into_iter().map(row).collect_view();
    let columns = vec![
        Column::text("Request"),
        Column::text("Reason"),
        Column::text("Asked by"),
        Column::text("Approved by"),
        Column::number("Revoked"),
        Column::text("Effective at the CA"),
        Column::text("On the CRL"),
        Column::text("By OCSP"),
        Column::text("State"),
    ];
    let to = move |page| paths::compliance(&ComplianceQuery { page, ..query.clone() });
    let content = match rows {
        0 if !is_beyond(page, rows, revocations_total) => view! {
            <Empty title="Nothing was revoked by a request of these days">
                <p>"Requests that wait, were rejected or have expired are in the list of revocations."</p>
            </Empty>
        }
        .into_any(),
        _ => view! {
            <Table caption="Requests that people have agreed to, the newest first" columns>
                {listed}
            </Table>
            <Numbered page rows total=revocations_total to />
        }
        .into_any(),
    };
    view! {
        <Section
            title="Revocations"
            aside=move || {
                view! {
                    // safe link: from crate::paths
                    <a href=all>"All requests of these days"</a>
                }
            }
        >
            <p>{facts}</p>
            {content}
        </Section>
    }
}

/// `name`: of its authority.
#[component]
fn One(facts: RevocationFacts, name: String) -> impl IntoView {
    let RevocationFacts { request, effect } = facts;
    let href = paths::revocation(&request.id);
    let what = plural(u64::from(request.target_count), "certificate");
    let Effect { revoked, first, last, on_crl, crl_at, by_ocsp, ocsp_at } = effect;
    view! {
        <tr>
            <th scope="row">
                // safe link: from crate::paths
                <a href=href>{what}</a>
                <div class="small muted">{name}</div>
            </th>
            <td class="wrap">
                {request.reason.label()}
                <div class="small muted">{brief(&request.justification)}</div>
            </td>
            <td>
                {visible(&request.requester.name)}
                <div class="small muted">
                    <Utc at=request.requested_at />
                </div>
            </td>
            <td>{approvals(&request)}</td>
            <td class="num">{count(revoked)}</td>
            <td>{first.map(|at| view! { <Utc at /> })}{last.filter(|last| Some(*last) != first).map(until)}</td>
            <td>{seen(on_crl, revoked, crl_at)}</td>
            <td>{seen(by_ocsp, revoked, ocsp_at)}</td>
            <td>
                <Badge of=&request />
            </td>
        </tr>
    }
}

fn until(at: Timestamp) -> impl IntoView {
    view! {
        <div class="small muted">
            "to "
            <Utc at />
        </div>
    }
}

/// Who approved and when; what proves it is a file.
fn approvals(request: &Request) -> impl IntoView + use<> {
    let by =
        request.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve).map(|decision| {
            let (name, at) = (visible(&decision.by.name), decision.at);
            view! {
                <div>
                    {name}
                    <div class="small muted">
                        <Utc at />
                    </div>
                </div>
            }
        });
    let alone = request.alone.is_some().then_some("Alone, by break-glass");
    view! {
        {by.collect_view()}
        {alone}
        <div class="small">
            <a href=paths::evidence(&request.id) download="">
                "Proofs"
            </a>
            ", "
            <a href=paths::packs_of_request(&request.id)>"all evidence"</a>
        </div>
    }
}

/// When the last of them was seen there, or how many are not.
fn seen(there: u64, revoked: u64, last: Option<Timestamp>) -> AnyView {
    match last {
        Some(at) if there >= revoked => view! { <Utc at /> }.into_any(),
        Some(at) => view! {
            {format!("{} of {}", count(there), count(revoked))}
            <div class="small muted">
                <Utc at />
            </div>
        }
        .into_any(),
        None => view! { <span class="muted">"Not seen there"</span> }.into_any(),
    }
}
