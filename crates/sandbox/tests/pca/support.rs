//! A Private CA, an S3 and a clock of its own for each test; and the few flows that every test needs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_acmpca::Client as Acmpca;
use aws_sdk_acmpca::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use aws_sdk_acmpca::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_acmpca::primitives::Blob;
use aws_sdk_acmpca::types::{
    Asn1Subject, CertificateAuthorityConfiguration, CertificateAuthorityType, CrlConfiguration, KeyAlgorithm,
    RevocationConfiguration, SigningAlgorithm, Validity, ValidityPeriodType,
};
use aws_sdk_s3::Client as S3;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, DnType, KeyPair, SigningKey};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use sandbox::clock::Clock;
use sandbox::pca::{Options, Pca, Principal, Quotas};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Longer than any of what happens by itself takes.
pub const REGION: &str = "eu-central-1";
pub const ACCOUNT: &str = "123456789012";
pub const BUCKET: &str = "pca-bucket";
pub const END_ENTITY: &str = "arn:aws:acm-pca:::template/EndEntityCertificate/V1";

pub struct World {
    pub clock: Clock,
    pub s3: S3,
    pub pca: Pca,
    pub url: String,
    pub s3_url: String,
    options: Options,
    stop: Option<(oneshot::Sender<()>, tokio::task::JoinHandle<anyhow::Result<()>>)>,
    directory: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl World {
    /// Delays of AWS's kind, rates without limit, nothing in it.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().to_string());
        std::fs::create_dir_all(directory.join("s3")).unwrap();
        let (s3, s3_url) = serve_s3(&directory.join("s3")).await;
        s3.create_bucket().bucket(BUCKET).send().await.unwrap();
        let principal = |arn: &str, allowed: &[&str]| Principal {
            arn: arn.to_owned(),
            allowed: allowed.iter().map(|pattern| (*pattern).to_owned()).collect(),
        };
        let clock = Clock::system();
        let mut options = Options {
            data_dir: directory.join("pca"),
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
            report_interval: Duration::from_secs(1800),
            report_delay: Duration::from_secs(20),
            issue_delay: Duration::from_secs(5),
            crl_delay: Duration::from_secs(1800),
            quotas: Quotas::unlimited(),
            s3: s3.clone(),
            observer: std::sync::Arc::new(|_| {}),
            principals: HashMap::from([
                ("AKIAADMIN".to_owned(), principal("arn:aws:iam::123456789012:user/admin", &["*"])),
                (
                    "AKIAREAD".to_owned(),
                    principal("arn:aws:iam::123456789012:role/console-read", &["Get*", "Describe*", "List*"]),
                ),
                ("AKIAACM".to_owned(), principal("acm.amazonaws.com", &["IssueCertificate"])),
            ]),
            clock: clock.clone(),
        };
        change(&mut options);
        let pca = Pca::open(options.clone()).unwrap();
        let mut world = Self { clock, s3, pca, url: String::new(), s3_url, options, stop: None, directory };
        world.serve().await;
        world
    }

