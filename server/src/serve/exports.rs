//! Lists that are taken along as files. A spreadsheet may open them: no cell begins as a formula does.

mod certificate;
mod comparison;
mod file;
mod list;
mod source;

use app::error::AppError;
use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::{Console, Error};
use domain::revocation::RequestId;
use domain::views::FailedCertificate;
use domain::{Actor, AuthorityId, DeviceId, Serial};
use serde::Deserialize;

use super::evidence::refused;
use super::taken_along::taken_along;

pub fn routes(console: Console) -> Router {
    Router::new()
        .route(app::paths::FAILED_CERTIFICATES, get(failed))
        .route(app::paths::CUT_OFF_DEVICES, get(cut_off))
        .route(app::paths::CERTIFICATE_FILE, get(certificate::file))
        .route(app::paths::COMPARISON_CSV, get(comparison::csv))
        .route(app::paths::COMPARISON_JSONL, get(comparison::json_lines))
        .route("/exports/{file}", get(list::list))
        .with_state(console)
}

#[derive(Deserialize)]
struct Asked {
    request: RequestId,
}

/// The certificates of a request that could not be revoked.
async fn failed(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Response {
    let cells = |row: FailedCertificate| {
        let device = row.device.as_ref().map(ToString::to_string).unwrap_or_default();
        [row.serial.colons(), device, row.subject.unwrap_or_default(), row.at.to_string(), row.error]
    };
    let rows = console.failed_certificates(&actor, &asked.request).await.map_err(AppError::from);
    let file = Table {
        name: format!("failed-{}.csv", asked.request),
        header: &["serial", "device", "subject", "failed_at", "error"],
        rows: rows.map(|rows| rows.into_iter().map(cells).collect()),
    };
    file.download(&console, &actor, &parts).await
}

/// What devices were to be left without a certificate by: a request, or what somebody may ask for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Revoking {
    Request { request: RequestId },
    Selection { authority: Option<AuthorityId>, of: String },
}

/// The devices that would be left without a valid certificate.
async fn cut_off(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Revoking>,
    parts: Parts,
) -> Response {
    let cells = |(device, serials): (DeviceId, Vec<Serial>)| {
        let serials: Vec<String> = serials.iter().map(Serial::colons).collect();
        [device.to_string(), serials.join(" ")]
    };
    let (name, devices) = match asked {
        Revoking::Request { request } => {
            let devices = console.cut_off_by_request(&actor, &request).await.map_err(AppError::from);
            (format!("devices-{request}.csv"), devices)
        }
        Revoking::Selection { authority, of } => {
            let devices = match app::queries::read_selection(&of) {
                Ok(of) => console.cut_off_by(&actor, authority.as_ref(), &of).await.map_err(AppError::from),
                Err(error) => Err(error),
            };
            ("devices.csv".to_owned(), devices)
        }
    };
    let rows = devices.map(|devices| devices.into_iter().map(cells).collect());
    Table { name, header: &["device", "certificates"], rows }.download(&console, &actor, &parts).await
}

/// A list that is there as a whole.
struct Table<const N: usize> {
    name: String,
    header: &'static [&'static str; N],
    rows: Result<Vec<[String; N]>, AppError>,
}

impl<const N: usize> Table<N> {
    /// As CSV. That somebody takes it along is in the ledger.
    async fn download(self, console: &Console, actor: &Actor, parts: &Parts) -> Response {
        let Self { name, header, rows } = self;
        let made = async {
            let rows = rows?;
            let (filter, number) = (parts.uri.query().unwrap_or_default(), rows.len());
            let file = csv(Some(header), rows.into_iter())?;
            taken_along(console, actor, &name, filter, number).await?;
            Ok::<_, AppError>(file)
        };
        match made.await {
            Ok(file) => {
                let name = format!("attachment; filename=\"{name}\"");
                let kind = "text/csv; charset=utf-8".to_owned();
                ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], file).into_response()
            }
            Err(error) => refused(parts, error),
        }
    }
}

pub(super) fn csv<R: IntoIterator<Item = String>>(
    header: Option<&[&str]>,
    rows: impl Iterator<Item = R>,
) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    header.map_or(Ok(()), |header| writer.write_record(header)).map_err(Error::internal)?;
    for cells in rows {
        writer.write_record(cells.into_iter().map(harmless)).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection").
fn harmless(cell: String) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{cell}"),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_25_no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            assert_eq!(harmless(format!("{start}cmd")), format!("'{start}cmd"));
        }
        assert_eq!(harmless("CN=sensor-1".to_owned()), "CN=sensor-1");
    }
}
