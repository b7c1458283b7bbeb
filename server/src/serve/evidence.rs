//! `GET /evidence.json`: the decisions on a request as a file, for `countersign verify decision`.

use app::error::AppError;
use app::standalone::Standalone;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use console::Console;
use domain::Actor;
use domain::Serial;
use domain::revocation::RequestId;
use serde::Deserialize;

use super::answer::refuse;
use super::taken_along::taken_along;
use app::error::Correlation;

#[derive(Deserialize)]
struct Asked {
    request: RequestId,
    /// Only about this certificate.
    serial: Option<Serial>,
}

/// What it demands is in the guard's table.
pub fn routes(console: Console) -> Router {
    Router::new().route(app::paths::EVIDENCE, get(evidence)).with_state(console)
}

async fn evidence(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Response {
    let name = format!("decisions-{}.json", asked.request);
    let made = async {
        let evidence = console.evidence(&actor, &asked.request, asked.serial).await?;
        let text = serde_json::to_string_pretty(&evidence).map_err(AppError::internal)?;
        let filter = parts.uri.query().unwrap_or_default();
        taken_along(&console, &actor, &name, filter, evidence.decisions.len()).await?;
        Ok::<_, AppError>(text)
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    match made.await {
        Ok(text) => {
            let kind = "application/json".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], text).into_response()
        }
        Err(error) => refused(&parts, error),
    }
}

/// The page that says why there is no file.
pub(super) fn refused(parts: &Parts, error: AppError) -> Response {
    let page = match error.status() {
        status if status == axum::http::StatusCode::NOT_FOUND => Standalone::not_found(),
        status if status == axum::http::StatusCode::CONFLICT => Standalone::not_now(&error.to_string()),
        status if status == axum::http::StatusCode::FORBIDDEN => Standalone::forbidden(&error.to_string()),
        _ => Standalone::broken(&Correlation::of(parts)),
    };
    refuse(parts, page, &error)
}
