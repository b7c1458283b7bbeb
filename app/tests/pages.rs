//! The app as the server program renders it: whole pages without JavaScript, with the right status.

#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, reason = "what cannot be rendered fails the test")]

mod golden;
mod help;
mod trail;

use std::sync::LazyLock;

use app::done::Done;
use app::error::{AppError, Noun};
use app::session::Viewer;
use app::standalone::Standalone;
use app::theme::Theme;
use app::ui::{ErrorPanel, TextField, Title};
use app::{App, paths, shell};
use axum::body::{Body, to_bytes};
use axum::response::Response;
use domain::incident::IncidentQuery;
use domain::people::Person;
use domain::revocation::{Mode, Policy};
use domain::views::{
    ActivityQuery, ComparisonQuery, ComplianceQuery, ExpiryQuery, FindingQuery, Foretold, IdentityKey, Inbox,
    Narrowed, PackQuery, RequestQuery, Settings,
};
use domain::{Actor, RequestId, Role, Timestamp};
use http::{HeaderMap, Method, Request, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::AxumRouteListing;
use leptos_router::SsrMode;

const HOSTILE: &str = "</title></textarea><script>alert(1)</script>";

fn viewer(name: &str) -> Viewer {
    let person = Person { id: "https://idp.example|1".parse().unwrap(), name: name.to_owned(), human: None };
    let actor = Actor {
        person,
        roles: [Role::Operator].into(),
        groups: Vec::new(),
        signed_in_at: Timestamp::EPOCH,
        strength: Default::default(),
    };
    let policy = Policy::default();
    let place = "111122223333 · eu-central-1".to_owned();
    let environment = Some("SANDBOX".to_owned());
    let settings = Settings { environment, place, sandbox: true, mode: Mode::Drill, policy };
    Viewer {
        actor: Some(actor),
        settings,
        origin: "https://pki.example".to_owned(),
        theme: Theme::Dark,
        now: Timestamp::EPOCH,
    }
}

/// The routes, listed once and before any page is rendered, as every server does: it also starts the executor, and a
/// page that is rendered meanwhile waits for ever for what it loads.
fn routes() -> &'static [AxumRouteListing] {
    static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| leptos_axum::generate_route_list(App));
    &ROUTES
}

async fn render<V: IntoView + 'static>(
    path: &str,
    name: &'static str,
    view: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> (StatusCode, String) {
    render_for(viewer(name), path, view).await
}

async fn render_for<V: IntoView + 'static>(
    viewer: Viewer,
    path: &str,
    view: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> (StatusCode, String) {
    routes();
    let handler = leptos_axum::render_app_async_with_context(move || provide_context(viewer.clone()), view);
    let request = Request::builder().uri(path).header(header::ACCEPT, "text/html").body(Body::empty());
    text(handler(request.unwrap()).await).await
}

async fn text(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    // Without the marks that a page with erased types has behind each element.
    (status, String::from_utf8(body.to_vec()).unwrap().replace("<!>", ""))
}

fn document() -> impl IntoView + use<> {
    shell(LeptosOptions::builder().output_name("app").build())
}

#[tokio::test]
async fn an_unknown_address_is_a_page_with_status_404() {
    let (status, html) = render("/nowhere", HOSTILE, document).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(
        html.contains("<h1>No such page</h1>") && html.contains("<title>No such page · Countersign</title>"),
        "{html}"
    );
    assert!(html.contains("data-theme=\"dark\"") && html.contains("SANDBOX"));
    assert!(html.contains("/pkg/app.wasm"), "built with LEPTOS_OUTPUT_NAME=app, or the page never hydrates");
    assert!(!html.contains("<script>alert"), "a name is foreign text, in the page and in the hydration data");
}

#[tokio::test]
async fn every_route_renders_whole_pages() {
    for route in routes() {
        assert!(matches!(route.mode(), SsrMode::Async), "{} must say ssr=SsrMode::Async", route.path());
    }
}

