//! When certificates expire.

use app::expiry::Expiry;
use domain::AuthorityId;
use domain::views::{CalendarUnit, ExpiryQuery, ExpiryView};
use leptos::prelude::*;

use super::golden;
use super::sample::{authority, named_authority, now};

fn view(query: &ExpiryQuery) -> ExpiryView {
    let other: AuthorityId = "55667788-1234-1122-2233-112233445566".parse().unwrap();
    let mut spans = query.spans(now());
    spans[0].counts = [(authority(), 12), (other.clone(), 3)].into();
    spans[3].counts = [(authority(), 1)].into();
    spans[5].counts = [(other, 90)].into();
    ExpiryView {
        authorities: vec![named_authority("Devices EU")],
        spans,
        as_of: Some(now()),
        calendar: Some("cGVyc29u.07".to_owned()),
    }
}

#[tokio::test]
async fn when_certificates_expire() {
    for &unit in CalendarUnit::ALL {
        let query = ExpiryQuery { unit, ..ExpiryQuery::default() };
        let name = format!("expiry-{}", unit.name());
        golden(&name, move || view! { <Expiry query=query.clone() view=view(&query) make=ServerAction::new() withdraw=ServerAction::new() /> }).await;
    }
    let query = ExpiryQuery { authority: Some(authority()), ..ExpiryQuery::default() };
    let nothing =
        ExpiryView { authorities: Vec::new(), spans: query.spans(now()), as_of: None, calendar: None };
    golden("expiry-unread", move || view! { <Expiry query=query.clone() view=nothing.clone() make=ServerAction::new() withdraw=ServerAction::new() /> }).await;
}
