//! What a CA is and how it tells of revocations.

use aws_sdk_acmpca::types::{CertificateAuthority, CertificateAuthorityUsageMode};
use domain::revocation::Channels;
use domain::{AuthorityArn, Serial, Timestamp};

use super::crl_place::{CrlPlace, suffix};
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
    /// `None`: no responder speaks for it.
    pub ocsp: Option<OcspPlace>,
}

/// Where a CA's OCSP responder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OcspPlace {
    /// AWS's own, by its host name.
    Aws(String),
    /// As whoever configured the CA names it. It may be anything.
    Custom(String),
}

impl AuthorityDetails {
    /// Where its revocations show, besides its reports.
    pub fn channels(&self) -> Channels {
        Channels { crl: self.crl.is_some(), ocsp: self.ocsp.is_some() }
    }
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
        crl: crl.and_then(|crl| CrlPlace::of(authority, crl)),
        ocsp: ocsp.filter(|ocsp| ocsp.enabled()).map(|ocsp| match ocsp.ocsp_custom_cname() {
            Some(name) => OcspPlace::Custom(name.to_owned()),
            None => OcspPlace::Aws(format!("ocsp.acm-pca.{}.{}", authority.region(), suffix(authority))),
        }),
    }
}
