//! An authority of one test's own, with its own way of publishing revocations and its own troubles.

use std::time::Duration;

use aws_sdk_acmpca::Client;
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    Asn1Subject, CertificateAuthorityConfiguration, CertificateAuthorityType, CrlConfiguration, CrlType,
    KeyAlgorithm, OcspConfiguration, RevocationConfiguration, RevocationReason, SigningAlgorithm, Validity,
    ValidityPeriodType,
};
use console::AuthoritySettings;
use domain::revocation::{Request, Target};
use domain::{AuthorityArn, Serial, views};
use futures::StreamExt;
use rcgen::{CertificateParams, DnType, KeyPair};
use sandbox::{Description, until};

use crate::endpoints::sdk;
use crate::support::{Bench, authority, description};

const END_ENTITY: &str = "arn:aws:acm-pca:::template/EndEntityCertificate/V1";
const ROOT: &str = "arn:aws:acm-pca:::template/RootCACertificate/V1";

pub struct Own {
    pub arn: AuthorityArn,
    pca: Client,
}

/// A CRL in the sandbox's bucket.
pub async fn crl(kind: CrlType) -> CrlConfiguration {
    let bucket = &description().await.buckets.crl;
    let crl = CrlConfiguration::builder().enabled(true).expiration_in_days(7).s3_bucket_name(bucket);
    crl.crl_type(kind).build().unwrap()
}

/// The sandbox's responder, or none.
async fn revocation(crl: Option<CrlConfiguration>, ocsp: bool) -> RevocationConfiguration {
    let host =
        description().await.endpoints.acm_pca.trim_start_matches("http://").replace("127.0.0.1", "localhost");
    let ocsp = OcspConfiguration::builder().enabled(ocsp).ocsp_custom_cname(host).build().unwrap();
    RevocationConfiguration::builder().set_crl_configuration(crl).ocsp_configuration(ocsp).build()
}

/// Asks until it is answered: the sandbox has AWS's quotas, and certificates take a moment.
async fn answered<T, E>(what: &str, ask: impl AsyncFn() -> Result<T, E>) -> T {
    until(what, async || ask().await.ok()).await
}

fn csr() -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "device");
    params.serialize_request(&KeyPair::generate().unwrap()).unwrap().pem().unwrap()
}

/// What the inventory does not know.
pub fn unrecorded(serial: &Serial) -> Target {
    Target {
        serial: *serial,
        device: None,
        serial_key: None,
        subject: None,
        expires_at: None,
        fingerprint: None,
    }
}

impl Own {
    pub async fn new(crl: Option<CrlConfiguration>, ocsp: bool) -> Self {
        let pca = Client::new(&sdk(description().await, "administrator"));
        let subject = Asn1Subject::builder().common_name(uuid::Uuid::new_v4().to_string()).build();
        let configuration = CertificateAuthorityConfiguration::builder()
            .key_algorithm(KeyAlgorithm::EcPrime256v1)
            .signing_algorithm(SigningAlgorithm::Sha256Withecdsa)
            .subject(subject)
            .build()
            .unwrap();
        let create = pca
            .create_certificate_authority()
            .certificate_authority_type(CertificateAuthorityType::Root)
            .certificate_authority_configuration(configuration)
            .revocation_configuration(revocation(crl, ocsp).await);
        let created = answered("authority", async || create.clone().send().await).await;
        let arn = created.certificate_authority_arn.unwrap();
        let own = Self { arn: arn.parse().unwrap(), pca };
        let csr = own.pca.get_certificate_authority_csr().certificate_authority_arn(&arn);
        let csr = answered("CSR", async || csr.clone().send().await).await.csr.unwrap();
        let certificate = own.sign(&csr, ROOT).await.1;
        let import = own.pca.import_certificate_authority_certificate().certificate_authority_arn(&arn);
        let import = import.certificate(Blob::new(certificate));
        answered("import", async || import.clone().send().await).await;
        own
    }

    /// The first authority of a sandbox, in the name of its administrator.
    pub fn first_of(description: &'static Description) -> Self {
        Self { arn: authority(description), pca: Client::new(&sdk(description, "administrator")) }
    }

