//! The list of requests: what waits first, then what was decided, newest first.

use domain::revocation::{Request, RequestState, Verdict};
use domain::views::{Authority, Inbox, RequestList, RequestQuery};
use domain::{Permission, RevocationReason, Timestamp};
use leptos::prelude::*;

use super::api::list_requests;
use super::break_glass::glass;
use super::drill::mark;
use crate::address::use_query;
use crate::authorities::{choices, name_of};
use crate::lists::Files;
use crate::paths;
use crate::queries::{Exported, read_requests};
use crate::session::{Viewer, use_now, use_viewer};
use crate::ui::{
    Ago, Badge, Chip, Chips, Choice, Column, Due, Empty, Filter, FilterSearch, FilterSelect, FilterTime,
    Icon, LinkButton, Mark, PageHead, Refused, Section, Table, Tone, Weight, brief, count, loaded, plural,
    short,
};

#[component]
pub fn RevocationsPage() -> impl IntoView {
    let query = use_query(read_requests);
    let list = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query?;
            Ok((query.clone(), list_requests(query).await?))
        },
    );
    loaded(list, |(query, list)| view! { <Revocations query list /> })
}

#[component]
fn Head() -> impl IntoView {
    let may = use_viewer().may(Permission::Operate);
    let actions = move || {
        match may {
        true => view! {
            <LinkButton href=paths::NEW_REVOCATION.to_owned() weight=Weight::Primary>"Request a revocation"</LinkButton>
        }
        .into_any(),
        false => view! { <Refused label="Request a revocation" why=Permission::Operate.refusal() /> }.into_any(),
    }
    };
    view! {
        <PageHead title="Revocations" actions=actions>
            "One person asks for a revocation, others agree, and only then is it made"
        </PageHead>
    }
}

/// The page once its data is there.
#[component]
pub fn Revocations(query: RequestQuery, list: RequestList) -> impl IntoView {
    let RequestList { waiting, for_me, page, authorities } = list;
    // What waits has a list of its own, on the first page of the whole list, and as far as that reaches.
    let others: Vec<Request> = page
        .requests
        .into_iter()
        .filter(|request| waiting.iter().all(|listed| listed.id != request.id))
        .collect();
    let none = others.is_empty() && waiting.is_empty();
    let paged = query.before.is_some() || page.next.is_some();
    let more_wait = page.waiting > u64::try_from(waiting.len()).unwrap_or(0);
    let all_waiting = RequestQuery { state: Some(RequestState::Pending), ..RequestQuery::default() };
    let next = page.next.map(|id| paths::revocations(&RequestQuery { before: Some(id), ..query.clone() }));
    let newest = paths::revocations(&RequestQuery { before: None, ..query.clone() });
    let title = match (query.inbox, query.state) {
        (Inbox::ForMe, _) => "Waiting for me",
        (Inbox::Mine, _) => "Mine",
        (Inbox::All, Some(state)) => state.label(),
        (Inbox::All, None) if others.iter().all(|request| request.state != RequestState::Pending) => {
            "Decided"
        }
        (Inbox::All, None) => "Requests",
    };
    let waiting_authorities = authorities.clone();
    let narrow = (query.clone(), authorities.clone());
    let files = (!none).then(|| {
        let of = Exported::Requests(query.clone());
        view! {
            <div class="list-actions">
                <Files of />
            </div>
        }
    });
    view! {
        <Head />
        <Inboxes inbox=query.inbox for_me />
        <Narrow query=narrow.0 authorities=narrow.1 />
        {files}
        {(!waiting.is_empty())
            .then(|| {
                view! {
                    <Section title=format!("{} ({})", RequestState::Pending.label(), count(page.waiting))>
                        <Lines requests=waiting authorities=waiting_authorities caption="Requests that wait for approval" />
                        {more_wait
                            .then(|| {
                                view! {
                                    <p>
                                        <a href=paths::revocations(&all_waiting)>"See all that wait"</a>
                                    </p>
                                }
                            })}
                    </Section>
                }
            })}
        {match (none, others.is_empty()) {
            // Those of a page may have expired since it was listed.
            (true, _) if paged => view! { <p class="muted">"There is no such request on this page."</p> }.into_any(),
            (true, _) => view! { <Nothing query=query.clone() /> }.into_any(),
            (false, true) => ().into_any(),
            (false, false) => view! {
                <Section title>
                    <Lines requests=others authorities caption="Requests, the newest first" />
                </Section>
            }
            .into_any(),
        }}
        <Pager newest=query.before.is_some().then_some(newest) next />
    }
}

