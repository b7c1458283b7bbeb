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
    console.acknowledge_finding(&actor, &id, version, end_of_day(due.as_deref())?).await?;
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

/// The end, UTC, of a day as date fields write it: `2026-12-01`.
#[cfg(feature = "ssr")]
fn end_of_day(day: Option<&str>) -> Result<Option<domain::Timestamp>, AppError> {
    let Some(day) = day.map(str::trim).filter(|day| !day.is_empty()) else { return Ok(None) };
    let end = format!("{day}T23:59:59Z").parse();
    end.map(Some).map_err(|_| AppError::invalid("due", "Write the day as 2026-12-01, or leave it empty."))
}

#[cfg(test)]
#[cfg(feature = "ssr")]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_due_at_its_end() {
        let end = end_of_day(Some(" 2026-12-01 ")).unwrap().unwrap();
        assert_eq!(end.absolute(), "2026-12-01 23:59:59 UTC");
        assert_eq!((end_of_day(None), end_of_day(Some(""))), (Ok(None), Ok(None)));
        for hostile in ["1.12.2026", "2026-13-01", "2026-12-01T00:00:00Z", "tomorrow", "\u{0}"] {
            assert!(end_of_day(Some(hostile)).is_err(), "{hostile}");
        }
    }
}
