//! Pages and parts as the server renders them, against the HTML in `snapshots/`. After a change that is meant:
//! `INSTA_UPDATE=always cargo test -p app --features ssr --test pages`, and read what git says has changed.

mod compliance;
mod expiry;
mod html;
mod incidents;
mod ledger;
mod me;
mod records;
mod revocations;
mod runs;
mod sample;
mod trail;

use app::session::Viewer;
use app::ui::WorkerNotice;
use app::ui::layout::Layout;
use domain::views::WorkerState;
use leptos::prelude::*;
use leptos_router::components::Router;

use super::render_for;

/// Compares the page for an operator with `snapshots/{name}.snap`.
async fn golden<V: IntoView + 'static>(name: &str, page: impl Fn() -> V + Clone + Send + Sync + 'static) {
    golden_for(name, sample::viewer(), page).await;
}

async fn golden_for<V: IntoView + 'static>(
    name: &str,
    viewer: Viewer,
    page: impl Fn() -> V + Clone + Send + Sync + 'static,
) {
    let routed = move || {
        let page = page.clone();
        view! {
            <head></head>
            <Router>{page()}</Router>
        }
    };
    let (_, html) = render_for(viewer, "/", routed).await;
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, html::laid_out(&html)));
}

#[tokio::test]
async fn the_frame_around_every_page() {
    golden("frame", || view! { <Layout>"The page"</Layout> }).await;
}

#[tokio::test]
async fn that_nothing_works_in_the_background_is_said() {
    let today = "2026-11-22T11:58:07Z".parse().unwrap();
    let before = "2026-11-19T23:15:00Z".parse().unwrap();
    golden("worker-alive", || view! { <WorkerNotice state=WorkerState::Alive /> }).await;
    golden("worker-silent", move || view! { <WorkerNotice state=WorkerState::SilentSince(today) /> }).await;
    golden(
        "worker-silent-for-days",
        move || view! { <WorkerNotice state=WorkerState::SilentSince(before) /> },
    )
    .await;
    golden("worker-never-seen", || view! { <WorkerNotice state=WorkerState::NeverSeen /> }).await;
}
