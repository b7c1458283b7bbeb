//! Certificates that are written as if they had been issued: a million are there in seconds, because no event tells of them
//! and the X.509 of each is made when somebody asks for it.

use rcgen::{CertificateParams, KeyPair};
use rusqlite::Connection;
use time::OffsetDateTime;

use super::super::Pca;
use super::super::crl::{Publication, ocsp_url};
use super::super::error::ApiError;
use super::super::stamp::Stamp;
use super::super::store::{Authority, Found, Loaded, Serial};
use super::super::x509::{self, Csr, Issued, Template};
use super::issuance::{EARLIER, sign};

/// A certificate of the past.
#[derive(Debug)]
pub struct Past {
    pub serial: Serial,
    /// As an audit report writes it; of common name, unit and organization, none of which needs escaping.
    pub subject: String,
    pub dns_name: String,
    pub issued_at: OffsetDateTime,
    pub not_after: OffsetDateTime,
}

impl Pca {
    /// Writes these certificates of the authority with this ARN, all or none, as issued to `principal` from the template that
    /// is used without one.
    ///
    /// # Errors
    /// There is no such authority, or one of the serial numbers is taken.
    pub fn load(&self, authority: &str, principal: &str, past: &[Past]) -> anyhow::Result<()> {
        let template = Template::from_arn(None).map(Template::arn).unwrap_or_default();
        let mut db = self.store().lock();
        let change = db.transaction()?;
        let authority = super::authority(self, &change, authority)?;
        for Past { serial, subject, dns_name, issued_at, not_after } in past {
            let issued_at = Stamp::from(*issued_at);
            let loaded = Loaded {
                serial,
                subject,
                dns_name,
                not_before: issued_at.minus(EARLIER),
                not_after: (*not_after).into(),
                issued_at,
            };
            loaded.insert(&change, authority.id, &template, principal)?;
        }
        Ok(change.commit()?)
    }
}

/// The X.509 of a loaded certificate, with a key that nobody holds: DER, the same from now on.
pub fn make(
    pca: &Pca,
    db: &Connection,
    authority: &Authority,
    serial: Serial,
    found: &Found,
) -> Result<Vec<u8>, ApiError> {
    let unusable = || ApiError::internal(format!("{:?} cannot have been loaded", found.subject));
    let mut params = CertificateParams::new(found.dns_name.iter().cloned().collect::<Vec<_>>())?;
    params.distinguished_name = x509::plain_name(&found.subject).ok_or_else(unusable)?;
    let request = params.serialize_request(&KeyPair::generate()?)?.pem()?;
    let csr = Csr::from_pem(request.as_bytes()).map_err(ApiError::internal)?;
    let template = Template::from_arn(Some(&found.template)).ok_or_else(unusable)?;
    let (not_before, not_after) = (found.not_before.into(), found.not_after.into());
    let issued = Issued { csr: &csr, template, serial, not_before, not_after };
    let publication = Publication::of(authority, &pca.options().region)?;
    let crl_url = publication.as_ref().and_then(|publication| publication.url_for(&serial));
    let ocsp_url = ocsp_url(authority, &pca.options().region)?;
    let key = KeyPair::try_from(authority.key.as_slice())?;
    let der = sign(authority, &key, &issued, crl_url, ocsp_url.as_deref())?;
    found.keep(db, &der)?;
    Ok(der)
}
