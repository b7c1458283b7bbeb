//! The pages about the trail, with records in which every text is hostile.

use app::activity::{Activity, OneEvent};
use app::coverage::Coverage;
use app::identity::OneIdentity;
use domain::FindingId;
use domain::trail::{About, Authorisation, Event, Failure, Hour, Identity, Problem, Proof, What};
use domain::views::{
    ActivityPage, ActivityQuery, ActivityStrip, CoverageDay, CoverageView, Deed, EventLine, EventView,
    IdentityKey, IdentityQuery, IdentityView, Ingestion, Issued, IssuedCertificate, LogFile, StripHour,
    StripRow, TrailCoverage, TrailProblem,
};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_params_map;
use leptos_router::path;

use super::*;

/// A page within the router, as all are.
async fn page<V: IntoView + 'static>(view: impl Fn() -> V + Clone + Send + Sync + 'static) -> String {
    let routed = move || {
        let view = view.clone();
        view! {
            <head></head>
            <Router>{view()}</Router>
        }
    };
    let (status, html) = render("/", "operator", routed).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!html.contains("<script>alert") && !html.contains("</textarea><script"), "{html}");
    html
}

fn hostile() -> String {
    format!("{HOSTILE}\u{202e}\"'&{{}}")
}

fn event() -> Event {
    let identity = Identity {
        principal: hostile(),
        session: Some(hostile()),
        access_key: Some(hostile()),
        account: Some(hostile()),
        invoked_by: Some(hostile()),
        mfa: Some(true),
        ..Identity::unknown()
    };
    Event {
        id: "e-1".parse().unwrap(),
        time: Timestamp::EPOCH,
        name: hostile(),
        source: hostile(),
        region: hostile(),
        account: Some(hostile()),
        identity,
        address: Some(hostile()),
        user_agent: Some(hostile()),
        request_id: Some(hostile()),
        failure: Some(Failure { code: hostile(), message: Some(hostile()) }),
        read_only: false,
        authority: Some("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a".parse().unwrap()),
        serial: Some("0a0b".parse().unwrap()),
        key: None,
        alternative_names: Vec::new(),
        what: What::Revocation { reason: Some(hostile()) },
    }
}

fn ingestion() -> Ingestion {
    let mut ingestion = Ingestion { configured: true, problem: Some(hostile()), ..Ingestion::default() };
    ingestion.unreadable.add(hostile(), hostile());
    ingestion
}

