//! What the first page asks the server for.

use domain::views::FrontPage;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// What must not wait, what waits, and how fresh the records are.
#[server(endpoint = "overview", input = GetUrl)]
pub async fn get_overview() -> Result<FrontPage, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.overview(&actor).await?)
}
