//! What the findings' pages ask the server for.

use domain::FindingId;
use domain::views::{Authority, FindingPage, FindingQuery, FindingView, FindingsTogether};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use {
    crate::{done::Done, paths, session},
    domain::finding::Seen,
};

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

/// Several findings, to be handled together.
#[server(endpoint = "findings-together", input = Json)]
pub async fn get_findings_together(ids: Vec<FindingId>) -> Result<FindingsTogether, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.findings_together(&actor, &ids).await?)
}

/// Takes a finding on. `due` is a day, or empty.
#[server(endpoint = "acknowledge-finding")]
pub async fn acknowledge_finding(id: FindingId, version: u64, due: Option<String>) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let after = paths::after(&paths::finding(&id), Done::Acknowledged);
    console.acknowledge_findings(&actor, &[Seen { id, version }], end_of(due)?).await?;
    leptos_axum::redirect(&after);
    Ok(())
}

/// Declares a finding not to be trouble.
#[server(endpoint = "dismiss-finding")]
pub async fn dismiss_finding(id: FindingId, version: u64, reason: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let after = paths::after(&paths::finding(&id), Done::Dismissed);
    console.dismiss_findings(&actor, &[Seen { id, version }], &reason).await?;
    leptos_axum::redirect(&after);
    Ok(())
}

/// Takes several findings on: `seen` has a line for each. `due` is a day, or empty.
#[server(endpoint = "acknowledge-findings")]
pub async fn acknowledge_findings(seen: String, due: Option<String>) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let seen = those(&seen)?;
    console.acknowledge_findings(&actor, &seen, end_of(due)?).await?;
    leptos_axum::redirect(&paths::findings_together(seen.iter().map(|one| &one.id)));
    Ok(())
}

/// Declares several findings not to be trouble, all for one reason.
#[server(endpoint = "dismiss-findings")]
pub async fn dismiss_findings(seen: String, reason: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let seen = those(&seen)?;
    console.dismiss_findings(&actor, &seen, &reason).await?;
    leptos_axum::redirect(&paths::findings_together(seen.iter().map(|one| &one.id)));
    Ok(())
}

#[cfg(feature = "ssr")]
fn those(seen: &str) -> Result<Vec<Seen>, AppError> {
    Seen::read(seen)
        .map_err(|_| AppError::invalid("seen", "The form does not say which findings it is about."))
}

/// A day that a date field left empty is none.
#[cfg(feature = "ssr")]
fn end_of(day: Option<String>) -> Result<Option<domain::Timestamp>, AppError> {
    let end = day.filter(|day| !day.trim().is_empty()).map(|day| domain::Timestamp::end_of_day(&day));
    end.transpose().map_err(|_| AppError::invalid("due", "Write the day as 2026-12-01, or leave it empty."))
}
