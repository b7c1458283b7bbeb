//! What the pages ask the server for.

use domain::views::{ComplianceQuery, ComplianceView, ControlsView, PackQuery, PackView, PacksView};
use domain::{AuthorityId, IncidentId, PackId, RequestId};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, session};

/// The numbers of a time.
#[server(endpoint = "compliance", input = server_fn::codec::Json)]
pub async fn get_compliance(query: ComplianceQuery) -> Result<ComplianceView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.compliance(&actor, &query).await?)
}

/// The controls that are served here, with the figures of a time.
#[server(endpoint = "controls", input = server_fn::codec::Json)]
pub async fn get_controls(query: ComplianceQuery) -> Result<ControlsView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.controls(&actor, &query).await?)
}

/// The form that asks for a pack of evidence, and those of late.
#[server(endpoint = "packs", input = server_fn::codec::Json)]
pub async fn get_packs(query: PackQuery) -> Result<PacksView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.packs(&actor, &query).await?)
}

/// How far a pack is.
#[server(endpoint = "pack", input = server_fn::codec::GetUrl)]
pub async fn get_pack(id: PackId) -> Result<PackView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.pack(&actor, &id).await?)
}

/// Asks for all about an incident, a request, or about the days from `from` to `to` and these authorities.
#[server(endpoint = "order-pack")]
pub async fn order_pack(
    from: Option<String>,
    to: Option<String>,
    #[server(default)] authorities: Vec<AuthorityId>,
    request: Option<RequestId>,
    incident: Option<IncidentId>,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let (from, to) = (day("from", from)?, day("to", to)?);
    let id = console.order_pack(&actor, &PackQuery { from, to, authorities, request, incident }).await?;
    leptos_axum::redirect(&paths::pack(&id));
    Ok(())
}

/// The beginning of a day of a form; none: the usual one.
#[cfg(feature = "ssr")]
fn day(field: &'static str, text: Option<String>) -> Result<Option<domain::Timestamp>, AppError> {
    let text = text.filter(|text| !text.trim().is_empty());
    let read = |text: String| {
        let read = format!("{}T00:00:00Z", text.trim()).parse();
        read.map_err(|_| AppError::invalid(field, "Write the day as 2026-11-30."))
    };
    text.map(read).transpose()
}