    async fn sign(&self, csr: &str, template: &str) -> (Serial, String) {
        let arn = self.ask(csr, template).await;
        let get =
            self.pca.get_certificate().certificate_authority_arn(self.arn.as_str()).certificate_arn(&arn);
        let pem = answered("certificate", async || get.clone().send().await).await.certificate.unwrap();
        (arn.rsplit('/').next().unwrap().parse().unwrap(), pem)
    }

    /// The ARN of a certificate that will be there in a moment.
    async fn ask(&self, csr: &str, template: &str) -> String {
        let days = if template == ROOT { 3650 } else { 30 };
        let validity = Validity::builder().value(days).r#type(ValidityPeriodType::Days).build().unwrap();
        let issue =
            self.pca.issue_certificate().certificate_authority_arn(self.arn.as_str()).csr(Blob::new(csr));
        let issue = issue.signing_algorithm(SigningAlgorithm::Sha256Withecdsa).template_arn(template);
        let issue = issue.validity(validity).idempotency_token(uuid::Uuid::new_v4().simple().to_string());
        answered("issuance", async || issue.clone().send().await).await.certificate_arn.unwrap()
    }

    pub async fn issue(&self) -> Serial {
        self.sign(&csr(), END_ENTITY).await.0
    }

    /// Many of the same key, without waiting for them.
    pub async fn issue_many(&self, count: usize) -> Vec<Serial> {
        let csr = csr();
        let asked = futures::stream::iter(0..count).map(|_| self.ask(&csr, END_ENTITY));
        let serial = |arn: String| arn.rsplit('/').next().unwrap().parse::<Serial>().unwrap();
        asked.buffer_unordered(8).map(serial).collect().await
    }

    /// Revokes one past the console, so that another CRL is due.
    pub async fn revoke_another(&self) {
        self.revoke(self.issue().await).await;
    }

    /// Revokes it past the console.
    pub async fn revoke(&self, serial: Serial) {
        let revoke = self.pca.revoke_certificate().certificate_authority_arn(self.arn.as_str());
        let revoke =
            revoke.certificate_serial(serial.colons()).revocation_reason(RevocationReason::Superseded);
        answered("revocation", async || revoke.clone().send().await).await;
    }

    pub async fn publish(&self, crl: CrlConfiguration, ocsp: bool) {
        let update = self.pca.update_certificate_authority().certificate_authority_arn(self.arn.as_str());
        let update = update.revocation_configuration(revocation(Some(crl), ocsp).await);
        answered("update", async || update.clone().send().await).await;
    }

    /// Makes something go wrong with its CRL or OCSP.
    pub async fn trouble(&self, troubles: &'static str) {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let url = format!("{}/troubles/{}", description().await.endpoints.acm_pca, self.arn.id());
        let put = reqwest::Client::builder().no_proxy().build().unwrap().put(url);
        let put = put.header("content-type", "application/json").body(troubles).send().await;
        assert!(put.unwrap().status().is_success());
    }

    /// A console for it, whose CRL and OCSP are late at once if they should be.
    pub async fn bench(&self, deadline: Duration) -> Bench {
        let description = description().await;
        Bench::with(|parts| {
            parts.authorities = vec![AuthoritySettings {
                authority: views::Authority { arn: self.arn.clone(), name: "own".to_owned() },
                report_bucket: description.buckets.reports.clone(),
                known_cas: Vec::new(),
            }];
            parts.revocation.crl_deadline = deadline;
        })
        .await
    }

    pub async fn pending(&self, bench: &Bench, serials: &[Serial]) -> Request {
        bench.pending_of(self.arn.clone(), serials.iter().map(unrecorded).collect()).await
    }

    /// A request about them that the worker of the bench carries out.
    pub async fn revoked(&self, bench: &Bench, serials: &[Serial]) -> Request {
        let request = self.pending(bench, serials).await;
        let request = bench.approve(&request, "approver").await;
        bench.work().await;
        request
    }
}