#[tokio::test]
async fn the_activity_shows_hostile_events_as_text() {
    let html = page(|| {
        let lines = vec![EventLine { event: event(), proof: Proof::Altered }];
        let page = ActivityPage { lines, total: 1, page: 0, names: vec![hostile()], ingestion: ingestion() };
        let query =
            ActivityQuery { name: Some(hostile()), identity: Some(hostile()), ..ActivityQuery::default() };
        view! { <Activity query page authorities=Vec::new() /> }
    })
    .await;
    for part in ["Log file altered", "1 file or record could not be read", "1–1 of 1", "\\u{202e}", "Remove "]
    {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert!(html.contains("/identity?principal=%3C%2Ftitle%3E"), "a link to the identity");
}

#[tokio::test]
async fn the_activity_says_why_it_is_empty() {
    let shown = |query: ActivityQuery, configured: bool| {
        page(move || {
            let ingestion = Ingestion { configured, ..Ingestion::default() };
            let page = ActivityPage { ingestion, ..ActivityPage::default() };
            view! { <Activity query=query.clone() page authorities=Vec::new() /> }
        })
    };
    let all = ActivityQuery::default;
    assert!(shown(all(), false).await.contains("No trail is configured"));
    assert!(shown(all(), true).await.contains("No event yet"));
    let narrowed = ActivityQuery { address: Some("192.0.2.1".to_owned()), ..all() };
    assert!(shown(narrowed, true).await.contains("No event matches"));
}

#[tokio::test]
async fn an_event_shows_everything_as_text() {
    let html = page(|| {
        let file = LogFile {
            bucket: hostile(),
            key: hostile(),
            sha256: hostile(),
            read_at: Timestamp::EPOCH,
            proof: Proof::Missing,
        };
        let view = EventView {
            event: event(),
            authority: None,
            authorisation: Some(Authorisation::OtherAddress),
            record: format!("{{\"a\": \"{}\"}}", hostile()),
            file,
            findings: vec!["rogue_issuer.a.0a0b".parse().unwrap()],
        };
        view! { <OneEvent view /> }
    })
    .await;
    for part in [
        "is an authorised issuer, but not from this address",
        "The log file of this event is gone",
        "/findings/rogue_issuer.a.0a0b",
        "/certificates/a/0a0b",
        "The whole record",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert_eq!(html.matches("<h1>").count(), 1);
}

#[tokio::test]
async fn an_identity_leads_to_the_revocation_of_what_it_had_issued() {
    let html = page(|| {
        let certificate = IssuedCertificate {
            authority: event().authority.unwrap(),
            serial: "0a0b".parse().unwrap(),
            issued_at: Timestamp::EPOCH,
            event: "e-1".parse().unwrap(),
            status: None,
            subject: Some(hostile()),
            device: Some(hostile().parse().unwrap()),
            authorisation: Authorisation::NotAnIssuer,
        };
        let deed = Deed { name: hostile(), succeeded: 1, failed: 2, last: Timestamp::EPOCH };
        let view = IdentityView {
            key: IdentityKey::Address(hostile()),
            first_seen: Timestamp::EPOCH,
            last_seen: Timestamp::EPOCH,
            events: 3,
            strip: ActivityStrip {
                from: Timestamp::EPOCH,
                hours: 48,
                rows: vec![StripRow {
                    by: Some(IdentityKey::Principal(hostile())),
                    hours: vec![StripHour { from: Timestamp::EPOCH, succeeded: 1, failed: 2 }],
                }],
            },
            deeds: vec![deed],
            seen_with: vec![(IdentityKey::AccessKey(hostile()), 2), (IdentityKey::Principal(hostile()), 1)],
            authorisations: vec![(Authorisation::Authorised, 7), (Authorisation::NotAnIssuer, 3000)],
            unauthorised: vec![(certificate.authority.clone(), 3000)],
            certificates: vec![certificate],
            newest: vec![EventLine { event: event(), proof: Proof::Proven }],
        };
        let query = IdentityQuery { key: view.key.clone(), only: Issued::All, page: 1 };
        view! { <OneIdentity query view authorities=Vec::new() /> }
    })
    .await;
    for part in [
        "Request revocation of 3,000 unauthorised certificates",
        "/revocations/new?of=issued%3Aaddress%3D%253C%252Ftitle",
        "%26issued%3Dunauthorised",
        "51–51 of 3,007",
        "in no report yet",
        "Not by an authorised issuer: 3,000",
        "/activity?address=%3C%2Ftitle",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
}

#[tokio::test]
async fn the_calendar_has_a_word_for_every_hour() {
    let html = page(|| {
        let hour = |hour: i64, proof| Hour { from: Timestamp::from_unix(hour * 3600).unwrap(), proof };
        let hours = vec![
            hour(0, Some(Proof::Proven)),
            hour(1, Some(Proof::Unproven)),
            hour(2, Some(Proof::Missing)),
            hour(3, Some(Proof::Altered)),
            hour(4, None),
        ];
        let problem = Problem {
            from: Timestamp::from_unix(7200).unwrap(),
            to: Timestamp::from_unix(9000).unwrap(),
            proof: Proof::Missing,
            about: About::LogFile,
            object: hostile(),
            what: hostile(),
        };
        let finding = Some("trail_altered.1_eu.1970-01-01T02".parse().unwrap());
        let problem = TrailProblem { problem, finding };
        let trail = TrailCoverage {
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            days: vec![CoverageDay { date: "1970-01-01".to_owned(), hours }],
            hours: [(Proof::Missing, 1)].into(),
            problems: vec![problem],
            problems_total: 1,
        };
        let view = CoverageView {
            trails: vec![trail],
            ingestion: ingestion(),
            older_months: vec!["2026-08".to_owned()],
            cannot_load: Some("Only an operator can do this.".to_owned()),
            ..CoverageView::default()
        };
        view! { <Coverage view load=ServerAction::new() /> }
    })
    .await;
    for part in ["00:00 proven", "01:00 unproven", "02:00 missing", "03:00 altered", "04:00 nothing known"] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert!(html.contains("href=\"#problem-0-0\"") && html.contains("id=\"problem-0-0\""));
    assert!(html.contains("/findings/trail_altered.1_eu.1970-01-01T02"));
    assert!(html.contains("Only an operator can do this."));
    let calendar = html.split("class=\"calendar\"").nth(1).unwrap();
    let body = calendar.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next()).unwrap();
    assert_eq!(body.matches("<td").count(), 24, "a cell for each hour, also for those to come");
}

/// An alert's subject has slashes, colons and more; the route gets it back whole.
#[tokio::test]
async fn the_id_of_a_finding_survives_its_address() {
    #[component]
    fn Probe() -> impl IntoView {
        let params = use_params_map();
        let id = move || params.read().get_str("finding").and_then(|text| text.parse::<FindingId>().ok());
        move || id().map(|id| format!("{:?}", id.to_string()))
    }
    for subject in ["arn:aws:iam::1:user/ops/ci", "a b+c=d,e@f", "x?y&z", "é", "2026-11-22T09", "100%"] {
        let id: FindingId = format!("issuance_denied.a-1.{subject}").parse().unwrap();
        let probe = || {
            view! {
                <head></head>
                <Router>
                    <FlatRoutes fallback=|| "lost">
                        <Route path=path!("/findings/:finding") view=Probe />
                    </FlatRoutes>
                </Router>
            }
        };
        let (_, html) = render(&paths::finding(&id), "operator", probe).await;
        let shown = format!("{:?}", id.to_string()).replace('&', "&amp;");
        assert!(html.contains(&shown), "{subject}: {html}");
    }
}
