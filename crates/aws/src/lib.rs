//! Countersign's way to AWS: DynamoDB, S3, Private CA, CloudTrail, KMS and SNS. The only crate that names an AWS SDK.
//!
//! One file per access pattern, so that the list of files is the catalogue of what is asked of AWS; all keys of the
//! console's table are in [`mod@keys`]. Conditions that keep a promise (four eyes, one effect, an unbroken ledger) are
//! written beside the write that they guard. Knows nothing of people's permissions, pages or schedules.

pub mod authorities;
mod batch;
mod bulks;
mod calendars;
mod calls;
pub mod certificates;
mod change;
mod configuration;
mod error;
mod executions;
pub mod findings;
mod heartbeats;
mod incidents;
pub mod inventory;
mod item;
pub mod key;
mod keys;
pub mod leases;
pub mod ledger;
mod lists;
mod load;
mod missing;
mod moment;
pub mod notifications;
pub mod objects;
mod operations;
mod packs;
mod partitions;
mod parts;
mod people;
mod preferences;
mod query;
mod raised;
pub mod reports;
mod requests;
mod runs;
mod schedules;
mod schema;
pub mod sessions;
mod settings;
mod signing;
mod tables;
mod topics;
pub mod trail;
mod transact;
mod untold;
mod wake;

use std::sync::Arc;

pub use change::Change;
pub use error::{Error, Thing};
pub use leases::{Held, Lease, Taking};
pub use missing::{Account, Missing};
pub use partitions::{Partition, Rights};
pub use parts::{Part, With};
pub use schema::create_console_table;
pub use settings::{InventorySettings, Process, Settings};
pub use topics::Publication;
pub use transact::MAX_CHANGES;
pub use untold::Untold;

/// Everything of AWS that Countersign uses. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws {
    /// With the process's own credentials: reads, and writes the console's table.
    own: Clients,
    /// Revokes, and writes the inventory: other credentials where configuration names them. `None`: the web process.
    executor: Option<Clients>,
    settings: Arc<Settings>,
    raised: Arc<raised::Raised>,
}

/// The services, seen with one set of credentials.
#[derive(Clone, Debug)]
struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    streams: aws_sdk_dynamodbstreams::Client,
    s3: aws_sdk_s3::Client,
    acmpca: aws_sdk_acmpca::Client,
    cloudtrail: aws_sdk_cloudtrail::Client,
    kms: aws_sdk_kms::Client,
    sns: aws_sdk_sns::Client,
}

impl Aws {
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn console_table(&self) -> &str {
        &self.settings.console_table
    }
}
