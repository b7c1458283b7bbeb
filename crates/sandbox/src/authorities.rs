//! The two root authorities, set up through the API as an administrator does it.

use std::time::Duration;

use anyhow::{Context, bail};
use aws_sdk_acmpca::Client;
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    Asn1Subject, CertificateAuthorityConfiguration, CertificateAuthorityStatus, CertificateAuthorityType,
    CrlConfiguration, CrlType, KeyAlgorithm, OcspConfiguration, RevocationConfiguration, SigningAlgorithm,
    Validity, ValidityPeriodType,
};
use serde::{Deserialize, Serialize};

use crate::certificate::await_certificate;

/// The authorities of a sandbox: most certificates come from the first.
const NAMES: [(&str, CrlType); 2] = [("devices", CrlType::Complete), ("gateways", CrlType::Partitioned)];
const ROOT_TEMPLATE: &str = "arn:aws:acm-pca:::template/RootCACertificate/V1";
/// Between two looks whether something asynchronous is done, and how many of them.
const POLL: Duration = Duration::from_millis(100);
const POLLS: u32 = 600;

/// An authority of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    pub arn: String,
    /// How the console's configuration calls it.
    pub name: String,
}

/// Creates both and makes them ACTIVE. `ocsp`: host and port of their responder.
pub(crate) async fn create(client: &Client, crl_bucket: &str, ocsp: &str) -> anyhow::Result<Vec<Authority>> {
    let mut authorities = Vec::new();
    for (name, crl) in NAMES {
        let revocation = revocation(crl, crl_bucket, ocsp)?;
        let arn = create_one(client, name, revocation).await.with_context(|| format!("authority {name}"))?;
        authorities.push(Authority { arn, name: name.to_owned() });
    }
    Ok(authorities)
}

async fn create_one(
    client: &Client,
    name: &str,
    revocation: RevocationConfiguration,
) -> anyhow::Result<String> {
    let created = client
        .create_certificate_authority()
        .certificate_authority_type(CertificateAuthorityType::Root)
        .certificate_authority_configuration(configuration(name)?)
        .revocation_configuration(revocation)
        .idempotency_token(uuid::Uuid::new_v4().simple().to_string())
        .send()
        .await?;
    let arn =
        created.certificate_authority_arn.context("CreateCertificateAuthority answered without an ARN")?;
    wait_until_created(client, &arn).await?;
    let csr = client.get_certificate_authority_csr().certificate_authority_arn(&arn).send().await?;
    let issued = client
        .issue_certificate()
        .certificate_authority_arn(&arn)
        .csr(Blob::new(csr.csr.context("no CSR")?))
        .signing_algorithm(SigningAlgorithm::Sha256Withecdsa)
        .template_arn(ROOT_TEMPLATE)
        .validity(Validity::builder().value(10).r#type(ValidityPeriodType::Years).build()?)
        .send()
        .await?;
    let certificate_arn = issued.certificate_arn.context("IssueCertificate answered without an ARN")?;
    let certificate = await_certificate(client, &arn, &certificate_arn).await?;
    client
        .import_certificate_authority_certificate()
        .certificate_authority_arn(&arn)
        .certificate(Blob::new(certificate))
        .send()
        .await?;
    Ok(arn)
}

fn configuration(name: &str) -> anyhow::Result<CertificateAuthorityConfiguration> {
    let subject = Asn1Subject::builder()
        .country("DE")
        .organization("Example Metering")
        .organizational_unit("Device PKI")
        .common_name(format!("Example Metering Root CA {name}"))
        .build();
    Ok(CertificateAuthorityConfiguration::builder()
        .key_algorithm(KeyAlgorithm::EcPrime256v1)
        .signing_algorithm(SigningAlgorithm::Sha256Withecdsa)
        .subject(subject)
        .build()?)
}

fn revocation(crl: CrlType, bucket: &str, ocsp: &str) -> anyhow::Result<RevocationConfiguration> {
    let crl =
        CrlConfiguration::builder().enabled(true).expiration_in_days(7).s3_bucket_name(bucket).crl_type(crl);
    let ocsp = OcspConfiguration::builder().enabled(true).ocsp_custom_cname(ocsp).build()?;
    let revocation = RevocationConfiguration::builder().crl_configuration(crl.build()?);
    Ok(revocation.ocsp_configuration(ocsp).build())
}

async fn wait_until_created(client: &Client, arn: &str) -> anyhow::Result<()> {
    for _ in 0..POLLS {
        let answer = client.describe_certificate_authority().certificate_authority_arn(arn).send().await?;
        match answer.certificate_authority.and_then(|authority| authority.status) {
            Some(CertificateAuthorityStatus::PendingCertificate) => return Ok(()),
            Some(CertificateAuthorityStatus::Creating) => tokio::time::sleep(POLL).await,
            other => bail!("{arn} is {other:?}, not waiting for its certificate"),
        }
    }
    bail!("{arn} is still being created")
}