/// What waits for the viewer, what is theirs, and everything.
#[component]
fn Inboxes(inbox: Inbox, for_me: u64) -> impl IntoView {
    let one = |of: Inbox| {
        let label = match of {
            Inbox::ForMe => format!("Waiting for me ({})", count(for_me)),
            Inbox::Mine => "Mine".to_owned(),
            Inbox::All => "All".to_owned(),
        };
        let href = paths::revocations(&RequestQuery { inbox: of, ..RequestQuery::default() });
        let current = (of == inbox).then_some("page");
        view! {
            // safe link: from crate::paths above
            <a class="button" href=href aria-current=current>
                {label}
            </a>
        }
    };
    view! {
        <nav class="row above-filter" aria-label="Whose requests">
            {Inbox::ALL.iter().copied().map(one).collect_view()}
        </nav>
    }
}

/// A list that is paged by its last line knows no page numbers.
#[component]
fn Pager(newest: Option<String>, next: Option<String>) -> impl IntoView {
    let link = |href: Option<String>, label: &'static str| {
        // safe link: from crate::paths
        href.map(|href| view! { <a class="button" href=href>{label}</a> })
    };
    (newest.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {link(newest, "Newest")}
                {link(next, "Older")}
            </nav>
        }
    })
}

#[component]
fn Nothing(query: RequestQuery) -> impl IntoView {
    let whole = RequestQuery { inbox: query.inbox, ..RequestQuery::default() };
    if query != whole {
        return view! {
            <Empty title="No request matches">
                <p>"Take a part of the filter away to see the others."</p>
                <LinkButton href=paths::revocations(&whole)>"Take the filter away"</LinkButton>
            </Empty>
        }
        .into_any();
    }
    match query.inbox {
        Inbox::ForMe => view! {
            <Empty title="No request waits for you">
                <p>"What others ask for and you can decide stands here: approvers decide, and nobody on their own request."</p>
                <LinkButton href=paths::REVOCATIONS.to_owned()>"Show all requests"</LinkButton>
            </Empty>
        }
        .into_any(),
        Inbox::Mine => view! {
            <Empty title="You have asked for no revocation yet">
                <p>"What you ask for stands here, from the request to its proof."</p>
                <LinkButton href=paths::REVOCATIONS.to_owned()>"Show all requests"</LinkButton>
            </Empty>
        }
        .into_any(),
        Inbox::All => view! {
            <Empty title="Nobody has asked for a revocation yet">
                <p>"A request begins at a certificate, at a finding, or with a list of serial numbers."</p>
                <LinkButton href=paths::FINDINGS.to_owned()>"See the findings"</LinkButton>
            </Empty>
        }
        .into_any(),
    }
}

#[component]
fn Narrow(query: RequestQuery, authorities: Vec<Authority>) -> impl IntoView {
    let states = RequestState::ALL.iter().map(|one| Choice::new(one.name(), one.label())).collect();
    let reasons = RevocationReason::ALL.iter().map(|one| Choice::new(one.aws(), one.label())).collect();
    let chips = chips(&query, &authorities);
    let inbox = (query.inbox != Inbox::All).then(|| query.inbox.name());
    view! {
        <Filter action=paths::REVOCATIONS>
            {inbox.map(|inbox| view! { <input type="hidden" name="inbox" value=inbox /> })}
            <FilterSelect
                name="state"
                label="State"
                choices=states
                chosen=query.state.map(RequestState::name).unwrap_or_default()
            />
            <FilterSelect
                name="authority"
                label="Authority"
                choices=choices(&authorities)
                chosen=query.authority.map(|id| id.to_string()).unwrap_or_default()
            />
            <FilterSelect
                name="reason"
                label="Reason"
                choices=reasons
                chosen=query.reason.map(RevocationReason::aws).unwrap_or_default()
            />
            <FilterSearch name="requester" label="Requested by" value=query.requester.unwrap_or_default() />
            <FilterTime name="from" label="From (UTC)" value=query.from />
            <FilterTime name="to" label="Before (UTC)" value=query.to />
        </Filter>
        <Chips chips />
    }
}

