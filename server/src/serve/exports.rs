//! Lists that are taken along as files. A spreadsheet may open them: no cell begins as a formula does.

use app::error::AppError;
use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::{Console, Error};
use domain::Actor;
use domain::revocation::RequestId;
use serde::Deserialize;

use super::evidence::refused;

pub fn routes(console: Console) -> Router {
    Router::new().route(app::paths::FAILED_CERTIFICATES, get(failed)).with_state(console)
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
    match console.failed_certificates(&actor, &asked.request).await.and_then(|rows| csv(&rows)) {
        Ok(file) => {
            let name = format!("attachment; filename=\"failed-{}.csv\"", asked.request);
            let kind = "text/csv; charset=utf-8".to_owned();
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], file).into_response()
        }
        Err(error) => refused(&parts, AppError::from(error)),
    }
}

fn csv(rows: &[domain::views::FailedCertificate]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["serial", "device", "subject", "failed_at", "error"]).map_err(Error::internal)?;
    for row in rows {
        let cells = [
            row.serial.colons(),
            row.device.as_ref().map(ToString::to_string).unwrap_or_default(),
            row.subject.clone().unwrap_or_default(),
            row.at.to_string(),
            row.error.clone(),
        ];
        writer.write_record(cells.map(harmless)).map_err(Error::internal)?;
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
