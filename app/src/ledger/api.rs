//! What the ledger's pages ask the server for.

use domain::views::{LedgerEntry, LedgerPage, LedgerReport};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// The entries below `before`, newest first; without it, the newest.
#[server(endpoint = "ledger", input = GetUrl)]
pub async fn get_ledger(before: Option<u64>) -> Result<LedgerPage, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.ledger(&actor, before).await?)
}

/// One entry.
#[server(endpoint = "ledger-entry", input = GetUrl)]
pub async fn get_entry(seq: u64) -> Result<LedgerEntry, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.ledger_entry(&actor, seq).await?)
}

/// Follows the whole log. Changes nothing.
#[server(endpoint = "verify-ledger", input = GetUrl)]
pub async fn verify_ledger() -> Result<LedgerReport, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.verify_ledger(&actor).await?)
}
