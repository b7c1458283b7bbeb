//! How two runs differ, as a file.

use app::address::Pairs;
use app::error::AppError;
use app::queries::read_compared;
use axum::extract::{Extension, RawQuery, State};
use axum::http::request::Parts;
use axum::response::Response;
use console::{ComparisonLines, Console, Error};
use domain::found::Difference;
use domain::views::ExportFormat;
use domain::{Actor, FindingId, Run};
use serde_json::{Value, json};

use super::super::evidence::refused;
use super::file::{File, Lines, Named, Source};

const COLUMNS: [&str; 6] = ["difference", "kind", "severity", "authority", "serial", "finding"];

pub async fn csv(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let file = send(console, actor, &query.unwrap_or_default(), ExportFormat::Csv).await;
    file.unwrap_or_else(|error| refused(&parts, error))
}

pub async fn json_lines(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let file = send(console, actor, &query.unwrap_or_default(), ExportFormat::JsonLines).await;
    file.unwrap_or_else(|error| refused(&parts, error))
}

async fn send(
    console: Console,
    actor: Actor,
    query: &str,
    format: ExportFormat,
) -> Result<Response, AppError> {
    let lines = console.compared(&actor, &read_compared(&Pairs::of(query))?).await?;
    let named = Named { name: "run-comparison", format, filter: query, columns: COLUMNS.to_vec() };
    Ok(File::send(console, actor, named, lines).await?)
}

impl Source for ComparisonLines {
    async fn next(&mut self) -> Result<Lines, Error> {
        let run = |run: &Run| json!({ "id": run.id, "started_at": run.started_at, "incomplete": run.inputs.incomplete(), "not_judged": run.inputs.not_judged() });
        let head =
            json!({ "list": "run comparison", "earlier": run(&self.earlier), "later": run(&self.later) });
        let some = Self::next(self).await?;
        Ok(Lines { rows: some.iter().map(row).collect(), head, more: !some.is_empty() })
    }
}

fn row((difference, id): &(Difference, FindingId)) -> Vec<Value> {
    let serial = id.subject.serial().map(|serial| serial.colons());
    vec![
        json!(difference.name()),
        json!(id.kind.name()),
        json!(id.kind.severity().name()),
        json!(id.scope.to_string()),
        json!(serial),
        json!(id.to_string()),
    ]
}
