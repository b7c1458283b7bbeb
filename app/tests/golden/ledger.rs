//! The ledger, whole and narrowed.

use app::ledger::Entries;
use domain::ledger::{Action, Body, Object, Who};
use domain::people::Person;
use domain::views::{LedgerLine, LedgerPage, LedgerQuery, LogHead, LogNow, Published};
use leptos::prelude::*;

use super::golden;
use super::sample::minutes_ago;

fn page() -> LedgerPage {
    let person = Person { id: "idp|1".parse().unwrap(), name: "Olivia <b>Ops</b>".to_owned(), human: None };
    let who = Who::Person { person, roles: vec![domain::Role::Operator] };
    let object = Object::Route("exports/findings.csv".to_owned());
    let body = Body::new(minutes_ago(3), who, Action::ExportBegun, object)
        .with("filter", "severity=critical")
        .with("columns", "id,kind");
    let line = |seq, body| LedgerLine {
        seq,
        hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        body,
        published: seq.map(|size| Published { size, since: minutes_ago(2) }),
    };
    let head = LogHead { size: 7, root: "root".to_owned(), cosignatures: Vec::new() };
    LedgerPage {
        lines: vec![
            line(None, Ok(body.clone())),
            line(Some(7), Ok(body)),
            line(Some(6), Err("{\"new\":1}".to_owned())),
        ],
        next: Some(6),
        total: 8,
        searched: None,
        log: Some(LogNow { origin: "ledger.example".to_owned(), checkpoint: Ok(Some(head)) }),
    }
}

#[tokio::test]
async fn the_ledger_is_listed_and_searched() {
    golden("ledger", || view! { <Entries query=LedgerQuery::default() page=page() /> }).await;
    let query = LedgerQuery {
        person: Some("Olivia <b>".to_owned()),
        action: Some(Action::ExportBegun),
        about: Some("finding:duplicate.a-1.0a".parse().unwrap()),
        from: Some(minutes_ago(60)),
        before: Some(9),
        ..LedgerQuery::default()
    };
    let narrowed = query.clone();
    golden("ledger-narrowed", move || {
        let page = LedgerPage { searched: Some(5000), ..page() };
        view! { <Entries query=narrowed.clone() page /> }
    })
    .await;
    golden("ledger-without-a-match", move || {
        let page = LedgerPage { lines: Vec::new(), next: None, searched: Some(12), ..page() };
        view! { <Entries query=query.clone() page /> }
    })
    .await;
}
