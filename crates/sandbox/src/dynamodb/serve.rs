//! What answers at DynamoDB's endpoint: two dynoxides on one file. A dynoxide does one thing after another; the one that scans
//! reads what is committed (SQLite's WAL) on a connection and a thread of its own, so that nobody else waits for it.
//!
//! A scan that names no limit gets one: dynoxide would read the whole rest of the table for each page, and throw away what is
//! over a megabyte of it.

use std::path::PathBuf;

use anyhow::anyhow;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use dynoxide::Database;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Items that one answer to a scan looks at, at most. At AWS it would be a megabyte of them.
const PAGE: u32 = 2_000;
/// DynamoDB takes no longer request.
const LONGEST: usize = 16 << 20;

/// Answers on `listener` until `stop`: from `database`, and scans from the same file.
pub(crate) async fn serve(
    listener: TcpListener,
    database: Database,
    file: PathBuf,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let (all, scans) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let front = Front {
        client: Client::builder(TokioExecutor::new()).build(connector),
        all: all.local_addr()?.to_string(),
        scans: scans.local_addr()?.to_string(),
    };
    let router = Router::new().fallback(answer).with_state(front);
    tokio::try_join!(
        dynoxide(all, database, stop.clone()),
        on_a_thread(scans, super::open(&file)?, stop.clone()),
        crate::http::serve(listener, router, stop),
    )?;
    Ok(())
}

async fn dynoxide(listener: TcpListener, database: Database, stop: CancellationToken) -> anyhow::Result<()> {
    let served = dynoxide::server::serve_with_shutdown(listener, database, stop.cancelled_owned()).await;
    served.map_err(|error| anyhow!("DynamoDB stopped: {error}"))
}

/// A dynoxide that cannot hold up the threads of all the others. Whoever drops it stops it.
async fn on_a_thread(
    listener: TcpListener,
    database: Database,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let stop = stop.child_token();
    let _stopped = stop.clone().drop_guard();
    let listener = listener.into_std()?;
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { dynoxide(TcpListener::from_std(listener)?, database, stop).await })
    };
    tokio::task::spawn_blocking(serve).await?
}

/// What tells scans from all else.
#[derive(Clone)]
struct Front {
    client: Client<HttpConnector, Body>,
    /// Addresses.
    all: String,
    scans: String,
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    front.forward(request).await.unwrap_or_else(|error| {
        tracing::warn!("DynamoDB did not answer: {error:#}");
        StatusCode::BAD_GATEWAY.into_response()
    })
}

impl Front {
    async fn forward(&self, request: Request) -> anyhow::Result<Response> {
        let (mut parts, body) = request.into_parts();
        let body = to_bytes(body, LONGEST).await?;
        let is_scan = parts.headers.get("x-amz-target").is_some_and(|to| to == "DynamoDB_20120810.Scan");
        let (to, body) = if is_scan { (&self.scans, limited(body)) } else { (&self.all, body) };
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = Uri::builder().scheme("http").authority(to.as_str()).path_and_query(path).build()?;
        // Those of the body as it is now are written by the client.
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRANSFER_ENCODING);
        let answered = self.client.request(Request::from_parts(parts, Body::from(body))).await?;
        Ok(answered.map(Body::new))
    }
}

/// The same scan, of a page's items at most. What is no scan is refused by whom it is for.
fn limited(body: Bytes) -> Bytes {
    let Ok(Value::Object(mut scan)) = serde_json::from_slice(&body) else { return body };
    scan.entry("Limit").or_insert(PAGE.into());
    Value::Object(scan).to_string().into()
}
