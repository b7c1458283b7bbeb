//! What the console is told at its start. Reading configuration and finding fault with it is the server's work.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use domain::schedule::Schedules;
use domain::trail::Issuers;
use domain::{Serial, views};
use tlog::{PublicKey, SigningKey};

use crate::clock::Clock;
use crate::log::{Files, Log};
use crate::notify::NotifySettings;
use crate::trail_settings::TrailSettings;

/// An authority and where its audit reports go.
#[derive(Clone, Debug)]
pub struct AuthoritySettings {
    pub authority: views::Authority,
    pub report_bucket: String,
    /// Serial numbers of certificates of CAs that it may have signed: nobody is asked who wanted them.
    pub known_cas: Vec<Serial>,
}

/// How reconciliation behaves.
#[derive(Clone, Debug)]
pub struct ReconcileSettings {
    /// Certificates issued or revoked less than this before the report was made are too young to judge.
    pub grace: Duration,
    /// What expired longer before the report was made, and is not in the inventory, is left out. `None`: nothing is.
    pub expired_after: Option<Duration>,
    /// A report that is younger than this is read again instead of asking for a new one. AWS makes one in 30 minutes.
    pub report_max_age: Duration,
    /// How often the read model scans the inventory anew.
    pub rescan: Duration,
    /// Where the read model's file lies, for this process alone; `None`: among the temporary files. It is made anew at
    /// each start.
    pub read_model: Option<PathBuf>,
}

/// How approved revocations are carried out and proven.
#[derive(Clone, Debug)]
pub struct RevocationSettings {
    /// Calls of RevokeCertificate a second, over all replicas. AWS's quota is 20 for an account and Region.
    pub rate: u32,
    /// Nothing is carried out until it is said otherwise.
    pub paused: bool,
    /// How long after the last revocation CRL and OCSP may take to show it. AWS says about 30 minutes for a CRL, of which it
    /// tries a failed update again every 15, and up to 60 for OCSP.
    pub crl_deadline: Duration,
    /// How often CRL and OCSP are looked at while a revocation waits for its proof, and CRLs for what others have revoked.
    pub crl_interval: Duration,
}

/// What is worth an alert.
#[derive(Clone, Debug)]
pub struct AlertSettings {
    /// So many refused issuances by one identity…
    pub denied: u32,
    /// …within this time are an alert.
    pub denied_within: Duration,
    /// So many certificates issued for one identity by one authority…
    pub burst: u32,
    /// …within this time are an alert.
    pub burst_within: Duration,
}

/// The log that the ledger is made into.
#[derive(Clone, Debug)]
pub struct LedgerSettings {
    pub bucket: String,
    /// Empty, or it ends with a slash.
    pub prefix: String,
    /// The log's name, which is its key's.
    pub origin: String,
    /// What verifies it: the key that signs, and those that did before.
    pub keys: Vec<PublicKey>,
    /// Whose cosignatures are shown.
    pub witnesses: Vec<PublicKey>,
    /// `None`: this process does not sign.
    pub signer: Option<Signer>,
}

/// What signs the log's checkpoints.
#[derive(Clone, Debug)]
pub enum Signer {
    File(Box<SigningKey>),
    /// An Ed25519 key of AWS KMS, by its ARN.
    Kms(String),
}

impl LedgerSettings {
    /// The log as this process reads it.
    pub fn log(&self, aws: &Aws) -> Log {
        let (bucket, prefix) = (self.bucket.clone(), self.prefix.clone());
        Log {
            files: Files::Bucket { aws: aws.clone(), bucket, prefix },
            origin: self.origin.as_str().into(),
            keys: self.keys.as_slice().into(),
            witnesses: self.witnesses.as_slice().into(),
        }
    }
}

/// Everything a console is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// As the web process.
    pub aws: Aws,
    pub authorities: Vec<AuthoritySettings>,
    /// What people may see of the configuration: mode and policy are taken from here.
    pub settings: views::Settings,
    pub reconcile: ReconcileSettings,
    /// Which runs are made by themselves.
    pub schedules: Schedules,
    pub revocation: RevocationSettings,
    /// `None`: no trail is configured, and nobody knows who issued what.
    pub trail: Option<TrailSettings>,
    /// Who may have certificates issued; none: nobody.
    pub issuers: Issuers,
    pub alerts: AlertSettings,
    /// Through what people are told.
    pub notify: NotifySettings,
    /// `None`: the ledger is in the console's table alone.
    pub ledger: Option<LedgerSettings>,
    /// Which controls are served here, for auditors.
    pub controls: Arc<views::Controls>,
    pub clock: Clock,
}
