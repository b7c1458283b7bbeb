//! How two runs differ, as a file made as it is sent: some thousand lines are in memory.

use app::address::Pairs;
use app::error::AppError;
use app::queries::read_compared;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use console::{ComparisonLines, Console, Error, ExportUnderWay};
use domain::found::Difference;
use domain::{Actor, FindingId};
use futures::stream;
use serde_json::json;

use super::super::evidence::refused;

const COLUMNS: [&str; 6] = ["difference", "kind", "severity", "authority", "serial", "finding"];

/// Writes some lines of a file; the first ones begin it.
type Write = fn(&ComparisonLines, &[(Difference, FindingId)], bool) -> Result<Vec<u8>, Error>;

/// A file that is being made.
struct File {
    console: Console,
    actor: Actor,
    under_way: ExportUnderWay,
    lines: ComparisonLines,
    write: Write,
    rows: u64,
}

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
        let query = query.as_deref().unwrap_or_default();
        let lines = console.compared(actor, &read_compared(&Pairs::of(query))?).await?;
        let under_way = Box::pin(console.begin_export(actor, name, query, "")).await?;
        let (console, actor) = (console.clone(), actor.clone());
        Ok::<_, AppError>(File { console, actor, under_way, lines, write, rows: 0 }.next(true).await?)
    };
    let (first, rest) = match first.await {
        Ok(first) => first,
        Err(error) => return refused(&parts, error),
    };
    let others = stream::try_unfold(rest, async |rest| match rest {
        None => Ok::<_, Error>(None),
        Some(file) => file.next(false).await.map(Some),
    });
    let pieces = stream::StreamExt::chain(stream::iter([Ok(first)]), others);
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], Body::from_stream(pieces))
        .into_response()
}

impl File {
    /// The next piece, and what is left then.
    async fn next(mut self, is_first: bool) -> Result<(Bytes, Option<Self>), Error> {
        let some = self.lines.next().await?;
        let piece = (self.write)(&self.lines, &some, is_first)?.into();
        if some.is_empty() {
            Box::pin(self.console.end_export(&self.actor, &self.under_way, self.rows, None)).await?;
            return Ok((piece, None));
        }
        self.rows += u64::try_from(some.len()).unwrap_or(u64::MAX);
        Ok((piece, Some(self)))
    }
}
