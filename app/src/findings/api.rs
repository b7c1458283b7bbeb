//! What the findings' pages ask the server for.

use domain::FindingId;
use domain::views::{Authority, FindingPage, FindingQuery, FindingView};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{done::Done, paths, session};

/// One page of the list, with the authorities that it can be narrowed to.
#[server(endpoint = "findings", input = Json)]
pub async fn list_findings(query: FindingQuery) -> Result<(FindingPage, Vec<Authority>), AppError> {
    let (console, actor) = session::acting()?;
    Ok((console.findings(&actor, &query).await?, console.authorities()))
}

/// One finding.
#[server(endpoint = "finding", input = GetUrl)]
pub async fn get_finding(id: FindingId) -> Result<FindingView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.finding(&actor, &id).await?)
}

/// Takes a finding on. `due` is a day, or empty.
#[server(endpoint = "acknowledge-finding")]
pub async fn acknowledge_finding(id: FindingId, version: u64, due: Option<String>) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.acknowledge_finding(&actor, &id, version, end_of(due)?).await?;
    leptos_axum::redirect(&paths::after(&paths::finding(&id), Done::Acknowledged));
    Ok(())
}

/// Declares a finding not to be trouble.
#[server(endpoint = "dismiss-finding")]
pub async fn dismiss_finding(id: FindingId, version: u64, reason: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.dismiss_finding(&actor, &id, version, &reason).await?;
    leptos_axum::redirect(&paths::after(&paths::finding(&id), Done::Dismissed));
    Ok(())
}

/// A day that a date field left empty is none.
#[cfg(feature = "ssr")]
fn end_of(day: Option<String>) -> Result<Option<domain::Timestamp>, AppError> {
    let end = day.filter(|day| !day.trim().is_empty()).map(|day| domain::Timestamp::end_of_day(&day));
    end.transpose().map_err(|_| AppError::invalid("due", "Write the day as 2026-12-01, or leave it empty."))
}
