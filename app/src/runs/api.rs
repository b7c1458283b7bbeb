//! What the runs' pages ask the server for.

use domain::views::{Authority, ComparisonQuery, ComparisonView, RunView, ScheduleView};
use domain::{AuthorityId, Run, RunId};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, session};

/// The newest runs, with the authorities that one can be started for, and how each one's runs by schedule stand.
#[server(endpoint = "runs", input = GetUrl)]
pub async fn list_runs(
    authority: Option<AuthorityId>,
) -> Result<(Vec<Run>, Vec<Authority>, Vec<ScheduleView>), AppError> {
    let (console, actor) = session::acting()?;
    let runs = console.runs(&actor, authority.as_ref()).await?;
    Ok((runs, console.authorities(), console.schedules(&actor, authority.as_ref()).await?))
}

/// One run, as far as it has come.
#[server(endpoint = "run", input = GetUrl)]
pub async fn get_run(authority: AuthorityId, id: RunId) -> Result<RunView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.run(&actor, &authority, &id).await?)
}

/// A run held against another one of its authority.
#[server(endpoint = "compare-runs", input = GetUrl)]
pub async fn compare_runs(query: ComparisonQuery) -> Result<ComparisonView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.comparison(&actor, &query).await?)
}

/// Starts a run and leads to its page.
#[server(endpoint = "start-run")]
pub async fn start_run(authority: AuthorityId) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let run = console.start_run(&actor, &authority).await?;
    leptos_axum::redirect(&paths::run(&authority, &run.id));
    Ok(())
}
