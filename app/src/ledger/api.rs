//! What the ledger's pages ask the server for.

use domain::views::{LedgerPage, LedgerQuery, LedgerReport};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// One page of the entries that `query` names, newest first.
#[server(endpoint = "ledger", input = GetUrl)]
pub async fn get_ledger(#[server(default)] query: LedgerQuery) -> Result<LedgerPage, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.ledger(&actor, &query).await?)
}

/// Follows the whole log. Changes nothing.
#[server(endpoint = "verify-ledger", input = GetUrl)]
pub async fn verify_ledger() -> Result<LedgerReport, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.verify_ledger(&actor).await?)
}
