//! What a sandbox can be asked to be.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Clock;
use crate::console::Console;
use crate::pca::Quotas;

/// How to start a sandbox. `Options { devices: 20, port: 0, ..Options::new(directory) }` suits a test.
#[derive(Clone, Debug)]
pub struct Options {
    /// Everything that is kept between starts is in here.
    pub data_dir: PathBuf,
    /// Throw away what is kept, first.
    pub reset: bool,
    /// Healthy devices of a new sandbox; the troubled ones come on top.
    pub devices: u32,
    /// Certificates that a new sandbox's thief has had issued with one key, within the last hours.
    pub incident: u32,
    /// Decides which devices there are and which of them are in trouble. Serials are random all the same.
    pub seed: u64,
    /// The console's port; sign-in, DynamoDB, S3, Private CA and CloudTrail follow it. 0: the ports of the last start,
    /// or free ones.
    pub port: u16,
    /// Between two audit reports of one authority (30 minutes at AWS).
    pub report_interval: Duration,
    /// How long a report takes.
    pub report_delay: Duration,
    /// How long a certificate takes after IssueCertificate has answered.
    pub issue_delay: Duration,
    /// From a revocation to the CRL that has it (about 30 minutes at AWS).
    pub crl_delay: Duration,
    /// How long CloudTrail takes at most to deliver a record (about 5 minutes at AWS).
    pub trail_delay: Duration,
    /// Between two digests of the trail (an hour at AWS).
    pub digest_interval: Duration,
    /// How many devices join the fleet while the sandbox runs.
    pub new_devices_per_minute: u32,
    /// The request rates of Private CA, once the sandbox is filled.
    pub quotas: Quotas,
    /// The console to start and stop with the sandbox.
    pub console: Option<Console>,
    /// The time of everything in the sandbox.
    pub clock: Clock,
}

impl Options {
    /// The defaults: AWS's behaviour at a pace that one can watch.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            reset: false,
            devices: 500,
            incident: 0,
            seed: 1,
            port: 3000,
            report_interval: Duration::from_secs(10),
            report_delay: Duration::from_secs(1),
            issue_delay: Duration::from_millis(200),
            crl_delay: Duration::from_secs(5),
            trail_delay: Duration::from_secs(3),
            digest_interval: Duration::from_secs(20),
            new_devices_per_minute: 3,
            quotas: Quotas::default(),
            console: None,
            clock: Clock::system(),
        }
    }
}
