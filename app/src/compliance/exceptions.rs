//! What was an exception: break-glass, changes of policy, revocations past this console; and who had which role.

use domain::ledger::Action;
use domain::revocation::Request;
use domain::views::{
    ComplianceQuery, ComplianceView, FindingQuery, FindingStates, LedgerQuery, LedgerRead, Period,
    PolicyChange, RequestQuery, RolesSeen,
};
use domain::{FindingKind, Role};
use leptos::prelude::*;

use super::rest::Rest;
use crate::paths;
use crate::ui::{Column, Empty, Flash, Section, Table, Tone, Utc, brief, count, plural, visible};

#[component]
pub fn Exceptions(query: ComplianceQuery, view: ComplianceView) -> impl IntoView {
    let others = view.opened(FindingKind::RevocationNotCountersigned);
    let all = paths::revocations(&RequestQuery {
        authority: query.authority.clone(),
        from: Some(view.period.from()),
        to: Some(view.period.to()),
        ..RequestQuery::default()
    });
    let list = paths::findings(&FindingQuery {
        kind: Some(FindingKind::RevocationNotCountersigned),
        authority: query.authority,
        state: FindingStates::Any,
        opened: view.period.into(),
        ..FindingQuery::default()
    });
    let out_of_band = (others > 0).then(|| {
        view! {
            <p>
                // safe link: from crate::paths
                <a href=list>{format!("{} past this console", plural(others, "revocation"))}</a>
                " were found in these days: no approved request is behind them."
            </p>
        }
    });
    let none = others == 0 && view.break_glass.is_empty() && view.policy_changes.is_empty();
    let content = match none {
        true => view! {
            <Empty title="No exceptions">
                <p>"No break-glass, no revocation past this console, and no other policy, roles or mode in these days."</p>
            </Empty>
        }
        .into_any(),
        false => view! {
            {out_of_band}
            <BreakGlass requests=view.break_glass total=view.requests.break_glass all />
            <Changes changes=view.policy_changes total=view.totals.policy_changes period=view.period />
        }
        .into_any(),
    };
    view! {
        <div id="exceptions">
            <Section title="Exceptions">{content}</Section>
        </div>
    }
}

#[component]
fn BreakGlass(requests: Vec<Request>, total: u64, all: String) -> impl IntoView {
    let shown = requests.len();
    let row = |request: Request| {
        let why = request.alone.as_ref().map(|alone| brief(&alone.why));
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::revocation(&request.id)>
                        {plural(u64::from(request.target_count), "certificate")}
                    </a>
                </th>
                <td>{visible(&request.requester.name)}</td>
                <td>
                    <Utc at=request.requested_at />
                </td>
                <td class="wrap">{why}</td>
            </tr>
        }
    };
    let columns = ["Break-glass", "By", "When", "Why"].map(Column::text).to_vec();
    (!requests.is_empty()).then(|| {
        view! {
            <Table caption="Requests that their requesters carried out alone" columns>
                {requests.into_iter().map(row).collect_view()}
            </Table>
            // safe link: from crate::paths above
            <Rest shown total href=all label="All requests of these days, also as a file" />
        }
    })
}

#[component]
fn Changes(changes: Vec<PolicyChange>, total: u64, period: Period) -> impl IntoView {
    let (shown, all) = (changes.len(), entries(Action::ConfigurationChanged, period));
    let row = |change: PolicyChange| {
        let fact = |(name, value): (String, String)| {
            view! {
                <div>
                    <dt>{visible(&name)}</dt>
                    <dd>{visible(&value)}</dd>
                </div>
            }
        };
        view! {
            <tr>
                <th scope="row">
                    <a href=paths::ledger_entry(change.seq)>{format!("Entry {}", change.seq)}</a>
                </th>
                <td>{visible(&change.process)}</td>
                <td>
                    <Utc at=change.at />
                </td>
                <td class="wrap">
                    <dl class="detail">{change.changes.into_iter().map(fact).collect_view()}</dl>
                </td>
            </tr>
        }
    };
    let columns = ["Change of policy", "Process", "When", "What"].map(Column::text).to_vec();
    (!changes.is_empty()).then(|| {
        view! {
            <Table caption="Changes of policy, roles and mode" columns>
                {changes.into_iter().map(row).collect_view()}
            </Table>
            // safe link: from crate::paths below
            <Rest shown total href=all label="All of them in the ledger, also as a file" />
        }
    })
}

/// What the ledger has of an action in these days.
fn entries(action: Action, period: Period) -> String {
    paths::ledger(&LedgerQuery {
        action: Some(action),
        from: Some(period.from()),
        to: Some(period.to()),
        ..LedgerQuery::default()
    })
}

#[component]
pub fn People(people: Vec<RolesSeen>, total: u64, period: Period, ledger: LedgerRead) -> impl IntoView {
    let (shown, all) = (people.len(), entries(Action::SignedIn, period));
    let reading = ledger.is_reading.then(|| {
        view! {
            <Flash tone=Tone::Info title="The ledger is still being read">
                <p>
                    {format!("After a start, all its entries are read; {} so far. Changes of policy and people may be missing here.", count(ledger.entries))}
                </p>
            </Flash>
        }
    });
    let row = |seen: RolesSeen| {
        let roles: Vec<&str> = seen.roles.iter().copied().map(Role::name).collect();
        let roles = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
        view! {
            <tr>
                <th scope="row">
                    {visible(&seen.person.name)} <div class="small muted">{visible(seen.person.id.as_str())}</div>
                </th>
                <td>{roles}</td>
                <td>
                    <Utc at=seen.first />
                </td>
                <td>
                    <Utc at=seen.last />
                </td>
                <td class="num">{count(seen.sign_ins)}</td>
            </tr>
        }
    };
    let columns = vec![
        Column::text("Person"),
        Column::text("Roles"),
        Column::text("First sign-in"),
        Column::text("Last sign-in"),
        Column::number("Sign-ins"),
    ];
    let content = match people.is_empty() {
        true => view! {
            <Empty title="Nobody signed in">
                <p>"As far as the entries of the ledger say that have their place."</p>
            </Empty>
        }
        .into_any(),
        false => view! {
            <Table caption="Who signed in with which roles" columns>
                {people.into_iter().map(row).collect_view()}
            </Table>
            // safe link: from crate::paths above
            <Rest shown total href=all label="All sign-ins in the ledger, also as a file" />
        }
        .into_any(),
    };
    view! {
        <Section title="Who had which role">
            {reading}
            <p class="muted small">"As the ledger saw them sign in; a line for each set of roles."</p>
            {content}
        </Section>
    }
}
