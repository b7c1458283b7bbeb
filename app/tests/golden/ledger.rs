//! The ledger, whole and narrowed, and one entry of it.

use app::ledger::{Entries, OneEntry};
use domain::ledger::{Action, Body, Object, Who};
use domain::people::Person;
use domain::views::{
    Cosigned, LedgerEntry, LedgerLine, LedgerPage, LedgerQuery, LogHead, LogNow, Published, Witnessed,
};
use leptos::prelude::*;

use super::golden;
use super::sample::{minutes_ago, person};

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
    let head = LogHead { size: 7, root: "root".to_owned(), witnesses: Vec::new() };
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

fn line(seq: Option<u64>, published: bool) -> LedgerLine {
    let object = Object::Request("0193533a-0000-7000-8000-000000000001".parse().unwrap());
    let who = Who::Person { person: person("ben"), roles: Vec::new() };
    let body = Body::new(minutes_ago(9), who, Action::RevocationApproved, object);
    let published = published.then(|| Published { size: 12_034, since: minutes_ago(8) });
    let body = Ok(body.with("approvals", "1 of 2").with("hash", "5a".repeat(32)));
    LedgerLine { seq, hash: "0b".repeat(32), body, published }
}

#[tokio::test]
async fn the_ledger_says_who_has_seen_it() {
    let page = || {
        let seen = |witness: &str, seen| Witnessed { witness: witness.to_owned(), seen };
        let witnesses = vec![
            seen("auditor", Ok(Some(Cosigned { size: 12_000, at: minutes_ago(60) }))),
            seen("insurer", Ok(None)),
            seen("regulator", Err("it is of the log another".to_owned())),
        ];
        let head = LogHead { size: 12_034, root: "5nP6cQ==".to_owned(), witnesses };
        LedgerPage {
            searched: None,
            lines: vec![line(None, false), line(Some(12_035), false), line(Some(12_034), true)],
            next: Some(12_034),
            total: 12_036,
            log: Some(LogNow {
                origin: "pki.example.com/countersign".to_owned(),
                checkpoint: Ok(Some(head)),
            }),
        }
    };
    golden(
        "ledger-seen-by-witnesses",
        move || view! { <Entries query=LedgerQuery::default() page=page() /> },
    )
    .await;
}

#[tokio::test]
async fn an_entry_has_a_page_with_its_proof() {
    let entry = |published| LedgerEntry {
        line: line(Some(12_034), published),
        text: "{\"version\":2,\"id\":\"a.0\"}".to_owned(),
        differs: None,
    };
    let differs = Some("The log has another entry in this place.".to_owned());
    let changed = LedgerEntry { differs, ..entry(true) };
    golden("ledger-entry-changed", move || view! { <OneEntry entry=changed.clone() /> }).await;
    golden("ledger-entry", move || view! { <OneEntry entry=entry(true) /> }).await;
    golden("ledger-entry-not-published", move || view! { <OneEntry entry=entry(false) /> }).await;
}
