//! One entry of the ledger as a row: when, who, what, about what, and the facts that were recorded with it.

use domain::ledger::{Action, Body, Object, Who};
use domain::views::{LedgerLine, Published};
use leptos::prelude::*;

use crate::findings::headline;
use crate::paths;
use crate::ui::{Badge, Icon, Long, Mark, Tone, Utc, count, short, visible};

/// How many facts of an entry a list shows at first.
const SHOWN: usize = 6;

#[component]
pub fn Entry(line: LedgerLine) -> impl IntoView {
    let LedgerLine { seq, hash, body, published } = line;
    let content = match body {
        Ok(body) => view! { <Read body /> }.into_any(),
        Err(text) => view! {
            <td colspan="5" class="wrap">
                <Badge of=Mark::new(Tone::Medium, Icon::Alert, "Unknown kind of entry") />
                " "
                <code>{visible(&text)}</code>
            </td>
        }
        .into_any(),
    };
    view! {
        <tr id=seq.map(|seq| format!("entry-{seq}"))>
            <th scope="row" class="num">
                {seq.map_or_else(|| "–".into_any(), number)}
            </th>
            {content}
            <td>{checkpoint(seq, published)}</td>
            <td>
                <Long value=hash head=8 tail=4 />
            </td>
        </tr>
    }
}

fn number(seq: u64) -> AnyView {
    view! { <a href=paths::entry(seq)>{seq}</a> }.into_any()
}

/// Since when others can see it, and what shows that.
fn checkpoint(seq: Option<u64>, published: Option<Published>) -> AnyView {
    match published {
        Some(Published { size, since }) => view! {
            {format!("Since {} entries", count(size))}
            <div class="small muted">
                <Utc at=since />
            </div>
            {seq.map(|seq| proof(seq, "Proof"))}
        }
        .into_any(),
        None => view! { <span class="muted">"Not yet"</span> }.into_any(),
    }
}

/// The entry as a file, with the proof that it is in the log.
pub(super) fn proof(seq: u64, label: &'static str) -> AnyView {
    view! {
        <a href=paths::entry_proof(seq) download>
            {label}
            <span class="visually-hidden">{format!(" of entry {seq}")}</span>
        </a>
    }
    .into_any()
}

#[component]
fn Read(body: Body) -> impl IntoView {
    let Body { at, who, action, object, detail } = body;
    let mut first: Vec<(String, String)> = detail.into_iter().collect();
    let rest = if first.len() > SHOWN + 1 { first.split_off(SHOWN) } else { Vec::new() };
    let rest = (!rest.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("{} more", rest.len())}</summary>
                {facts(rest)}
            </details>
        }
    });
    view! {
        <td>
            <Utc at />
        </td>
        <td>{person(who)}</td>
        <td>
            {match mark(action) {
                Some(mark) => view! { <Badge of=mark /> }.into_any(),
                None => action.label().into_any(),
            }}
        </td>
        <td class="wrap-narrow">{about(object)}</td>
        <td class="wrap">{facts(first)} {rest}</td>
    }
}

/// What was recorded with it.
pub(super) fn facts(detail: impl IntoIterator<Item = (String, String)>) -> AnyView {
    let fact = |(name, value): (String, String)| {
        view! {
            <div>
                <dt>{name.replace('_', " ")}</dt>
                <dd>{visible(&value)}</dd>
            </div>
        }
    };
    view! { <dl class="detail">{detail.into_iter().map(fact).collect_view()}</dl> }.into_any()
}

/// The name, with what they acted as below it.
pub(super) fn person(who: Who) -> impl IntoView {
    let (name, role) = match who {
        Who::Person { person, roles } => {
            let roles: Vec<&str> = roles.into_iter().map(domain::Role::name).collect();
            (person.name, roles.join(", "))
        }
        Who::System { part } => ("Countersign".to_owned(), part),
        Who::Stranger => ("Somebody not signed in".to_owned(), String::new()),
    };
    view! {
        <div class="clip">{name}</div>
        <div class="small muted">{role}</div>
    }
}

/// How an entry stands out that somebody should look at.
pub(super) fn mark(action: Action) -> Option<Mark> {
    match action {
        Action::Refused | Action::SignInRefused => Some(Mark::new(Tone::Medium, Icon::Ban, action.label())),
        Action::RunFailed | Action::RevocationFailed | Action::RevocationOverdue | Action::AlertRaised => {
            Some(Mark::new(Tone::High, Icon::Alert, action.label()))
        }
        _ => None,
    }
}

pub(super) fn about(object: Object) -> AnyView {
    let (href, label) = match object {
        Object::Request(id) => (paths::revocation(&id), "The request".to_owned()),
        Object::Finding(id) => (paths::finding(&id), headline(&id)),
        Object::Run { authority, id } => (paths::run(&authority.id(), &id), "The run".to_owned()),
        Object::Certificate { authority, serial } => {
            (paths::certificate(&authority.id(), serial), format!("Certificate {}", short(serial)))
        }
        Object::Incident(id) => (paths::incident(&id), "The incident".to_owned()),
        Object::Session => return "A session".into_any(),
        Object::Route(path) => return view! { <code class="clip">{path}</code> }.into_any(),
    };
    // safe link: from crate::paths above
    view! { <a href=href>{label}</a> }.into_any()
}
