//! The parts of `app::ui` on sample pages, as static HTML to look at and to photograph, without server or records:
//! `cargo run -p app --features ssr --example gallery -- FOLDER` writes one file a page.

mod forms;
mod lists;
mod sample;
mod trail;

use std::path::PathBuf;

use app::session::Viewer;
use app::theme::Theme;
use app::ui::layout::Layout;
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::location::RequestUrl;

type Content = fn() -> AnyView;

/// A page's address, the name of its file, and what is on it.
const PAGES: [(&str, &str, Content); 12] = [
    ("/", "overview", || lists::overview().into_any()),
    ("/certificates", "certificates", || lists::certificates().into_any()),
    ("/certificates/a/b", "certificate", || lists::certificate().into_any()),
    ("/findings", "findings", || lists::findings().into_any()),
    ("/findings/x", "finding", || lists::finding().into_any()),
    ("/activity", "activity", || trail::activity().into_any()),
    ("/activity/x", "event", || trail::event().into_any()),
    ("/identity", "identity", || trail::identity().into_any()),
    ("/coverage", "coverage", || trail::coverage().into_any()),
    ("/runs/a/b", "run", || lists::run().into_any()),
    ("/revocations/new", "request", || forms::request().into_any()),
    ("/revocations/x", "decide", || forms::decide().into_any()),
];

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned()));
    std::fs::create_dir_all(&folder)?;
    // Listing the routes starts what the navigation asks for its counts with; here it gets no answer.
    let runtime = tokio::runtime::Runtime::new()?;
    let _entered = runtime.enter();
    drop(leptos_axum::generate_route_list(app::App));
    for theme in [Theme::Light, Theme::Dark] {
        for (path, name, content) in PAGES {
            let file = folder.join(format!("{name}-{}.html", theme.name()));
            std::fs::write(file, document(path, theme, content))?;
        }
    }
    Ok(())
}

fn document(path: &str, theme: Theme, content: Content) -> String {
    Owner::new().with(|| {
        let viewer = Viewer { theme, ..sample::viewer() };
        provide_context(RequestUrl::new(&format!("http://localhost{path}")));
        provide_context(viewer.clone());
        leptos_meta::provide_meta_context();
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=theme.attribute()>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <title>"Countersign"</title>
                    <link rel="stylesheet" href=concat!("file://", env!("CARGO_MANIFEST_DIR"), "/../style/main.css") />
                </head>
                <body data-hydrated="true">
                    <Router>
                        <Layout viewer>{content()}</Layout>
                    </Router>
                </body>
            </html>
        }
        .to_html()
    })
}
