//! A file that is made as it is sent: whatever its length, some thousand lines are in memory. That it is made, of what, by whom,
//! and how it ended is in the ledger.

use std::future::Future;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use console::{Console, Error, ExportUnderWay};
use domain::Actor;
use domain::views::ExportFormat;
use futures::stream;
use serde_json::{Map, Value};
use tokio::sync::mpsc::{Sender, channel};

/// What whoever reads it is behind by at most, besides what is being made.
const AHEAD: usize = 1;

/// What the lines of a file are made of.
pub trait Source: Send + 'static {
    /// The next lines.
    fn next(&mut self) -> impl Future<Output = Result<Lines, Error>> + Send;
}

/// Some lines of a file.
pub struct Lines {
    /// Each with a value for each column.
    pub rows: Vec<Vec<Value>>,
    /// What the first line of JSON Lines says of the others.
    pub head: Value,
    /// There are further ones.
    pub more: bool,
}

/// What a file is called, and what it is of.
pub struct Named<'a> {
    /// Without its ending.
    pub name: &'a str,
    pub format: ExportFormat,
    /// As its address says it.
    pub filter: &'a str,
    pub columns: Vec<&'static str>,
}

/// A file that is being made.
pub struct File<S> {
    console: Console,
    actor: Actor,
    name: String,
    format: ExportFormat,
    columns: Vec<&'static str>,
    source: S,
    under_way: ExportUnderWay,
}

impl<S: Source> File<S> {
    /// Tells the ledger, and makes the beginning; the rest is made as it is taken. Once something is sent, what goes wrong breaks
    /// the file off: whoever has half of one must not take it for the whole.
    pub async fn send(
        console: Console,
        actor: Actor,
        Named { name, format, filter, columns }: Named<'_>,
        source: S,
    ) -> Result<Response, Error> {
        let name = format!("{name}.{}", format.name());
        let under_way = console.begin_export(&actor, &name, filter, &columns.join(",")).await?;
        let mut file = Self { console, actor, name, format, columns, source, under_way };
        let (first, more) = match file.piece(true).await {
            Ok(first) => first,
            Err(error) => {
                file.end(0, Some("it could not be read")).await;
                return Err(error);
            }
        };
        let kind = match format {
            ExportFormat::Csv => "text/csv; charset=utf-8",
            ExportFormat::JsonLines => "application/jsonl; charset=utf-8",
        };
        let disposition = format!("attachment; filename=\"{}\"", file.name);
        let (sender, receiver) = channel::<Result<Bytes, Error>>(AHEAD);
        tokio::spawn(file.make(first, more, sender));
        let pieces = stream::unfold(receiver, async |mut receiver| {
            let piece = receiver.recv().await?;
            Some((piece, receiver))
        });
        let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)];
        Ok((headers, Body::from_stream(pieces)).into_response())
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
        let Lines { rows, head, more } = self.source.next().await?;
        let number = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let text = match self.format {
            ExportFormat::Csv => {
                let cells = |row: Vec<Value>| row.into_iter().map(cell);
                super::csv(is_first.then_some(&*self.columns), rows.into_iter().map(cells))?
            }
            ExportFormat::JsonLines => {
                let names = || self.columns.iter().map(ToString::to_string);
                let named = |row| Value::Object(names().zip(row).collect::<Map<_, _>>());
                let lines = is_first.then_some(head).into_iter().chain(rows.into_iter().map(named));
                lines.fold(Vec::new(), |mut file, line| {
                    file.extend(line.to_string().into_bytes());
                    file.push(b'\n');
                    file
                })
            }
        };
        Ok((Piece { text: text.into(), rows: number }, more))
    }

    async fn end(&mut self, rows: u64, broken_off: Option<&str>) {
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
