//! What the certificates' pages ask the server for.

use domain::preferences::ListSettings;
use domain::views::{Authority, CertificatePage, CertificateQuery, CertificateView};
use domain::{AuthorityId, Serial};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use {crate::session, domain::preferences::OwnList};

/// One page of the list, with the authorities that it can be narrowed to, and what the viewer has set up for themselves.
#[server(endpoint = "certificates", input = server_fn::codec::Json)]
pub async fn list_certificates(
    query: CertificateQuery,
) -> Result<(CertificatePage, Vec<Authority>, ListSettings), AppError> {
    let (console, actor) = session::acting()?;
    let settings = console.list_settings(&actor, OwnList::Certificates).await?;
    Ok((console.certificates(&actor, &query).await?, console.authorities(), settings))
}

/// Everything about one certificate.
#[server(endpoint = "certificate", input = GetUrl)]
pub async fn get_certificate(authority: AuthorityId, serial: Serial) -> Result<CertificateView, AppError> {
    let (console, actor) = session::acting()?;
    Ok(console.certificate(&actor, &authority, serial).await?)
}