fn chips(query: &RequestQuery, authorities: &[Authority]) -> Vec<Chip> {
    let first = RequestQuery { before: None, ..query.clone() };
    let chip = |label: String, without: RequestQuery| Chip { label, without: paths::revocations(&without) };
    let state = query.state.map(|state| {
        let label = format!("state: {}", state.label().to_lowercase());
        chip(label, RequestQuery { state: None, ..first.clone() })
    });
    let authority = query.authority.as_ref().map(|id| {
        let label = format!("authority: {}", name_of(authorities, id));
        chip(label, RequestQuery { authority: None, ..first.clone() })
    });
    let reason = query.reason.map(|reason| {
        let label = format!("reason: {}", reason.label().to_lowercase());
        chip(label, RequestQuery { reason: None, ..first.clone() })
    });
    let requester = query
        .requester
        .as_ref()
        .map(|name| chip(format!("by: {}", brief(name)), RequestQuery { requester: None, ..first.clone() }));
    let from = query
        .from
        .map(|at| chip(format!("from {}", at.absolute()), RequestQuery { from: None, ..first.clone() }));
    let to = query
        .to
        .map(|at| chip(format!("before {}", at.absolute()), RequestQuery { to: None, ..first.clone() }));
    [state, authority, reason, requester, from, to].into_iter().flatten().collect()
}

#[component]
fn Lines(requests: Vec<Request>, authorities: Vec<Authority>, caption: &'static str) -> impl IntoView {
    let (viewer, now) = (use_viewer(), use_now());
    let columns = ["Request", "Authority", "State", "Reason", "Requested by", "Requested", "Approvals"];
    let row = move |request: Request| {
        let authority = name_of(&authorities, &request.authority.id());
        let expiry = (request.state == RequestState::Pending).then_some(request.expires_at);
        let mine = waits_for(&viewer, &request, now);
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::revocation(&request.id)>{name(&request)}</a>
                </th>
                <td class="clip">{authority}</td>
                <td>
                    <Badge of=&request />
                    {request.is_drill().then(|| view! { " " <Badge of=mark() /> })}
                    {request.alone.is_some().then(|| view! { " " <Badge of=glass() /> })}
                    {mine
                        .then(|| view! { <div><Badge of=Mark::new(Tone::Info, Icon::Dot, "You can decide") /></div> })}
                </td>
                <td>{request.reason.label()}</td>
                <td class="clip">{request.requester.name.clone()}</td>
                <td>
                    <Ago at=request.requested_at />
                    {expiry.map(|at| view! { <div class="small muted">"expires " <Due at /></div> })}
                </td>
                <td>{format!("{} of {}", request.approvals(), request.approvals_needed)}</td>
            </tr>
        }
    };
    view! {
        <Table caption columns=columns.map(Column::text).to_vec()>
            {requests.into_iter().map(row).collect_view()}
        </Table>
    }
}

/// "Revoke certificate 4f:a2…", "Drill: revoke 14 certificates".
pub fn name(request: &Request) -> String {
    let verb = if request.is_drill() { "Drill: revoke" } else { "Revoke" };
    match request.target_count {
        1 => format!("{verb} certificate {}", short(request.first_target.serial)),
        more => format!("{verb} {}", plural(u64::from(more), "certificate")),
    }
}

/// Whether the viewer could decide on it.
fn waits_for(viewer: &Viewer, request: &Request, now: Timestamp) -> bool {
    let (Some(actor), Ok(pending)) = (&viewer.actor, request.pending(now)) else { return false };
    pending.open_to(actor).is_ok()
}

/// The verdict of a person on a request, if they gave one.
pub fn verdict_of(request: &Request, person: &domain::PersonId) -> Option<Verdict> {
    request.decisions.iter().find(|decision| decision.by.id == *person).map(|decision| decision.verdict)
}
