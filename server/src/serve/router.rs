//! The table of contents of what is served, and the layers around it.

use std::path::Path;
use std::sync::Arc;

use app::App;
use app::assets::Names;
use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use axum::middleware::{from_fn, from_fn_with_state};
use leptos::config::{Env, LeptosOptions};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::ServeDir;

use super::frame::{frame, panicked};
use super::guard::{Guard, LARGEST_BODY, guard};
use super::headers::Headers;
use super::limit::{Limiter, limit};
use super::{calendar, evidence, exports, lists, pack};
use crate::operations::{self, Readiness};
use crate::session;
use crate::sign_in::{self, SignIn};

/// Where the build puts the browser's half; `LEPTOS_SITE_ROOT` says otherwise.
const SITE: &str = "target/site";

/// Everything that answers. The guard stands before all of it, files included.
pub fn router(sign_in: SignIn, readiness: Arc<Readiness>, limiter: Limiter) -> anyhow::Result<Router> {
    let site = std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| SITE.to_owned());
    let names = Names::find(Path::new(&site)).unwrap_or_else(|| {
        tracing::warn!(site, "the site is not built: pages will be bare (cargo xtask build)");
        Names::default()
    });
    let program = names.program.as_str();
    let options =
        LeptosOptions::builder().output_name(program).site_root(site.as_str()).env(Env::PROD).build();
    names.provide();
    let headers = Headers::new(&sign_in.public_url, sign_in.provider.clone());
    let wall = Guard {
        roles: sign_in.roles.clone(),
        public_url: sign_in.public_url.clone(),
        journal: sign_in.journal.clone(),
        limiter: limiter.clone(),
    };
    let csrf = CsrfLayer::new().add_trusted_origin(sign_in.public_url.origin())?;
    let sessions = session::layer(sign_in.sessions.clone());
    let exports = exports::routes(sign_in.console.clone());
    let context = context(sign_in.clone(), headers.clone());
    let pages = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context, {
            let options = options.clone();
            move || app::shell(options.clone())
        })
        .with_state(options);
    // Without optimisation, compressing takes longer than sending: whoever develops does both on one machine.
    let worth = |_: StatusCode, _: Version, _: &HeaderMap, _: &Extensions| !cfg!(debug_assertions);
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(DefaultPredicate::new().and(worth));
    let files = ServeDir::new(&site).precompressed_br().precompressed_gzip();
    // The last layer is the outermost.
    Ok(Router::new()
        .merge(operations::routes(readiness))
        .merge(calendar::routes(sign_in.console.clone(), sign_in.public_url.clone()))
        .merge(evidence::routes(sign_in.console.clone()))
        .merge(pack::routes(sign_in.console.clone()))
        .merge(lists::routes(sign_in.console.clone())?)
        .merge(sign_in::routes(sign_in))
        .merge(exports)
        .merge(pages)
        .layer(compression)
        .fallback_service(files)
        .layer(from_fn_with_state(wall, guard))
        .layer(sessions)
        .layer(from_fn(session::attend))
        .layer(csrf)
        // Above what the guard takes, so that whoever sends somewhat too much reads in its answer how much it takes.
        .layer(RequestBodyLimitLayer::new(usize::try_from(2 * LARGEST_BODY)?))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(limiter, limit))
        .layer(from_fn_with_state(headers, frame)))
}

/// What every page and every server function finds in its context.
fn context(sign_in: SignIn, headers: Headers) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let origin = sign_in.public_url.origin().to_owned();
        app::session::provide(sign_in.console.clone(), origin, sign_in.clock.now());
        provide_context(sign_in.signing());
        // Pages have a nonce, server functions have none.
        let policy: Option<HeaderValue> = use_nonce().and_then(|nonce| headers.policy(Some(&nonce)));
        if let (Some(policy), Some(response)) = (policy, use_context::<ResponseOptions>()) {
            response.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    }
}
