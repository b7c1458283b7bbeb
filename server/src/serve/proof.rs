//! `GET /ledger/proof`: an entry of the ledger with the proof that it is in the log, for `countersign ledger proof`.

use app::error::AppError;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use console::Console;
use domain::Actor;
use serde::Deserialize;

use super::evidence::refused;

#[derive(Deserialize)]
struct Asked {
    /// Its number, from 1.
    entry: u64,
}

/// What it demands is in the guard's table.
pub fn routes(console: Console) -> Router {
    Router::new().route(app::paths::LEDGER_PROOF, get(proof)).with_state(console)
}

async fn proof(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Query(Asked { entry }): Query<Asked>,
    parts: Parts,
) -> Response {
    match console.entry_proof(&actor, entry).await.map_err(AppError::from) {
        Ok(proof) => {
            let name = format!("attachment; filename=\"entry-{entry}.tlog-proof\"");
            let kind = "text/plain; charset=utf-8".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], proof.to_bytes()).into_response()
        }
        Err(error) => refused(&parts, error),
    }
}
