//! A list as a file, with its filter and in its order.

use app::address::Pairs;
use app::error::{AppError, Noun};
use app::paths;
use app::queries::Exported;
use axum::extract::{Extension, RawQuery, State};
use axum::http::request::Parts;
use axum::response::Response;
use console::{Console, Error};
use domain::Actor;
use domain::views::{Export, ExportFormat};
use serde_json::json;

use super::super::evidence::refused;
use super::file::{self, File, Lines, Named};
use super::source::{Rows, Source};

pub async fn list(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let Some(wanted) = paths::export_at(parts.uri.path()) else {
        return refused(&parts, AppError::NotFound { what: Noun::Page });
    };
    let file = send(console, actor, wanted, &query.unwrap_or_default()).await;
    file.unwrap_or_else(|error| refused(&parts, error))
}

async fn send(
    console: Console,
    actor: Actor,
    (list, format): (Export, ExportFormat),
    query: &str,
) -> Result<Response, AppError> {
    let pairs = Pairs::of(query);
    let places = list
        .places(pairs.text(paths::COLUMNS))
        .map_err(|name| AppError::invalid(paths::COLUMNS, format!("The file has no column “{name}”.")))?;
    let exported = Exported::read(list, &pairs)?;
    let filter = exported.filter();
    let columns: Vec<&str> = places.iter().map(|place| list.columns()[*place].name).collect();
    let of = Listed {
        console: console.clone(),
        actor: actor.clone(),
        source: Source::new(exported, places),
        filter: filter.clone(),
        columns: columns.clone(),
    };
    let named = Named { name: list.name(), format, filter: &filter, columns };
    Ok(File::send(console, actor, named, of).await?)
}

/// What is left of a list.
struct Listed {
    console: Console,
    actor: Actor,
    source: Source,
    filter: String,
    columns: Vec<&'static str>,
}

impl file::Source for Listed {
    async fn next(&mut self) -> Result<Lines, Error> {
        let Self { console, actor, source, filter, columns } = self;
        let Rows { rows, now, as_of, more } = source.next(console, actor).await?;
        let list = source.list().name();
        let head =
            json!({ "list": list, "filter": filter, "columns": columns, "made_at": now, "as_of": as_of });
        Ok(Lines { rows, head, more })
    }
}
