//! A person's own page and the channels, from made-up records.

use std::time::Duration;

use app::channels::Channels;
use app::me::Me;
use domain::ledger::{About, Action, Body, Object, Who};
use domain::notify::{Audience, ChannelKind, Delivery, Digest, Kind, Notice, Route};
use domain::views::{ChannelView, ChannelsView, LedgerLine, MeView, OwnSession, Sent};
use domain::{FindingKind, FindingState, Role, Severity};
use leptos::prelude::*;

use super::golden;
use super::records::finding;
use super::revocations::request;
use super::sample::{minutes_ago, named_authority, now, person};

fn notice(kind: Kind, minutes: u64, sentence: &str) -> Notice {
    Notice {
        kind,
        severity: kind.severity(),
        sentence: sentence.to_owned(),
        about: Some(About::Request("0193533a-0000-7000-8000-000000000001".parse().unwrap())),
        by: Some(person("operator")),
        audience: Audience { roles: vec![Role::Approver], people: Vec::new() },
        ..Notice::test("0193533a-0000-7000-8000-00000000000b".to_owned(), None, minutes_ago(minutes))
    }
}

fn delivery(minutes: u64) -> Delivery {
    Delivery::new("on-call", "hooks.example", minutes_ago(minutes), false)
}

fn channel(name: &str, kind: ChannelKind, route: Route) -> ChannelView {
    let (name, host) = (name.to_owned(), "hooks.example".to_owned());
    ChannelView { name, kind, host, route, waiting: Vec::new(), ended: Vec::new() }
}

fn all_channels() -> Vec<ChannelView> {
    let hostile = "<!channel> [pki](https://evil.example)\u{202e}";
    let failed = delivery(20).after(Err("It answered 503 Service Unavailable.".to_owned()), minutes_ago(1));
    let narrow = Route {
        kinds: vec![Kind::RequestWaits, Kind::Decided],
        severity: Severity::Medium,
        authorities: vec![named_authority("").arn],
        digest: Some(Digest { at: Duration::from_secs(7 * 3600 + 1800), up_to: Severity::Medium }),
    };
    let of = |notice: Notice, delivery: Delivery| Sent { notice, delivery };
    vec![
        ChannelView {
            ended: vec![of(
                notice(Kind::RequestWaits, 9, hostile),
                delivery(9).after(Ok(()), minutes_ago(8)),
            )],
            ..channel("on-call", ChannelKind::Webhook, Route::default())
        },
        ChannelView {
            waiting: vec![of(notice(Kind::Decided, 20, "approver approved: a request."), failed)],
            ..channel("chat", ChannelKind::Slack, narrow)
        },
        channel("mail", ChannelKind::Email, Route::default()),
    ]
}

#[tokio::test]
async fn channels_and_how_they_fare() {
    let view = |channels: Vec<ChannelView>, cannot_test: Option<&str>| ChannelsView {
        channels,
        authorities: vec![named_authority("Devices EU")],
        cannot_test: cannot_test.map(str::to_owned),
    };
    golden("channels", move || {
        view! { <Channels view=view(all_channels(), None) test=ServerAction::new() /> }
    })
    .await;
    golden("channels-of-an-auditor", move || {
        let mut channels = all_channels();
        channels.truncate(1);
        let view = view(channels, Some("Only an operator can do this."));
        view! { <Channels view test=ServerAction::new() /> }
    })
    .await;
    golden("channels-none", move || {
        view! { <Channels view=view(Vec::new(), None) test=ServerAction::new() /> }
    })
    .await;
}

#[tokio::test]
async fn what_concerns_somebody() {
    let empty = || MeView {
        requests: Vec::new(),
        asked: Vec::new(),
        findings: Vec::new(),
        authorities: vec![named_authority("Devices EU")],
        did: Vec::new(),
        told: Vec::new(),
        sessions: vec![OwnSession {
            hash: "ab".repeat(32),
            begun_at: Some(minutes_ago(70)),
            expires_at: now().plus(Duration::from_secs(1800)),
            current: true,
        }],
    };
    golden("me-nothing", move || {
        view! { <Me view=empty() end=ServerAction::new() end_others=ServerAction::new() /> }
    })
    .await;
    golden("me", move || {
        let mut mine = finding(FindingKind::DatesDiffer, 3);
        let due = Some(now().plus(Duration::from_secs(86_400)));
        mine.state = FindingState::Acknowledged { owner: person("operator"), due };
        let who = Who::Person { person: person("operator"), roles: vec![Role::Operator] };
        let object = Object::Finding(mine.id.clone());
        let body = Body::new(minutes_ago(30), who, Action::FindingAcknowledged, object);
        let did = |seq, body| LedgerLine { seq, hash: "cd".repeat(32), body, published: None };
        let other = OwnSession {
            hash: "ef".repeat(32),
            begun_at: None,
            expires_at: now().plus(Duration::from_secs(60)),
            current: false,
        };
        let view = MeView {
            requests: vec![request().0],
            findings: vec![mine],
            did: vec![did(None, Ok(body.clone())), did(Some(17), Ok(body))],
            told: vec![notice(Kind::Decided, 9, "approver rejected: a <b>request</b>\u{202e}.")],
            sessions: [empty().sessions, vec![other]].concat(),
            ..empty()
        };
        view! { <Me view end=ServerAction::new() end_others=ServerAction::new() /> }
    })
    .await;
}
