//! What the incidents' pages ask the server for.

use domain::incident::{IncidentQuery, IncidentView, IncidentsView};
use domain::{FindingId, IncidentId};
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use {
    crate::{paths, session},
    domain::incident::{Said, StepName},
    domain::views::IdentityKey,
};

/// What stands in the form for an answer that is taken back.
pub(super) const TAKEN_BACK: &str = "open";

/// The list, and what an incident would be about that is opened for `query`.
#[server(endpoint = "incidents", input = Json)]
pub async fn list_incidents(query: IncidentQuery) -> Result<IncidentsView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.incidents(&actor, &query).await?)
}

/// One of them, with what the records say.
#[server(endpoint = "incident", input = GetUrl)]
pub async fn get_incident(id: IncidentId) -> Result<IncidentView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.incident(&actor, &id).await?)
}

/// Opens one from a finding, about a caller, or about nobody yet.
#[server(endpoint = "open-incident")]
pub async fn open_incident(
    title: String,
    finding: Option<FindingId>,
    kind: Option<String>,
    caller: Option<String>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let caller = caller.as_deref().map(str::trim).filter(|caller| !caller.is_empty());
    let caller = caller.map(|caller| key(kind.as_deref(), caller)).transpose()?;
    let id = console.open_incident(&actor, &title, &IncidentQuery { finding, caller }).await?;
    leptos_axum::redirect(&paths::incident(&id));
    Ok(())
}

/// Names one more caller.
#[server(endpoint = "extend-incident")]
pub async fn extend_incident(id: IncidentId, kind: String, caller: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.extend_incident(&actor, &id, key(Some(&kind), caller.trim())?).await?;
    leptos_axum::redirect(&paths::incident(&id));
    Ok(())
}

/// Writes something down.
#[server(endpoint = "note-incident")]
pub async fn note_incident(id: IncidentId, text: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.note_incident(&actor, &id, &text).await?;
    leptos_axum::redirect(&paths::incident(&id));
    Ok(())
}

/// Says of a step what the records do not show; `said` "open" takes that back.
#[server(endpoint = "answer-incident")]
pub async fn answer_incident(
    id: IncidentId,
    step: String,
    said: String,
    reason: Option<String>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let step: StepName = step.parse().map_err(|_| AppError::invalid("step", "Choose one of the steps."))?;
    let said = match Said::ALL.iter().find(|one| one.name() == said) {
        Some(said) => Some(*said),
        None if said == TAKEN_BACK => None,
        None => return Err(AppError::invalid("said", "Choose one of these.")),
    };
    console.answer_incident(&actor, &id, (step, said), &reason.unwrap_or_default()).await?;
    leptos_axum::redirect(&paths::incident(&id));
    Ok(())
}

/// Closes it.
#[server(endpoint = "close-incident")]
pub async fn close_incident(id: IncidentId, summary: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.close_incident(&actor, &id, &summary).await?;
    leptos_axum::redirect(&paths::incident(&id));
    Ok(())
}

/// A caller as forms name it.
#[cfg(feature = "ssr")]
fn key(kind: Option<&str>, caller: &str) -> Result<IdentityKey, AppError> {
    let caller = caller.to_owned();
    match kind {
        Some("principal") => Ok(IdentityKey::Principal(caller)),
        Some("key") => Ok(IdentityKey::AccessKey(caller)),
        Some("address") => Ok(IdentityKey::Address(caller)),
        _ => Err(AppError::invalid("kind", "Choose what it is: a principal, an access key or an address.")),
    }
}
