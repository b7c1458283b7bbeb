//! What the pages ask the server for.

use domain::views::{ComplianceQuery, ComplianceView, ControlsView};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

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
