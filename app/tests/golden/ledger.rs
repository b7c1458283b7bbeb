//! The ledger, and one entry of it.

use app::ledger::{Entries, OneEntry};
use domain::ledger::{Action, Body, Object, Who};
use domain::views::{Cosigned, LedgerEntry, LedgerLine, LedgerPage, LogHead, LogNow, Published, Witnessed};
use leptos::prelude::*;

use super::golden;
use super::sample::{minutes_ago, person};

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
            lines: vec![line(None, false), line(Some(12_035), false), line(Some(12_034), true)],
            next: Some(12_034),
            total: 12_036,
            log: Some(LogNow {
                origin: "pki.example.com/countersign".to_owned(),
                checkpoint: Ok(Some(head)),
            }),
        }
    };
    golden("ledger", move || view! { <Entries page=page() /> }).await;
}

#[tokio::test]
async fn an_entry_has_a_page_with_its_proof() {
    let entry = |published| LedgerEntry {
        line: line(Some(12_034), published),
        text: "{\"version\":2,\"id\":\"a.0\"}".to_owned(),
    };
    golden("ledger-entry", move || view! { <OneEntry entry=entry(true) /> }).await;
    golden("ledger-entry-not-published", move || view! { <OneEntry entry=entry(false) /> }).await;
}
