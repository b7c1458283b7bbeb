//! What the findings' pages ask the server for.

use domain::finding::Bulk;
use domain::preferences::ListSettings;
use domain::views::{Authority, FindingPage, FindingQuery, FindingView, FindingsMatching, FindingsTogether};
use domain::{AuthorityId, BulkId, FindingId};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use {
    crate::address::Pairs,
    crate::queries::read_findings,
    crate::{done::Done, paths, session},
    domain::PersonId,
    domain::finding::Seen,
    domain::preferences::OwnList,
    domain::views::{BulkForm, BulkWhat, Selection},
};

/// One page of the list, with the authorities that it can be narrowed to, and what the viewer has set up for themselves.
#[server(endpoint = "findings", input = Json)]
pub async fn list_findings(
    query: FindingQuery,
) -> Result<(FindingPage, Vec<Authority>, ListSettings), AppError> {
    let (console, actor) = session::acting()?;
    let settings = console.list_settings(&actor, OwnList::Findings).await?;
    Ok((console.findings(&actor, &query).await?, console.authorities(), settings))
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
    console.acknowledge_findings(&actor, &[Seen { id, version }], None, end_of(due)?).await?;
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

/// Takes several findings on, or gives them to `owner`: `seen` has a line for each. `due` is a day, or empty.
#[server(endpoint = "acknowledge-findings")]
pub async fn acknowledge_findings(
    seen: String,
    owner: Option<String>,
    due: Option<String>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let seen = those(&seen)?;
    console.acknowledge_findings(&actor, &seen, person(owner)?.as_ref(), end_of(due)?).await?;
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

/// All findings that match, to be handled at once.
#[server(endpoint = "findings-matching", input = Json)]
pub async fn get_findings_matching(query: FindingQuery) -> Result<FindingsMatching, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.findings_matching(&actor, query).await?)
}

/// Orders that all that match are taken on, or given to `owner`. `of`: the query of the list; `shown`: how many there were;
/// `confirm`: that number, typed.
#[server(endpoint = "acknowledge-matching")]
pub async fn acknowledge_matching(
    of: String,
    shown: u64,
    confirm: Option<String>,
    owner: Option<String>,
    due: Option<String>,
) -> Result<(), AppError> {
    let what = BulkWhat::Acknowledge { owner: person(owner)?, due: end_of(due)? };
    order(BulkForm { query: matching(&of)?, what, shown, typed: confirm }).await
}

/// Orders that all that match are dismissed, all for one reason. `number`: how many, typed.
#[server(endpoint = "dismiss-matching")]
pub async fn dismiss_matching(
    of: String,
    shown: u64,
    number: Option<String>,
    reason: String,
) -> Result<(), AppError> {
    let what = BulkWhat::Dismiss { reason };
    let ordered = order(BulkForm { query: matching(&of)?, what, shown, typed: number }).await;
    ordered.map_err(|error| match error {
        // The page has two such forms, and their fields names of their own.
        AppError::Invalid { field, message } if field == "confirm" => AppError::invalid("number", message),
        error => error,
    })
}

/// Leads to the form that asks for the revocation of the certificates that the matching findings of an authority are about.
#[server(endpoint = "revoke-matching")]
pub async fn revoke_matching(of: String, authority: AuthorityId) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let id = console.list_of_findings(&actor, &authority, matching(&of)?).await?;
    let of = Selection::List { id, despite_unread: false };
    leptos_axum::redirect(&paths::revoke_all(Some(&authority), &of));
    Ok(())
}

/// How far it is with what was ordered.
#[server(endpoint = "bulk", input = GetUrl)]
pub async fn get_bulk(id: BulkId) -> Result<Bulk, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.bulk(&actor, &id).await?)
}

/// Stops it where it is.
#[server(endpoint = "stop-bulk")]
pub async fn stop_bulk(id: BulkId) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.stop_bulk(&actor, &id).await?;
    leptos_axum::redirect(&paths::bulk(&id));
    Ok(())
}

#[cfg(feature = "ssr")]
async fn order(form: BulkForm) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let id = console.order_bulk(&actor, form).await?;
    leptos_axum::redirect(&paths::bulk(&id));
    Ok(())
}

#[cfg(feature = "ssr")]
fn matching(of: &str) -> Result<FindingQuery, AppError> {
    read_findings(&Pairs::of(of))
}

/// An owner's field that was left as it was names nobody.
#[cfg(feature = "ssr")]
fn person(id: Option<String>) -> Result<Option<PersonId>, AppError> {
    let id = id.filter(|id| !id.trim().is_empty()).map(|id| id.parse());
    id.transpose().map_err(|_| AppError::invalid("owner", "This is nobody."))
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
