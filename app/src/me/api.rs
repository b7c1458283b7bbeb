//! What the page asks the server for.

use domain::views::MeView;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, session};

/// Needs the permission to read.
#[server(endpoint = "me", input = GetUrl)]
pub async fn me() -> Result<MeView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.me(&actor, session::current().as_deref()).await?)
}

/// Ends one of the viewer's sessions.
#[server(endpoint = "end-session")]
pub async fn end_session(hash: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.end_session(&actor, &hash).await?;
    leptos_axum::redirect(paths::ME);
    Ok(())
}

/// Ends all of the viewer's sessions but this one.
#[server(endpoint = "end-other-sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let current = session::current().ok_or_else(|| AppError::internal("a request without its session"))?;
    console.end_other_sessions(&actor, &current).await?;
    leptos_axum::redirect(paths::ME);
    Ok(())
}
