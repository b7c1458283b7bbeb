//! One certificate as the CA has it, as a file: PEM, with its chain, or DER.

use app::error::{AppError, Noun};
use axum::extract::{Extension, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use console::Console;
use domain::{Actor, AuthorityId, Serial};
use serde::Deserialize;

use super::refused;

#[derive(Deserialize)]
pub(super) struct Asked {
    authority: AuthorityId,
    serial: Serial,
    form: Form,
}

/// The form of the file.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// RFC 7468.
    Pem,
    /// The same, and the certificates of its issuers behind it.
    Chain,
    /// RFC 5280, as programs take it.
    Der,
}

pub(super) async fn file(
    State(console): State<Console>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<Asked>,
    parts: Parts,
) -> Response {
    let Asked { authority, serial, form } = asked;
    let issued = console.certificate_file(&actor, &authority, serial).await.map_err(AppError::from);
    let file = issued.and_then(|issued| match form {
        Form::Pem => Ok((issued.pem.into_bytes(), "pem", "application/x-pem-file")),
        Form::Chain => match issued.chain {
            Some(chain) => {
                let whole = format!("{}\n{}\n", issued.pem.trim_end(), chain.trim_end());
                Ok((whole.into_bytes(), "chain.pem", "application/x-pem-file"))
            }
            None => Err(AppError::NotFound { what: Noun::Certificate }),
        },
        Form::Der => Ok((issued.der, "der", "application/pkix-cert")),
    });
    match file {
        Ok((bytes, ending, kind)) => {
            let name = format!("attachment; filename=\"{serial}.{ending}\"");
            ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response()
        }
        Err(error) => refused(&parts, error),
    }
}
