//! Lists that are taken along as files. A spreadsheet may open them: no cell begins as a formula does.

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

pub fn routes(console: Console) -> Router {
    Router::new()
        .route(app::paths::FAILED_CERTIFICATES, get(failed))
        .route(app::paths::CUT_OFF_DEVICES, get(cut_off))
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
    let file = console.failed_certificates(&actor, &asked.request).await.and_then(|rows| {
        let cells = |row: FailedCertificate| {
            let device = row.device.as_ref().map(ToString::to_string).unwrap_or_default();
            [row.serial.colons(), device, row.subject.unwrap_or_default(), row.at.to_string(), row.error]
        };
        csv(Some(&["serial", "device", "subject", "failed_at", "error"]), rows.into_iter().map(cells))
    });
    download(&parts, &format!("failed-{}", asked.request), file.map_err(AppError::from))
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
    let (name, devices) = match asked {
        Revoking::Request { request } => {
            let devices = console.cut_off_by_request(&actor, &request).await.map_err(AppError::from);
            (format!("devices-{request}"), devices)
        }
        Revoking::Selection { authority, of } => {
            let devices = match app::queries::read_selection(&of) {
                Ok(of) => console.cut_off_by(&actor, authority.as_ref(), &of).await.map_err(AppError::from),
                Err(error) => Err(error),
            };
            ("devices".to_owned(), devices)
        }
    };
    let file = devices.and_then(|devices| {
        let cells = |(device, serials): (DeviceId, Vec<Serial>)| {
            let serials: Vec<String> = serials.iter().map(Serial::colons).collect();
            [device.to_string(), serials.join(" ")]
        };
        Ok(csv(Some(&["device", "certificates"]), devices.into_iter().map(cells))?)
    });
    download(&parts, &name, file)
}

fn download(parts: &Parts, name: &str, file: Result<Vec<u8>, AppError>) -> Response {
    match file {
        Ok(file) => {
            let name = format!("attachment; filename=\"{name}.csv\"");
            let kind = "text/csv; charset=utf-8".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], file).into_response()
        }
        Err(error) => refused(parts, error),
    }
}

fn csv<R: IntoIterator<Item = String>>(
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
