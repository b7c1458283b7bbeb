//! How two runs differ, as a file made as it is sent: some thousand lines are in memory.

use app::address::Pairs;
use app::error::AppError;
use app::queries::read_compared;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use console::{ComparisonLines, Console, Error};
use domain::found::Difference;
use domain::{Actor, FindingId};
use futures::stream;
use serde_json::json;

use super::super::evidence::refused;

const COLUMNS: [&str; 6] = ["difference", "kind", "severity", "authority", "serial", "finding"];

/// Writes some lines of a file; the first ones begin it.
type Write = fn(&ComparisonLines, &[(Difference, FindingId)], bool) -> Result<Vec<u8>, Error>;

pub async fn csv(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let write: Write =
        |_, lines, is_first| super::csv(is_first.then_some(&COLUMNS[..]), lines.iter().map(cells));
    send(&console, &actor, query, parts, ("run-comparison.csv", "text/csv; charset=utf-8"), write).await
}

/// The first line says what the others are.
pub async fn json_lines(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let write: Write = |of, lines, is_first| {
        let mut file = String::new();
        if is_first {
            let run = |run: &domain::Run| json!({ "id": run.id, "started_at": run.started_at, "incomplete": run.inputs.incomplete(), "not_judged": run.inputs.not_judged() });
            let head =
                json!({ "list": "run comparison", "earlier": run(&of.earlier), "later": run(&of.later) });
            file += &format!("{head}\n");
        }
        for line in lines {
            let line: serde_json::Map<_, _> =
                COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells(line).map(Into::into)).collect();
            file += &format!("{}\n", serde_json::to_string(&line).map_err(Error::internal)?);
        }
        Ok(file.into_bytes())
    };
    send(&console, &actor, query, parts, ("run-comparison.jsonl", "application/jsonl; charset=utf-8"), write)
        .await
}

fn cells((difference, id): &(Difference, FindingId)) -> [String; 6] {
    let serial = id.subject.serial().map(|serial| serial.colons()).unwrap_or_default();
    let (kind, severity) = (id.kind.name(), id.kind.severity().name());
    let names = [difference.name(), kind, severity].map(str::to_owned);
    let [difference, kind, severity] = names;
    [difference, kind, severity, id.scope.to_string(), serial, id.to_string()]
}

/// Once something is sent, what goes wrong breaks the file off: whoever has half of one must not take it for the whole.
async fn send(
    console: &Console,
    actor: &Actor,
    query: Option<String>,
    parts: Parts,
    (name, kind): (&'static str, &'static str),
    write: Write,
) -> Response {
    let first = async {
        let query = read_compared(&Pairs::of(query.as_deref().unwrap_or_default()))?;
        let lines = console.compared(actor, &query).await?;
        Ok::<_, AppError>(next(lines, write, true).await?)
    };
    let (first, rest) = match first.await {
        Ok(first) => first,
        Err(error) => return refused(&parts, error),
    };
    let others = stream::try_unfold(rest, move |rest| async move {
        match rest {
            None => Ok(None),
            Some(lines) => next(lines, write, false).await.map(Some),
        }
    });
    let pieces = stream::StreamExt::chain(stream::iter([Ok(first)]), others);
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], Body::from_stream(pieces))
        .into_response()
}

/// The next piece of the file, and what is left then.
async fn next(
    mut lines: ComparisonLines,
    write: Write,
    is_first: bool,
) -> Result<(Bytes, Option<ComparisonLines>), Error> {
    let some = lines.next().await?;
    let piece = write(&lines, &some, is_first)?.into();
    Ok((piece, (!some.is_empty()).then_some(lines)))
}
