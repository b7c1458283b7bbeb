//! All about a time, a request or an incident, to be verified elsewhere: how a worker makes the file, and
//! `GET /exports/evidence.zip`, which sends the one that is made.
//!
//! It is handed over while it is made: memory is bounded. Whoever sends it compares its hash before the last part leaves.

mod fill;
mod incident;
mod pieces;
mod report;
mod tables;

use std::sync::Arc;

use app::error::AppError;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::{Console, Error, PackMaker, Packed};
use domain::views::{Pack, PackFile};
use domain::{Actor, PackId, Timestamp};
use futures::{FutureExt, stream};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{self, Sender};

use super::evidence::refused;
use fill::Filling;
use pieces::Zip;

/// How many pieces wait for whoever downloads them.
const WAITING: usize = 4;

/// What makes the files of packs.
pub fn maker() -> PackMaker {
    Arc::new(|console: Console, pack: Pack, now: Timestamp, to: Sender<Vec<u8>>| {
        async move { made(console, pack, now, Zip::new(to)).await.map_err(error) }.boxed()
    })
}

async fn made(console: Console, pack: Pack, now: Timestamp, zip: Zip) -> anyhow::Result<Packed> {
    let mut filling = Filling { console, actor: pack.by, of: pack.of, now, zip, unproven: 0 };
    filling.all().await?;
    let Filling { zip, unproven, .. } = filling;
    let (bytes, sha256) = zip.finish().await?;
    Ok(Packed { bytes, sha256, without_proof: unproven })
}

/// The console's own, where it is one.
fn error(error: anyhow::Error) -> Error {
    error.downcast().unwrap_or_else(|error| Error::internal(format!("{error:#}")))
}

pub fn routes(console: Console) -> Router {
    Router::new().route(app::paths::PACK_FILE, get(pack)).with_state(console)
}

#[derive(Deserialize)]
struct Asked {
    pack: PackId,
}

async fn pack(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Response {
    let (pack, file) = match console.take_pack(&actor, &asked.pack).await {
        Ok(taken) => taken,
        Err(error) => return refused(&parts, AppError::from(error)),
    };
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}.zip\"", pack.of.name())),
        (CONTENT_LENGTH, file.bytes.to_string()),
    ];
    let (to, from) = mpsc::channel(WAITING);
    let broken = to.clone();
    // Ends with the download: nobody takes the pieces of one that was given up.
    tokio::spawn(async move {
        if let Err(error) = send(console, actor, pack, file, to).await {
            tracing::warn!("a download of evidence was broken off: {error:#}");
            // Whoever has half of it must not take it for the whole.
            let _ = broken.send(Err(std::io::Error::other("broken off"))).await;
        }
    });
    let pieces = stream::unfold(from, async |mut from| from.recv().await.map(|piece| (piece, from)));
    (headers, Body::from_stream(pieces)).into_response()
}

async fn send(
    console: Console,
    actor: Actor,
    pack: Pack,
    file: PackFile,
    to: Sender<std::io::Result<Bytes>>,
) -> anyhow::Result<()> {
    let mut hash = Sha256::new();
    for place in 0..file.parts {
        let part = console.pack_part(&actor, &pack, &file, place).await?;
        hash.update(&part);
        if place + 1 == file.parts {
            let sha256 = hex::encode(hash.finalize_reset());
            anyhow::ensure!(sha256 == file.sha256, "what is kept of {} is not what was made", pack.id);
        }
        to.send(Ok(part.into())).await.map_err(|_| anyhow::anyhow!("nobody takes it any more"))?;
    }
    Ok(console.end_pack(&actor, &pack, &file).await?)
}