    async fn serve(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let pca = self.pca.clone();
        let served = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            pca.serve(listener, shutdown).await
        });
        self.stop = Some((stop, served));
    }

    /// Ends the endpoint, as at the end of the process.
    pub async fn stop(&mut self) {
        let (stop, served) = self.stop.take().unwrap();
        stop.send(()).unwrap();
        served.await.unwrap().unwrap();
    }

    /// Starts again from the same directory.
    pub async fn start_again(&mut self) {
        self.pca = Pca::open(self.options.clone()).unwrap();
        self.serve().await;
    }

    /// A client with this access key, which does not retry.
    pub fn client(&self, access_key: &str) -> Acmpca {
        let config = aws_sdk_acmpca::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(&self.url)
            .credentials_provider(Credentials::new(access_key, "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .build();
        Acmpca::from_conf(config)
    }

    pub fn admin(&self) -> Acmpca {
        self.client("AKIAADMIN")
    }

    /// Makes something go wrong with an authority's CRL or OCSP.
    pub async fn trouble(&self, authority: &str, troubles: &'static str) {
        let url = format!("{}/troubles/{}", self.url, tail(authority));
        let put = http().put(url).header("content-type", "application/json").body(troubles);
        assert!(put.send().await.unwrap().status().is_success());
    }

    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// An object's bytes once it is there, or once it differs from `old`.
    pub async fn object(&self, key: &str, old: Option<&[u8]>) -> Vec<u8> {
        sandbox::until(key, async || self.object_now(key).await.filter(|bytes| Some(bytes.as_slice()) != old))
            .await
    }

    /// `None` also while it is being replaced: s3s-fs writes the object first and its checksum after it.
    pub async fn object_now(&self, key: &str) -> Option<Vec<u8>> {
        let got = self.s3.get_object().bucket(BUCKET).key(key).send().await.ok()?;
        Some(got.body.collect().await.ok()?.to_vec())
    }

    /// An authority whose CRL is in the bucket, not yet operational.
    pub async fn created(&self, kind: CertificateAuthorityType) -> String {
        let crl = CrlConfiguration::builder()
            .enabled(true)
            .expiration_in_days(7)
            .s3_bucket_name(BUCKET)
            .build()
            .unwrap();
        let created = self
            .admin()
            .create_certificate_authority()
            .certificate_authority_configuration(configuration())
            .certificate_authority_type(kind)
            .revocation_configuration(RevocationConfiguration::builder().crl_configuration(crl).build())
            .send()
            .await
            .unwrap();
        self.pass(self.options.issue_delay);
        created.certificate_authority_arn.unwrap()
    }

    /// A root that has signed itself and is ACTIVE.
    pub async fn root(&self) -> String {
        let arn = self.created(CertificateAuthorityType::Root).await;
        self.install_root(&arn, 3650).await;
        arn
    }

    pub async fn install_root(&self, arn: &str, days: i64) {
        let admin = self.admin();
        let csr = admin.get_certificate_authority_csr().certificate_authority_arn(arn).send().await.unwrap();
        let template = "arn:aws:acm-pca:::template/RootCACertificate/V1";
        let certificate = self.issue_with(arn, csr.csr().unwrap(), template, days).await;
        let got = self.get(arn, &certificate).await;
        admin
            .import_certificate_authority_certificate()
            .certificate_authority_arn(arn)
            .certificate(Blob::new(got))
            .send()
            .await
            .unwrap();
    }

    /// The ARN of a certificate that is issued and done.
    pub async fn issue(&self, authority: &str, name: &str) -> String {
        self.issue_with(authority, &csr(name), END_ENTITY, 365).await
    }

    pub async fn issue_with(&self, authority: &str, csr: &str, template: &str, days: i64) -> String {
        let issued = self
            .admin()
            .issue_certificate()
            .certificate_authority_arn(authority)
            .csr(Blob::new(csr))
            .signing_algorithm(SigningAlgorithm::Sha256Withecdsa)
            .template_arn(template)
            .validity(validity(days))
            .send()
            .await
            .unwrap();
        self.pass(self.options.issue_delay);
        issued.certificate_arn.unwrap()
    }

    /// PEM of an issued certificate.
    pub async fn get(&self, authority: &str, certificate: &str) -> String {
        let got = self
            .admin()
            .get_certificate()
            .certificate_authority_arn(authority)
            .certificate_arn(certificate)
            .send()
            .await
            .unwrap();
        got.certificate.unwrap()
    }

    pub async fn revoke(&self, authority: &str, serial: &str) -> Result<(), String> {
        let reason = aws_sdk_acmpca::types::RevocationReason::KeyCompromise;
        self.admin()
            .revoke_certificate()
            .certificate_authority_arn(authority)
            .certificate_serial(serial)
            .revocation_reason(reason)
            .send()
            .await
            .map(|_| ())
            .map_err(code)
    }

    pub async fn status(&self, authority: &str) -> String {
        let described = self
            .admin()
            .describe_certificate_authority()
            .certificate_authority_arn(authority)
            .send()
            .await
            .unwrap();
        described.certificate_authority.unwrap().status.unwrap().to_string()
    }
}

/// Follows no redirects.
pub fn http() -> reqwest::Client {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The exception's name.
pub fn code<E: ProvideErrorMetadata>(error: SdkError<E>) -> String {
    error.code().unwrap_or("(no code)").to_owned()
}

/// The last part of an ARN.
pub fn tail(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap()
}

pub fn validity(days: i64) -> Validity {
    Validity::builder().value(days).r#type(ValidityPeriodType::Days).build().unwrap()
}

pub fn configuration() -> CertificateAuthorityConfiguration {
    let subject =
        Asn1Subject::builder().country("DE").organization("Example").common_name("Example CA").build();
    CertificateAuthorityConfiguration::builder()
        .key_algorithm(KeyAlgorithm::EcPrime256v1)
        .signing_algorithm(SigningAlgorithm::Sha256Withecdsa)
        .subject(subject)
        .build()
        .unwrap()
}

/// PEM of a request for a device of this name.
pub fn csr(name: &str) -> String {
    let mut params = CertificateParams::new([format!("{name}.example")]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Example Company");
    params.distinguished_name.push(DnType::CommonName, name);
    params.serialize_request(&KeyPair::generate().unwrap()).unwrap().pem().unwrap()
}

/// PEM of a correctly signed request whose subject is any DER at all.
pub fn csr_with_subject(subject: &[u8]) -> String {
    let key = KeyPair::generate().unwrap();
    let public_key = rcgen::PublicKeyData::subject_public_key_info(&key);
    let info = yasna::construct_der(|writer| {
        writer.write_sequence(|seq| {
            seq.next().write_u8(0);
            seq.next().write_der(subject);
            seq.next().write_der(&public_key);
            seq.next().write_tagged_implicit(yasna::Tag::context(0), |w| w.write_set(|_| {}));
        });
    });
    let signature = key.sign(&info).unwrap();
    let algorithm = yasna::models::ObjectIdentifier::from_slice(&[1, 2, 840, 10045, 4, 3, 2]);
    let der = yasna::construct_der(|writer| {
        writer.write_sequence(|seq| {
            seq.next().write_der(&info);
            seq.next().write_sequence(|seq| seq.next().write_oid(&algorithm));
            seq.next().write_bitvec_bytes(&signature, signature.len() * 8);
        });
    });
    use base64::Engine;
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let lines =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>();
    format!("-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n", lines.join("\n"))
}

/// DER of one PEM block.
pub fn der(pem: &str) -> Vec<u8> {
    x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap().1.contents
}

async fn serve_s3(root: &std::path::Path) -> (S3, String) {
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
    builder.set_auth(SimpleAuth::from_single("AKIAADMIN", "secret"));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
        while let Ok((socket, _)) = listener.accept().await {
            let connection = server.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
            tokio::spawn(connection);
        }
    });
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(REGION))
        .endpoint_url(&url)
        .force_path_style(true)
        .credentials_provider(aws_sdk_s3::config::Credentials::new("AKIAADMIN", "secret", None, None, "test"))
        .build();
    (S3::from_conf(config), url)
}
