//! What the forms of a list's set-up ask the server for. `query` is what the list is narrowed to; each leads back there.

use domain::preferences::{Density, ListColumn, OwnList};
use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{paths, queries, session};

/// Saves what the list is narrowed to under a name.
#[server(endpoint = "save-filter")]
pub async fn save_filter(list: OwnList, query: String, name: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    let query = queries::read_own_list(list, &query)?.text();
    console.save_filter(&actor, list, &name, query.clone()).await?;
    back(list, &query)
}

/// Gives the saved filter of the name `renamed` another one.
#[server(endpoint = "rename-filter")]
pub async fn rename_filter(
    list: OwnList,
    query: String,
    renamed: String,
    to: String,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.rename_filter(&actor, list, &renamed, &to).await?;
    back(list, &query)
}

/// Forgets the saved filter of the name `deleted`.
#[server(endpoint = "delete-filter")]
pub async fn delete_filter(list: OwnList, query: String, deleted: String) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.delete_filter(&actor, list, &deleted).await?;
    back(list, &query)
}

/// Shows these columns, and the rows so close.
#[server(endpoint = "arrange-list")]
pub async fn arrange_list(
    list: OwnList,
    query: String,
    #[server(default)] columns: Vec<ListColumn>,
    density: Density,
) -> Result<(), AppError> {
    let (console, actor) = session::acting()?;
    console.arrange_list(&actor, list, &columns, density).await?;
    back(list, &query)
}

#[cfg(feature = "ssr")]
fn back(list: OwnList, query: &str) -> Result<(), AppError> {
    leptos_axum::redirect(&paths::own_list(list, query)?);
    Ok(())
}
