//! What the page asks the server for.

use domain::views::ChannelsView;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, session};

/// Needs the permission to read.
#[server(endpoint = "channels", input = GetUrl)]
pub async fn channels() -> Result<ChannelsView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.channels(&actor).await?)
}

/// Has a worker send a test to a channel.
#[server(endpoint = "test-channel")]
pub async fn test_channel(name: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.test_channel(&actor, &name).await?;
    leptos_axum::redirect(paths::CHANNELS);
    Ok(())
}
