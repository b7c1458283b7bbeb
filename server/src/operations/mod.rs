//! What tells the people who run Countersign how it is: a listener of its own, which no stranger reaches.

mod health;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

pub use health::{HEALTH, READY, Readiness, routes};

use crate::process::{Process, say};

/// Answers on `address` with health and metrics, until the process is asked to stop.
///
/// # Errors
/// It cannot listen there.
pub async fn start(process: &Process, address: SocketAddr, readiness: Arc<Readiness>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address} (server.operations_listen): is another program there?")
    })?;
    let rendered = process.metrics.clone();
    let router = Router::new()
        .merge(routes(readiness))
        .route("/metrics", get(move || std::future::ready(rendered.render())));
    say(&format!("operations on http://{}", listener.local_addr()?))?;
    let stop = process.stop.clone();
    tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).into_future());
    Ok(())
}
