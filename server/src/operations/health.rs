//! Whether the process is alive, and whether it can do what it is there for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use console::Freshness;
use countersign_aws::Aws;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::sign_in::Provider;

/// Answers `ok` while the program runs; says nothing about AWS.
pub const HEALTH: &str = "/health";
/// Answers 200 when every part can do its work, else 503; the parts as JSON.
pub const READY: &str = "/ready";

/// How long the table may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer of the table counts: whoever asks here again and again asks AWS no more often than this.
const KEPT: Duration = Duration::from_secs(2);

/// What has to be there.
pub struct Readiness {
    aws: Aws,
    records: Freshness,
    /// `None`: not needed.
    provider: Option<Arc<Provider>>,
    /// Whether the table answered, and when.
    table: Mutex<Option<(Instant, bool)>>,
}

/// The answer of [`READY`].
#[derive(Serialize)]
struct Ready {
    ready: bool,
    parts: BTreeMap<&'static str, Part>,
}

/// Strangers may read it: what exactly is wrong is in the log.
#[derive(Serialize)]
struct Part {
    ok: bool,
    /// Only of a part that is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

impl Readiness {
    pub fn new(aws: Aws, records: Freshness, provider: Option<Arc<Provider>>) -> Self {
        Self { aws, records, provider, table: Mutex::default() }
    }

    async fn check(&self) -> Ready {
        let mut parts = BTreeMap::new();
        let mut part = |name, ok, why| {
            parts.insert(name, Part { ok, why: (!ok).then_some(why) });
        };
        part("table", self.table_answers().await, "The console's table does not answer; the log says why.");
        part("records", self.records.is_read(), "The inventory has not been read yet.");
        if let Some(provider) = &self.provider {
            let known = provider.knowledge.current().is_some();
            part("provider", known, "The identity provider has not answered yet; the log says why.");
        }
        Ready { ready: parts.values().all(|part| part.ok), parts }
    }

    async fn table_answers(&self) -> bool {
        let mut last = self.table.lock().await;
        if let Some((_, answers)) = last.filter(|(at, _)| at.elapsed() < KEPT) {
            return answers;
        }
        let answers = match timeout(PATIENCE, self.aws.last_placed()).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "not ready: {error}");
                false
            }
            Err(_) => {
                tracing::warn!("not ready: the console's table did not answer in {} s", PATIENCE.as_secs());
                false
            }
        };
        *last = Some((Instant::now(), answers));
        answers
    }
}

/// Both, for either listener.
pub fn routes(readiness: Arc<Readiness>) -> Router {
    Router::new().route(HEALTH, get(|| async { "ok" })).route(READY, get(ready)).with_state(readiness)
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    let answer = readiness.check().await;
    let status = if answer.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(answer)).into_response()
}
