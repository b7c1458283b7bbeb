//! `GET /exports/evidence.zip`: all about a time or a request, to be verified elsewhere.
//!
//! The file is made while it is sent, and is nowhere kept: memory is bounded, a crash leaves nothing behind, any replica can send it,
//! and whoever asks again gets it anew. What it was is in the ledger: that it was begun, and its hash when all of it was sent.

mod fill;
mod pieces;
mod report;
mod tables;

use app::address::Pairs;
use app::error::AppError;
use app::queries::read_pack;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::Console;
use domain::views::PackOf;
use domain::{Actor, Timestamp};
use futures::stream;
use tokio::sync::mpsc;

use super::evidence::refused;
use fill::Filling;
use pieces::Zip;

/// How many pieces wait for whoever downloads them.
const WAITING: usize = 4;

pub fn routes(console: Console) -> Router {
    Router::new().route(app::paths::PACK, get(pack)).with_state(console)
}

async fn pack(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let (request, query) = match read_pack(&Pairs::of(query.as_deref().unwrap_or_default())) {
        Ok(asked) => asked,
        Err(error) => return refused(&parts, error),
    };
    let (of, now) = match console.begin_pack(&actor, request, &query).await {
        Ok(begun) => begun,
        Err(error) => return refused(&parts, AppError::from(error)),
    };
    let disposition = format!("attachment; filename=\"{}.zip\"", of.name());
    let (to, from) = mpsc::channel(WAITING);
    let broken = to.clone();
    // Ends with the download: nobody takes the pieces of one that was given up.
    tokio::spawn(async move {
        if let Err(error) = send(console, actor, of, now, Zip::new(to)).await {
            tracing::warn!("a pack of evidence was broken off: {error:#}");
            // Whoever has half of it must not take it for the whole.
            let _ = broken.send(Err(std::io::Error::other("broken off"))).await;
        }
    });
    let pieces = stream::unfold(from, async |mut from| from.recv().await.map(|piece| (piece, from)));
    let kind = "application/zip".to_owned();
    ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, disposition)], Body::from_stream(pieces)).into_response()
}

async fn send(console: Console, actor: Actor, of: PackOf, now: Timestamp, zip: Zip) -> anyhow::Result<()> {
    let mut filling = Filling { console, actor, of, now, zip, unproven: 0 };
    filling.all().await?;
    let Filling { console, actor, of, zip, unproven, .. } = filling;
    let (bytes, sha256) = zip.finish().await?;
    Ok(console.end_pack(&actor, &of, (bytes, &sha256), unproven).await?)
}
