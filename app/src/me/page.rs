//! The page: what waits for the viewer, what they did, what they were told, where they are signed in.

use domain::Finding;
use domain::revocation::Request;
use domain::views::{Authority, LedgerLine, LedgerQuery, MeView};
use leptos::prelude::*;

use super::api::{EndOtherSessions, EndSession, me};
use super::sessions::OwnSessions;
use crate::authorities::name_of;
use crate::findings::headline_of;
use crate::notices::NoticeLink;
use crate::paths;
use crate::session::use_viewer;
use crate::ui::{Ago, Column, Due, Empty, PageHead, Section, Table, Utc, loaded, plural, visible};

#[component]
pub fn MePage() -> impl IntoView {
    let (end, end_others) = (ServerAction::new(), ServerAction::new());
    let view = Resource::new(|| (), |()| me());
    loaded(view, move |view| view! { <Me view end end_others /> })
}

/// The page once its data is there.
#[component]
pub fn Me(
    view: MeView,
    end: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
) -> impl IntoView {
    let MeView { requests, asked, findings, authorities, did, told, sessions } = view;
    let idle = requests.is_empty() && findings.is_empty();
    let named = StoredValue::new(authorities);
    let actor = use_viewer().actor;
    let (name, id) = actor.map(|actor| (actor.person.name, actor.person.id.to_string())).unwrap_or_default();
    let all = paths::ledger(&LedgerQuery { person: Some(id), ..LedgerQuery::default() });
    view! {
        <PageHead title="My page">{visible(&name)}</PageHead>
        <Section title="What waits for me">
            {idle.then(|| view! { <Empty title="Nothing waits for you">"No request that you can decide, and no finding in your hand."</Empty> })}
            {(!requests.is_empty())
                .then(|| {
                    view! { <Requests caption="Requests that I can decide, the oldest first" requests authorities=named.get_value() /> }
                })}
            {(!findings.is_empty()).then(|| view! { <Findings findings /> })}
        </Section>
        {(!asked.is_empty())
            .then(|| {
                view! {
                    <Section title="What I wait for">
                        <Requests caption="My requests that others are to decide" requests=asked authorities=named.get_value() />
                    </Section>
                }
            })}
        <Section title="What I was told">
            {match told.is_empty() {
                true => view! { <p class="muted">"Nothing of late."</p> }.into_any(),
                false => view! {
                    <ul class="list">
                        {told.into_iter().map(|notice| view! { <li><NoticeLink notice /></li> }).collect_view()}
                    </ul>
                }
                .into_any(),
            }}
        </Section>
        <Section title="What I did">
            {match did.is_empty() {
                true => view! { <p class="muted">"Nothing of late."</p> }.into_any(),
                false => view! { <Did lines=did /> }.into_any(),
            }}
            // safe link: from crate::paths above
            <p><a href=all>"All of it in the ledger"</a></p>
        </Section>
        <OwnSessions sessions end end_others />
    }
}

#[component]
fn Requests(caption: &'static str, requests: Vec<Request>, authorities: Vec<Authority>) -> impl IntoView {
    let row = move |request: Request| {
        let what = format!(
            "{} of {}",
            plural(u64::from(request.target_count), "certificate"),
            visible(&name_of(&authorities, &request.authority.id()))
        );
        view! {
            <tr>
                <th scope="row" class="wrap">
                    <a href=paths::revocation(&request.id)>{what}</a>
                </th>
                <td class="wrap">{visible(&request.requester.name)}</td>
                <td>
                    <Ago at=request.requested_at />
                </td>
                <td>
                    <Due at=request.expires_at />
                </td>
            </tr>
        }
    };
    let columns = ["Request", "By", "Asked", "Expires"].map(Column::text).to_vec();
    view! {
        <Table caption columns>
            {requests.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn Findings(findings: Vec<Finding>) -> impl IntoView {
    let row = |finding: Finding| {
        let due = finding.due();
        view! {
            <tr>
                <th scope="row" class="wrap">
                    <a href=paths::finding(&finding.id)>{headline_of(&finding)}</a>
                </th>
                <td>
                    <Ago at=finding.first_seen />
                </td>
                <td>
                    {match due {
                        Some(at) => view! { <Due at /> }.into_any(),
                        None => view! { <span class="muted">"no day set"</span> }.into_any(),
                    }}
                </td>
            </tr>
        }
    };
    let columns = ["Finding", "First seen", "Due"].map(Column::text).to_vec();
    view! {
        <Table caption="Findings in my hand, the first to be due first" columns>
            {findings.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn Did(lines: Vec<LedgerLine>) -> impl IntoView {
    let row = |line: LedgerLine| {
        let (at, what) = match &line.body {
            Ok(body) => (Some(body.at), body.action.label()),
            Err(_) => (None, "An entry that this version does not read"),
        };
        view! {
            <tr>
                <th scope="row">
                    {match line.seq {
                        Some(seq) => view! { <a href=paths::entry(seq)>{what}</a> }.into_any(),
                        None => what.into_any(),
                    }}
                </th>
                <td>{at.map(|at| view! { <Utc at /> })}</td>
            </tr>
        }
    };
    let columns = ["What", "When (UTC)"].map(Column::text).to_vec();
    view! {
        <Table caption="What I did of late, as the ledger has it" columns>
            {lines.into_iter().map(row).collect_view()}
        </Table>
    }
}
