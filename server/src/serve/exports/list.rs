//! A list as a file, with its filter and in its order, made as it is sent: whatever its length, some thousand lines are in
//! memory. That it is made, of what, by whom, and how it ended is in the ledger.

use app::address::Pairs;
use app::error::{AppError, Noun};
use app::paths;
use app::queries::Exported;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use console::{Console, Error, ExportUnderWay};
use domain::Actor;
use domain::views::{Export, ExportFormat};
use futures::stream;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{Sender, channel};

use super::super::evidence::refused;
use super::source::{Rows, Source};

/// What whoever reads it is behind by at most, besides what is being made.
const AHEAD: usize = 1;

pub async fn list(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let Some((list, format)) = paths::export_at(parts.uri.path()) else {
        return refused(&parts, AppError::NotFound { what: Noun::Page });
    };
    let file = match File::begin(console, actor, (list, format), &query.unwrap_or_default()).await {
        Ok(file) => file,
        Err(error) => return refused(&parts, error),
    };
    let kind = match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::JsonLines => "application/jsonl; charset=utf-8",
    };
    let name = format!("attachment; filename=\"{}\"", file_name(list, format));
    match file.send().await {
        Ok(body) => ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], body).into_response(),
        Err(error) => refused(&parts, AppError::from(error)),
    }
}

fn file_name(list: Export, format: ExportFormat) -> String {
    format!("{}.{}", list.name(), format.name())
}

/// A file that is being made.
struct File {
    console: Console,
    actor: Actor,
    source: Source,
    format: ExportFormat,
    /// As its address says it.
    filter: String,
    columns: Vec<&'static str>,
    under_way: ExportUnderWay,
}

impl File {
    async fn begin(
        console: Console,
        actor: Actor,
        (list, format): (Export, ExportFormat),
        query: &str,
    ) -> Result<Self, AppError> {
        let pairs = Pairs::of(query);
        let places = list
            .places(pairs.text(paths::COLUMNS))
            .map_err(|name| AppError::invalid(paths::COLUMNS, format!("The file has no column “{name}”.")))?;
        let exported = Exported::read(list, &pairs)?;
        let filter = exported.filter();
        let columns: Vec<&str> = places.iter().map(|place| list.columns()[*place].name).collect();
        let file = file_name(list, format);
        let under_way = console.begin_export(&actor, &file, &filter, &columns.join(",")).await?;
        let source = Source::new(exported, places);
        Ok(Self { console, actor, source, format, filter, columns, under_way })
    }

    /// Makes the beginning, and the rest as it is taken. Once something is sent, what goes wrong breaks the file off: whoever has
    /// half of one must not take it for the whole.
    async fn send(mut self) -> Result<Body, Error> {
        let (first, more) = match self.piece(true).await {
            Ok(first) => first,
            Err(error) => {
                self.end(0, Some("it could not be read")).await;
                return Err(error);
            }
        };
        let (sender, receiver) = channel::<Result<Bytes, Error>>(AHEAD);
        tokio::spawn(self.make(first, more, sender));
        let pieces = stream::unfold(receiver, async |mut receiver| {
            let piece = receiver.recv().await?;
            Some((piece, receiver))
        });
        Ok(Body::from_stream(pieces))
    }

    async fn make(mut self, first: Piece, mut more: bool, sender: Sender<Result<Bytes, Error>>) {
        let (mut rows, mut piece) = (0, first);
        loop {
            let number = piece.rows;
            if sender.send(Ok(piece.text)).await.is_err() {
                return self.end(rows, Some("whoever asked for it went away")).await;
            }
            rows += number;
            if !more {
                return self.end(rows, None).await;
            }
            match self.piece(false).await {
                Ok((next, goes_on)) => (piece, more) = (next, goes_on),
                Err(error) => {
                    tracing::error!("an export broke off: {}", error.trace());
                    self.end(rows, Some("it could not be read to its end")).await;
                    // The reader may be gone by now, and misses nothing then.
                    let _ = sender.send(Err(error)).await;
                    return;
                }
            }
        }
    }

    /// The next piece, and whether there are more.
    async fn piece(&mut self, is_first: bool) -> Result<(Piece, bool), Error> {
        let Rows { rows, now, as_of, more } = self.source.next(&self.console, &self.actor).await?;
        let number = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let text = match self.format {
            ExportFormat::Csv => {
                let cells = |row: Vec<Value>| row.into_iter().map(cell);
                super::csv(is_first.then_some(&*self.columns), rows.into_iter().map(cells))?
            }
            ExportFormat::JsonLines => {
                let list = self.source.list().name();
                let head = is_first.then(|| {
                    let Self { filter, columns, .. } = &*self;
                    json!({ "list": list, "filter": filter, "columns": columns, "made_at": now, "as_of": as_of })
                });
                let named = |row: Vec<Value>| {
                    Value::Object(
                        self.columns.iter().map(ToString::to_string).zip(row).collect::<Map<_, _>>(),
                    )
                };
                let lines = head.into_iter().chain(rows.into_iter().map(named));
                lines.fold(Vec::new(), |mut file, line| {
                    file.extend(line.to_string().into_bytes());
                    file.push(b'\n');
                    file
                })
            }
        };
        Ok((Piece { text: text.into(), rows: number }, more))
    }

    async fn end(&self, rows: u64, broken_off: Option<&str>) {
        let ended = self.console.end_export(&self.actor, &self.under_way, rows, broken_off).await;
        if let Err(error) = ended {
            tracing::error!(rows, broken_off, "the end of an export is not in the ledger: {}", error.trace());
        }
    }
}

/// A part of the file.
struct Piece {
    text: Bytes,
    rows: u64,
}

/// A value as CSV has it: times as ISO 8601, nothing for what nobody knows.
fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}
