//! What a CA is and how it tells of revocations.

use aws_sdk_acmpca::types::{CertificateAuthority, CertificateAuthorityUsageMode, CrlConfiguration, CrlType};
use domain::{AuthorityArn, Serial, Timestamp};

use crate::error::sdk;
use crate::moment::moment;
use crate::{Aws, Clients, Error, Thing};

/// A CA, as AWS describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityDetails {
    /// `ACTIVE`, `DISABLED`, `EXPIRED`, …: reports and revocations need one of the first two.
    pub status: String,
    pub not_after: Option<Timestamp>,
    /// Of its own certificate; `None`: it has none yet.
    pub serial: Option<Serial>,
    /// Its certificates live at most seven days.
    pub is_short_lived: bool,
    /// `None`: it publishes no CRL.
    pub crl: Option<CrlPlace>,
    pub has_ocsp: bool,
}

/// Where a CA's CRLs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrlPlace {
    /// One CRL with every revoked certificate.
    Complete { bucket: String, key: String },
    /// Many, each for some of the certificates and named in them.
    Partitioned { bucket: String, prefix: String },
}

impl Aws {
    /// # Errors
    /// [`Error::NotFound`]
    pub async fn describe_authority(&self, authority: &AuthorityArn) -> Result<AuthorityDetails, Error> {
        Self::describe(&self.own, authority).await
    }

    /// The same with the executor's credentials, to see whether they are any good before they are needed.
    pub async fn describe_authority_as_executor(
        &self,
        authority: &AuthorityArn,
    ) -> Result<AuthorityDetails, Error> {
        Self::describe(self.executor("acm-pca:DescribeCertificateAuthority")?, authority).await
    }

    async fn describe(clients: &Clients, authority: &AuthorityArn) -> Result<AuthorityDetails, Error> {
        let call = clients.acmpca.describe_certificate_authority();
        let answer = call.certificate_authority_arn(authority.as_str()).send().await;
        let answer = answer.map_err(sdk(
            "acm-pca:DescribeCertificateAuthority",
            Thing::Authority,
            authority.as_str(),
        ))?;
        let found = answer.certificate_authority;
        found
            .map(|found| details(authority, &found))
            .ok_or_else(|| Error::not_found(Thing::Authority, authority.as_str()))
    }
}

fn details(authority: &AuthorityArn, found: &CertificateAuthority) -> AuthorityDetails {
    let revocation = found.revocation_configuration();
    let crl = revocation.and_then(|revocation| revocation.crl_configuration());
    let ocsp = revocation.and_then(|revocation| revocation.ocsp_configuration());
    AuthorityDetails {
        status: found.status().map_or_else(|| "unknown".to_owned(), |status| status.as_str().to_owned()),
        not_after: moment(found.not_after()),
        serial: found.serial().and_then(|serial| serial.parse().ok()),
        is_short_lived: found.usage_mode() == Some(&CertificateAuthorityUsageMode::ShortLivedCertificate),
        crl: crl.and_then(|crl| crl_place(authority, crl)),
        has_ocsp: ocsp.is_some_and(|ocsp| ocsp.enabled()),
    }
}

/// The key is `crl/ID.crl`, or below the configured path. AWS Private CA User Guide, "Plan your certificate revocation
/// method", CRL structure.
fn crl_place(authority: &AuthorityArn, crl: &CrlConfiguration) -> Option<CrlPlace> {
    let bucket = crl.s3_bucket_name().filter(|_| crl.enabled())?.to_owned();
    let prefix = format!("{}/", crl.custom_path().unwrap_or("crl").trim_matches('/'));
    Some(match crl.crl_type() {
        Some(CrlType::Partitioned) => CrlPlace::Partitioned { bucket, prefix },
        _ => CrlPlace::Complete { bucket, key: format!("{prefix}{}.crl", authority.id()) },
    })
}
