//! Where the trail's log files are and how they are read.

use std::time::Duration;

use domain::trail::TrailPart;
use feeds::trail::key::Location;

/// A CloudTrail trail that delivers to a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailSettings {
    pub bucket: String,
    /// The ARN of the KMS key that it is encrypted with, where that was configured.
    pub kms_key: Option<String>,
    /// What is in front of `AWSLogs/`: empty, or with a slash at its end.
    pub prefix: String,
    /// An organisation's trail has its id in its keys.
    pub organization: Option<String>,
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    /// How far back the first ingestion goes.
    pub history: Duration,
    /// How often new objects are looked for.
    pub interval: Duration,
    /// An event that is not there this long after it must have happened is not coming.
    pub delay: Duration,
}

impl TrailSettings {
    /// Each account in each Region.
    pub(crate) fn parts(&self) -> impl Iterator<Item = TrailPart> {
        self.accounts.iter().flat_map(|account| {
            let part = |region: &String| TrailPart { account: account.clone(), region: region.clone() };
            self.regions.iter().map(part)
        })
    }

    /// Where the files of a part lie.
    pub(crate) fn location(&self, part: &TrailPart) -> Location {
        Location {
            prefix: self.prefix.clone(),
            organization: self.organization.clone(),
            account: part.account.clone(),
            region: part.region.clone(),
        }
    }
}
