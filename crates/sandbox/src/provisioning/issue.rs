//! Issuing: key and CSR on the device's behalf, IssueCertificate, and waiting for the certificate.

use anyhow::Context;
use aws_sdk_acmpca::Client;
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{SigningAlgorithm, Validity, ValidityPeriodType};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::X509Certificate;

use crate::authorities::Authority;
use crate::certificate::await_certificate;
use crate::clock::Clock;
use crate::fleet::Device;

/// The template that the service always names, so that its policy can insist on it.
pub(crate) const TEMPLATE: &str = "arn:aws:acm-pca:::template/EndEntityCertificate/V1";
const ORGANIZATION: &str = "Example Metering";

/// Somebody who may call IssueCertificate.
pub(crate) struct Issuer {
    pub(crate) client: Client,
    pub(crate) clock: Clock,
}

/// A certificate on its way.
pub(crate) struct Requested {
    arn: String,
    subject: String,
    asked_at: OffsetDateTime,
}

/// What the service writes down about a certificate.
pub(crate) struct Certificate {
    pub(crate) arn: String,
    /// Lower-case hex without colons.
    pub(crate) serial: String,
    pub(crate) subject: String,
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
    /// SHA-256 of the DER, hex. `None`: there is no DER yet.
    pub(crate) fingerprint: Option<String>,
}

impl Certificate {
    /// What the service believed to have got when the issuance failed behind its back.
    pub(crate) fn that_never_was(device: &Device, authority: &Authority, now: OffsetDateTime) -> Self {
        Self { fingerprint: Some(crate::secret::token()), ..Self::unsigned(device, authority, now) }
    }

    /// One issued then, with a serial number of its own, but for the X.509.
    pub(crate) fn unsigned(device: &Device, authority: &Authority, at: OffsetDateTime) -> Self {
        // A serial of Private CA has sixteen octets; the first one keeps it positive and whole.
        let mut octets: [u8; 16] = rand::random();
        octets[0] = octets[0] & 0x3f | 0x40;
        let serial = hex::encode(octets);
        Self {
            arn: format!("{}/certificate/{serial}", authority.arn),
            subject: subject(device),
            issued_at: at,
            expires_at: at + time::Duration::days(device.days),
            fingerprint: None,
            serial,
        }
    }
}

impl Issuer {
    /// Asks for the device's certificate.
    pub(crate) async fn request(&self, device: &Device, authority: &Authority) -> anyhow::Result<Requested> {
        let asked_at = self.clock.now();
        let validity = Validity::builder().value(device.days).r#type(ValidityPeriodType::Days).build()?;
        let answer = self
            .client
            .issue_certificate()
            .certificate_authority_arn(&authority.arn)
            .csr(Blob::new(signing_request(device, &KeyPair::generate()?)?))
            .signing_algorithm(SigningAlgorithm::Sha256Withecdsa)
            .template_arn(TEMPLATE)
            .validity(validity)
            .idempotency_token(uuid::Uuid::new_v4().simple().to_string())
            .send()
            .await
            .with_context(|| format!("IssueCertificate for {}", device.id))?;
        let arn = answer.certificate_arn.context("IssueCertificate answered without an ARN")?;
        Ok(Requested { arn, subject: subject(device), asked_at })
    }

    /// Waits for the certificate and reads it.
    pub(crate) async fn collect(
        &self,
        requested: Requested,
        authority: &Authority,
    ) -> anyhow::Result<Certificate> {
        let pem = await_certificate(&self.client, &authority.arn, &requested.arn).await?;
        read(&pem, requested)
    }
}

/// The subject that the service asks for, as an audit report spells it. None of its values needs escaping.
fn subject(device: &Device) -> String {
    format!("CN={},OU={},O={ORGANIZATION}", device.id, device.site)
}

/// The name that a device's certificate is for.
pub(crate) fn dns_name(device: &Device) -> String {
    format!("{}.devices.example.com", device.id)
}

/// The request for the device's certificate, in PEM, with a key that stays on the device.
pub(crate) fn signing_request(device: &Device, key: &KeyPair) -> anyhow::Result<String> {
    let mut params = CertificateParams::new(vec![dns_name(device)])?;
    params.distinguished_name = DistinguishedName::new();
    for (attribute, value) in [
        (DnType::OrganizationName, ORGANIZATION),
        (DnType::OrganizationalUnitName, device.site),
        (DnType::CommonName, device.id.as_str()),
    ] {
        params.distinguished_name.push(attribute, value);
    }
    Ok(params.serialize_request(key)?.pem()?)
}

fn read(pem: &str, requested: Requested) -> anyhow::Result<Certificate> {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).context("the certificate is not PEM")?;
    let certificate: X509Certificate<'_> = pem.parse_x509().context("the certificate is not X.509")?;
    // DER puts a zero octet in front of a number whose first bit is set.
    let octets = certificate.raw_serial();
    let serial = octets.strip_prefix(&[0]).unwrap_or(octets);
    Ok(Certificate {
        arn: requested.arn,
        serial: hex::encode(serial),
        subject: requested.subject,
        issued_at: requested.asked_at,
        expires_at: certificate.validity().not_after.to_datetime(),
        fingerprint: Some(hex::encode(Sha256::digest(&pem.contents))),
    })
}