/// Each address of `paths`, filled in, leads to a route. A new page adds its line.
#[tokio::test]
async fn every_address_leads_to_a_page() {
    let routes = routes();
    let authority = "11223344-1234-1122-2233-112233445566".parse().unwrap();
    let finding = "duplicate.11223344-1234-1122-2233-112233445566.0a".parse().unwrap();
    let denied = "issuance_denied.a-1.arn:aws:iam::111122223333:user/ops/ci".parse().unwrap();
    let request: RequestId = "0193533a-0000-7000-8000-000000000001".parse().unwrap();
    let event = "7ed0a6a0-3f4f-4e3c-9a34-000000000001".parse().unwrap();
    let serials = ["0a".parse().unwrap(), "0b".parse().unwrap()];
    let addresses = [
        paths::OVERVIEW.to_owned(),
        paths::findings(&FindingQuery::default()),
        paths::after(&paths::finding(&finding), Done::Acknowledged),
        paths::finding(&denied),
        paths::findings_together([&finding, &denied]),
        paths::findings_matching(&FindingQuery { overdue: true, ..FindingQuery::default() }),
        paths::bulk(&"0193533a-0000-7000-8000-000000000001".parse().unwrap()),
        paths::activity(&ActivityQuery { name: Some("a/b".to_owned()), ..ActivityQuery::default() }),
        paths::event(&event),
        paths::identity(&IdentityKey::Principal("arn:aws:iam::111122223333:user/ops/ci".to_owned())),
        paths::COVERAGE.to_owned(),
        paths::ME.to_owned(),
        paths::CHANNELS.to_owned(),
        paths::open_incident(&IncidentQuery { finding: Some(denied.clone()), caller: None }),
        paths::incident(&"0193533a-0000-7000-8000-000000000001".parse().unwrap()),
        paths::expiry(&ExpiryQuery { from: Some(Timestamp::EPOCH), ..ExpiryQuery::default() }),
        paths::revocations(&RequestQuery { inbox: Inbox::ForMe, ..RequestQuery::default() }),
        paths::new_revocation(&authority, &serials, Some(&finding)),
        paths::revocation_page(&request, Narrowed { only: Some(Foretold::CutOff), page: 2 }),
        paths::ledger_entry(17),
        paths::entry(17),
        paths::LEDGER_VERIFICATION.to_owned(),
        paths::comparison(&ComparisonQuery {
            authority,
            run: "0193533a-0000-7000-8000-000000000001".parse().unwrap(),
            with: None,
            only: None,
            kind: None,
            page: 0,
        }),
        paths::HELP.to_owned(),
        paths::help("runbook", Some("2-collect")),
        paths::compliance(&ComplianceQuery { page: 2, ..ComplianceQuery::default() }),
        paths::packs(&PackQuery { request: Some(request.clone()), ..PackQuery::default() }),
        paths::pack(&"0193533a-0000-7000-8000-000000000001".parse().unwrap()),
        paths::controls(&ComplianceQuery { from: Some(Timestamp::EPOCH), ..ComplianceQuery::default() }),
    ];
    for address in addresses {
        let path = address.split(['?', '#']).next().unwrap();
        let leads = routes.iter().any(|route| {
            let (pattern, address) = (route.path().split('/'), path.split('/'));
            pattern.clone().count() == address.clone().count()
                && pattern.zip(address).all(|(part, value)| part.starts_with('{') || part == value)
        });
        assert!(leads, "{address} has no route");
    }
}

#[tokio::test]
async fn an_error_in_place_of_a_page_sets_the_status() {
    for (error, status) in [
        (AppError::NotFound { what: Noun::Run }, StatusCode::NOT_FOUND),
        (AppError::Forbidden { reason: "Only an operator can do this.".to_owned() }, StatusCode::FORBIDDEN),
        (AppError::Conflict { message: "It is closed.".to_owned() }, StatusCode::CONFLICT),
    ] {
        let panel = move || view! { <head></head> <ErrorPanel error=error.clone() /> };
        assert_eq!(render("/runs/1", "operator", panel).await.0, status);
    }
}

#[test]
fn a_form_without_javascript_is_sent_back_to_its_page_whatever_the_error() {
    let status = |accept: &str| {
        Owner::new().with(|| {
            let request = Request::builder().method(Method::POST).header(header::ACCEPT, accept);
            provide_context(request.body(()).unwrap().into_parts().0);
            let response = leptos_axum::ResponseOptions::default();
            provide_context(response.clone());
            AppError::invalid("reason", "Say why.").answer_with_status();
            response.0.read().unwrap().status
        })
    };
    assert_eq!(status("text/html,application/xhtml+xml"), None);
    assert_eq!(status("application/json"), Some(StatusCode::UNPROCESSABLE_ENTITY));
}

#[tokio::test]
async fn foreign_text_stays_text() {
    let view = || {
        let error = Signal::stored(Some(AppError::invalid("serial", HOSTILE)));
        view! {
            <head></head>
            <Title text=HOSTILE />
            <TextField name="serial" label=HOSTILE hint=HOSTILE value=HOSTILE error />
        }
    };
    let (_, html) = render("/", "operator", view).await;
    assert!(!html.contains("<script>alert") && !html.contains("</title></textarea>"), "{html}");
    assert_eq!(html.matches("</title>").count(), 1);
}

#[test]
fn a_field_names_its_hint_and_its_error() {
    let html = Owner::new().with(|| {
        let error = Signal::stored(Some(AppError::invalid("ticket", "Too long.")));
        view! { <TextField name="ticket" label="Ticket" hint="Optional." error /> }.to_html()
    });
    for part in [
        "for=\"field-ticket\"",
        "aria-describedby=\"field-ticket-hint field-ticket-error\"",
        "aria-invalid=\"true\"",
        "id=\"field-ticket-error\"",
        "Too long.",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
}

#[tokio::test]
async fn pages_outside_the_app_have_no_scripts_and_escape_names() {
    let (status, html) = text(Standalone::no_role(HOSTILE).respond(&HeaderMap::new())).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(html.starts_with("<!DOCTYPE html>") && !html.contains("<script"));
    assert!(html.contains("action=\"/auth/logout\""));
}
