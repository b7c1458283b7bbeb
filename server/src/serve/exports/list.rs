//! The list of certificates as a file, with its filter and in its order, made as it is sent: whatever its length, some
//! thousand lines are in memory.

use app::address::Pairs;
use app::error::AppError;
use app::queries::read_certificates;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use console::{Console, Error};
use domain::certificate::{CertificateLine, CertificateStatus};
use domain::views::{CertificatePage, CertificateQuery};
use domain::{Actor, Timestamp};
use futures::stream;
use serde::Serialize;
use serde_json::json;

use super::super::evidence::refused;

/// The columns of the file in CSV, and the members of a line in JSON.
#[derive(Serialize)]
struct Line {
    authority: String,
    serial: String,
    device: Option<String>,
    subject: Option<String>,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    status: &'static str,
    in_report: bool,
    in_inventory: bool,
}

const COLUMNS: [&str; 10] = [
    "authority",
    "serial",
    "device",
    "subject",
    "issued_at",
    "expires_at",
    "revoked_at",
    "status",
    "in_report",
    "in_inventory",
];

pub async fn csv(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let write = |page: &CertificatePage, is_first: bool, now| {
        let cells = |line: &CertificateLine| {
            let line = Line::of(line, now);
            let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
            [
                line.authority,
                line.serial,
                line.device.unwrap_or_default(),
                line.subject.unwrap_or_default(),
                time(line.issued_at),
                time(line.expires_at),
                time(line.revoked_at),
                line.status.to_owned(),
                line.in_report.to_string(),
                line.in_inventory.to_string(),
            ]
        };
        super::csv(is_first.then_some(COLUMNS), page.lines.iter().map(cells))
    };
    send(console, actor, query, parts, ("certificates.csv", "text/csv; charset=utf-8"), write).await
}

/// The first line says what the others are.
pub async fn json_lines(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Response {
    let filter = query.clone().unwrap_or_default();
    let write = move |page: &CertificatePage, is_first: bool, now: Timestamp| {
        let mut file = Vec::new();
        if is_first {
            let head =
                json!({ "list": "certificates", "filter": filter, "made_at": now, "as_of": page.as_of });
            file.extend(format!("{head}\n").into_bytes());
        }
        for line in &page.lines {
            serde_json::to_writer(&mut file, &Line::of(line, now)).map_err(Error::internal)?;
            file.push(b'\n');
        }
        Ok(file)
    };
    send(console, actor, query, parts, ("certificates.jsonl", "application/jsonl; charset=utf-8"), write)
        .await
}

impl Line {
    fn of(line: &CertificateLine, now: Timestamp) -> Self {
        Self {
            authority: line.authority.as_str().to_owned(),
            serial: line.serial.colons(),
            device: line.device.as_ref().map(ToString::to_string),
            subject: line.subject.clone(),
            issued_at: line.issued_at,
            expires_at: line.expires_at,
            revoked_at: line.revoked_at,
            status: CertificateStatus::at(now, line.expires_at, line.revoked_at).name(),
            in_report: line.in_report,
            in_inventory: line.in_inventory,
        }
    }
}

/// What is left of a file.
struct Rest<W> {
    console: Console,
    actor: Actor,
    query: CertificateQuery,
    write: W,
}

impl<W> Rest<W>
where
    W: Fn(&CertificatePage, bool, Timestamp) -> Result<Vec<u8>, Error> + Send,
{
    /// The next piece of the file, and what is left then.
    async fn next(mut self, is_first: bool) -> Result<(Bytes, Option<Self>), Error> {
        let (page, now) = self.console.certificates_for_a_file(&self.actor, &self.query).await?;
        let piece = (self.write)(&page, is_first, now)?;
        let rest = page.next.map(|place| {
            self.query.place = place;
            self
        });
        Ok((piece.into(), rest))
    }
}

/// Once something is sent, what goes wrong breaks the file off: whoever has half of one must not take it for the whole.
async fn send<W>(
    console: Console,
    actor: Actor,
    query: Option<String>,
    parts: Parts,
    (name, kind): (&'static str, &'static str),
    write: W,
) -> Response
where
    W: Fn(&CertificatePage, bool, Timestamp) -> Result<Vec<u8>, Error> + Send + 'static,
{
    let query = match read_certificates(&Pairs::of(query.as_deref().unwrap_or_default())) {
        Ok(query) => query,
        Err(error) => return refused(&parts, error),
    };
    let (first, rest) = match (Rest { console, actor, query, write }).next(true).await {
        Ok(first) => first,
        Err(error) => return refused(&parts, AppError::from(error)),
    };
    let others = stream::try_unfold(rest, async |rest: Option<Rest<W>>| match rest {
        None => Ok(None),
        Some(rest) => rest.next(false).await.map(Some),
    });
    let pieces = stream::StreamExt::chain(stream::iter([Ok(first)]), others);
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], Body::from_stream(pieces))
        .into_response()
}
