//! What the identity's page asks the server for.

use domain::views::{Authority, IdentityQuery, IdentityView};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::session;

/// Everything that one of them did, with the names of the authorities.
#[server(endpoint = "identity", input = Json)]
pub async fn get_identity(query: IdentityQuery) -> Result<(IdentityView, Vec<Authority>), AppError> {
    let (console, actor) = session::acting()?;
    Ok((console.identity(&actor, &query).await?, console.authorities()))
}
