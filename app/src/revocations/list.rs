//! The list of requests: what waits first, then what was decided, newest first.

use domain::revocation::{Request, RequestId, RequestState, Verdict};
use domain::views::{Authority, RequestList};
use domain::{Permission, Timestamp};
use leptos::prelude::*;

use super::api::list_requests;
use crate::address::{Pairs, Query, use_query};
use crate::authorities::name_of;
use crate::error::AppError;
use crate::paths;
use crate::session::{Viewer, use_now, use_viewer};
use crate::ui::{
    Ago, Badge, Chip, Chips, Choice, Column, Empty, Filter, FilterSelect, Icon, LinkButton, Mark, PageHead,
    Refused, Section, Table, Tone, Weight, count, loaded, plural, short,
};

type Narrowed = (Option<RequestState>, Option<RequestId>);

fn read(pairs: &Pairs) -> Result<Narrowed, AppError> {
    Ok((pairs.one_of("state", RequestState::ALL, RequestState::name)?, pairs.get("before")?))
}

#[component]
pub fn RevocationsPage() -> impl IntoView {
    let query = use_query(read);
    let list = Resource::new(
        move || query.get(),
        |query| async move {
            let (state, before) = query?;
            Ok(((state, before.clone()), list_requests(state, before).await?))
        },
    );
    loaded(list, |(narrowed, list)| view! { <Revocations narrowed list /> })
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
pub fn Revocations(narrowed: Narrowed, list: RequestList) -> impl IntoView {
    let (state, before) = narrowed;
    let RequestList { waiting, page, authorities } = list;
    // What waits has a list of its own, on the first page of the whole list, and as far as that reaches.
    let others: Vec<Request> = page
        .requests
        .into_iter()
        .filter(|request| waiting.iter().all(|listed| listed.id != request.id))
        .collect();
    let none = others.is_empty() && waiting.is_empty();
    let paged = before.is_some() || page.next.is_some();
    let more_wait = page.waiting > u64::try_from(waiting.len()).unwrap_or(0);
    let filtered = |state: RequestState| Query::new().with("state", state.name());
    let next = page.next.map(|id| {
        paths::revocations(
            Query::new().with("state", state.map_or("", RequestState::name)).with("before", id),
        )
    });
    let newest = paths::revocations(state.map_or_else(Query::new, filtered));
    let title = match state {
        Some(state) => state.label(),
        None if others.iter().all(|request| request.state != RequestState::Pending) => "Decided",
        None => "Requests",
    };
    let waiting_authorities = authorities.clone();
    view! {
        <Head />
        <Narrow state />
        {(!waiting.is_empty())
            .then(|| {
                view! {
                    <Section title=format!("{} ({})", RequestState::Pending.label(), count(page.waiting))>
                        <Lines requests=waiting authorities=waiting_authorities caption="Requests that wait for approval" />
                        {more_wait
                            .then(|| {
                                view! {
                                    <p>
                                        <a href=paths::revocations(filtered(RequestState::Pending))>"See all that wait"</a>
                                    </p>
                                }
                            })}
                    </Section>
                }
            })}
        {match (none, others.is_empty()) {
            // Those of a page may have expired since it was listed.
            (true, _) if paged => view! { <p class="muted">"There is no such request on this page."</p> }.into_any(),
            (true, _) => view! { <Nothing state /> }.into_any(),
            (false, true) => ().into_any(),
            (false, false) => view! {
                <Section title>
                    <Lines requests=others authorities caption="Requests, the newest first" />
                </Section>
            }
            .into_any(),
        }}
        <Pager newest=before.is_some().then_some(newest) next />
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
fn Nothing(state: Option<RequestState>) -> impl IntoView {
    match state {
        Some(state) => view! {
            <Empty title=format!("No request is {}", state.label().to_lowercase())>
                <p>"Take the filter away to see the others."</p>
                <LinkButton href=paths::revocations(Query::new())>"Show all requests"</LinkButton>
            </Empty>
        }
        .into_any(),
        None => view! {
            <Empty title="Nobody has asked for a revocation yet">
                <p>"A request begins at a certificate, at a finding, or with a list of serial numbers."</p>
                <LinkButton href=paths::FINDINGS.to_owned()>"See the findings"</LinkButton>
            </Empty>
        }
        .into_any(),
    }
}

#[component]
fn Narrow(state: Option<RequestState>) -> impl IntoView {
    let states = RequestState::ALL.iter().map(|one| Choice::new(one.name(), one.label())).collect();
    let chips = state
        .iter()
        .map(|state| Chip {
            label: format!("state: {}", state.label().to_lowercase()),
            without: paths::revocations(Query::new()),
        })
        .collect();
    view! {
        <Filter action=paths::REVOCATIONS>
            <FilterSelect
                name="state"
                label="State"
                choices=states
                chosen=state.map(RequestState::name).unwrap_or_default()
            />
        </Filter>
        <Chips chips />
    }
}

#[component]
fn Lines(requests: Vec<Request>, authorities: Vec<Authority>, caption: &'static str) -> impl IntoView {
    let (viewer, now) = (use_viewer(), use_now().get_untracked());
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
                    <Badge of=request.state />
                    {mine
                        .then(|| view! { <div><Badge of=Mark::new(Tone::Info, Icon::Dot, "You can decide") /></div> })}
                </td>
                <td>{request.reason.label()}</td>
                <td class="clip">{request.requester.name.clone()}</td>
                <td>
                    <Ago at=request.requested_at />
                    {expiry.map(|at| view! { <div class="small muted">"expires " <Ago at /></div> })}
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

/// "Revoke certificate 4f:a2…", "Revoke 14 certificates".
pub fn name(request: &Request) -> String {
    match request.target_count {
        1 => format!("Revoke certificate {}", short(request.first_target.serial)),
        more => format!("Revoke {}", plural(u64::from(more), "certificate")),
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
