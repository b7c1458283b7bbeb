//! What the coverage's page asks the server for.

use domain::views::CoverageView;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, session};

/// The calendar of every account and Region, and the months that can be loaded.
#[server(endpoint = "coverage", input = GetUrl)]
pub async fn get_coverage() -> Result<CoverageView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.coverage(&actor).await?)
}

/// Starts to read a month (`2026-08`) that is older than what is read by itself.
#[server(endpoint = "load-month")]
pub async fn load_month(month: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.load_month(&actor, &month).await?;
    leptos_axum::redirect(paths::COVERAGE);
    Ok(())
}
