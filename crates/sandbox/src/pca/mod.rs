//! AWS Private CA on loopback: the AWS JSON 1.1 protocol in front, real X.509 behind, state in one SQLite file.
//!
//! It knows the API as `aws-sdk-acmpca`, boto3 and the AWS CLI speak it. It refuses to know what is provisioned
//! through it or planted in it; reports and CRLs leave it only over the S3 protocol, through the given client.
//!
//! ```text
//! let pca = Pca::open(options)?;                  // opens or continues the state in `data_dir`
//! pca.set_quotas(Quotas::unlimited());            // while filling; `Quotas::default()` is what AWS grants
//! pca.serve(listener, shutdown).await?;           // `Pca` is a cheap clone of one shared state
//! ```
//!
//! How an authority becomes ACTIVE, as at AWS: CreateCertificateAuthority, GetCertificateAuthorityCsr, then
//! IssueCertificate of that CSR (a ROOT by itself with `RootCACertificate/V1`, a SUBORDINATE by its parent with
//! `SubordinateCACertificate_PathLenN/V1`), GetCertificate, ImportCertificateAuthorityCertificate.
//!
//! A few calls of IAM, by which a caller is contained, are taken at the same port (`iam.rs`).
//!
//! What differs from AWS: signatures of requests are not verified (the access key id alone names the principal);
//! keys are P-256 only; base templates only; no tags, permissions, policies or deletion. Each of these is refused with an
//! error that says so. Partitions of a CRL are of a fixed number, and OCSP leaves nothing in the trail.

mod background;
mod call;
mod crl;
mod error;
mod event;
mod http;
mod iam;
mod ocsp;
mod operations;
mod quotas;
mod stamp;
mod store;
mod tally;
mod troubles;
mod x509;

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::sync::watch;

use crate::clock::Clock;
pub use call::{Call, Caller};
pub use error::ApiError;
pub use event::{Event, Issuance, Observer};
pub use operations::Past;
pub use quotas::Quotas;
pub use tally::{Certificate, Tally};

use ocsp::Delegate;
use quotas::Buckets;
use stamp::Stamp;
use store::{Authority, Store};
use tally::Tallies;
use troubles::{Fate, Troubles};

/// Who an access key stands for.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The ARN that issuances and revocations are recorded under. A service's name instead (`acm.amazonaws.com`)
    /// makes a report show it as `requestedByServicePrincipal`.
    pub arn: String,
    /// Operations it may call: exact names, or a prefix and `*` (`Get*`, `*`). Anything else is
    /// AccessDeniedException.
    pub allowed: Vec<String>,
}

/// How this endpoint behaves. The delays that AWS has are in each field's text.
#[derive(Clone)]
pub struct Options {
    /// Directory of the state; `pca.sqlite` is made in it.
    pub data_dir: PathBuf,
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// Between two audit reports of one authority: 30 minutes at AWS.
    pub report_interval: Duration,
    /// How long a report stays CREATING.
    pub report_delay: Duration,
    /// How long GetCertificate answers RequestInProgressException, and an authority stays CREATING.
    pub issue_delay: Duration,
    /// From a revocation to its CRL, about 30 minutes at AWS, and to OCSP, up to 60. A failed write is tried again after
    /// half of it.
    pub crl_delay: Duration,
    pub quotas: Quotas,
    /// Writes reports and CRLs.
    pub s3: aws_sdk_s3::Client,
    /// By access key id.
    pub principals: HashMap<String, Principal>,
    /// Is told what happens here.
    pub observer: Observer,
    pub clock: Clock,
}

/// The running Private CA.
#[derive(Clone)]
pub struct Pca(Arc<Shared>);

struct Shared {
    options: Options,
    store: Store,
    buckets: Buckets,
    /// How many times it was looked for CRLs that are due.
    looks: watch::Sender<u64>,
    /// By the authority's id.
    troubles: Mutex<HashMap<String, Troubles>>,
    delegates: Mutex<HashMap<String, Arc<Delegate>>>,
    tallies: Tallies,
}

impl Pca {
    /// Opens the state in `data_dir`, or starts one.
    ///
    /// # Errors
    /// The directory or the SQLite file cannot be made or read.
    pub fn open(options: Options) -> anyhow::Result<Self> {
        let store = Store::open(&options.data_dir)?;
        let buckets = Buckets::new(options.quotas.clone());
        let (troubles, delegates) = (Mutex::default(), Mutex::default());
        let looks = watch::Sender::default();
        let tallies = Tallies::default();
        Ok(Self(Arc::new(Shared { options, store, buckets, looks, troubles, delegates, tallies })))
    }

    /// Comes back when a whole look for CRLs that are due, begun after now, has ended. It is served meanwhile.
    pub async fn has_looked(&self) {
        let mut looks = self.0.looks.subscribe();
        let whole = *looks.borrow() + 2;
        // The sender lives as long as this.
        drop(looks.wait_for(|looks| *looks >= whole).await);
    }

    /// Replaces the request rates from now on, for all callers.
    pub fn set_quotas(&self, quotas: Quotas) {
        self.0.buckets.set(quotas);
    }

    /// Answers requests, writes reports and publishes CRLs until `shutdown` ends. What is unfinished then
    /// continues at the next start from the same directory.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(
        &self,
        listener: tokio::net::TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let reports = tokio::spawn(background::write_reports(self.clone()));
        let crls = tokio::spawn(background::publish_crls(self.clone()));
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "no TCP_NODELAY");
            }
        });
        let served =
            axum::serve(listener, http::service(self.clone())).with_graceful_shutdown(shutdown).await;
        reports.abort();
        crls.abort();
        Ok(served?)
    }

    /// What goes wrong with the authority of this id.
    fn troubles(&self, authority: &str) -> Troubles {
        let troubles = self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        troubles.get(authority).copied().unwrap_or_default()
    }

    fn set_troubles(&self, authority: String, troubles: Troubles) {
        self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner).insert(authority, troubles);
    }

    /// Counts a call, and says what becomes of it.
    fn fate(&self, operation: &str, parameters: &serde_json::Value) -> Fate {
        if operation != "RevokeCertificate" {
            return Fate::Served;
        }
        let number = self.0.tallies.call(parameters);
        let arn = parameters.get("CertificateAuthorityArn").and_then(serde_json::Value::as_str);
        let authority = arn.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
        self.troubles(authority).revoke.fate(number)
    }

    /// Who signs OCSP responses for an authority.
    fn delegate(&self, authority: &Authority) -> anyhow::Result<Arc<Delegate>> {
        let mut delegates = self.0.delegates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(delegate) = delegates.get(&authority.uuid) {
            return Ok(delegate.clone());
        }
        let delegate = Arc::new(Delegate::of(authority)?);
        delegates.insert(authority.uuid.clone(), delegate.clone());
        Ok(delegate)
    }

    fn observe(&self, event: Event<'_>) {
        (self.0.options.observer)(event);
    }

    fn now(&self) -> Stamp {
        Stamp::from(self.0.options.clock.now())
    }

    fn options(&self) -> &Options {
        &self.0.options
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    /// The ARN of the authority with this id.
    fn authority_arn(&self, id: &str) -> String {
        let Options { region, account, .. } = self.options();
        format!("arn:aws:acm-pca:{region}:{account}:certificate-authority/{id}")
    }
}
