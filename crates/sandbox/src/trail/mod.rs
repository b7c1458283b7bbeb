//! CloudTrail on loopback: what Private CA observes becomes records, log files and signed digests in the trail's
//! bucket, in AWS's formats, and an endpoint says where they are and with which key they are signed.
//!
//! Records wait in an outbox (SQLite) until they are delivered, and objects until S3 has them, so that a restart loses
//! nothing and the chain of digests goes on. It leaves only over the S3 protocol. The past is written at once
//! ([`Trail::write_history`]), as if it had been delivered all along; [`Trail::serve`] delivers what happens now.

mod delivery;
mod digest;
mod endpoint;
mod envelope;
mod evidence;
mod file;
mod history;
mod identity;
mod key;
mod noise;
mod observe;
mod record;
mod service_event;
mod store;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::clock::Clock;
use crate::files;
use crate::keys::{ACCOUNT, REGION, Role};
use key::SigningKey;
use store::Store;

pub(crate) use evidence::{Damage, Evidence};
pub(crate) use file::NAME;

/// The trail's ARN.
pub(crate) fn arn() -> String {
    format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{NAME}")
}

/// How old the trail of a new sandbox is.
pub(crate) const HISTORY: time::Duration = time::Duration::days(35);

/// What a trail is made of.
pub(crate) struct Options {
    pub(crate) bucket: String,
    /// Writes to the bucket.
    pub(crate) s3: aws_sdk_s3::Client,
    /// By access key id.
    pub(crate) callers: HashMap<String, Role>,
    /// How long a record waits for its file: about five minutes at AWS.
    pub(crate) delay: std::time::Duration,
    /// From one digest to the next: an hour at AWS.
    pub(crate) digest_interval: std::time::Duration,
    pub(crate) clock: Clock,
}

/// The trail. Clones share it.
#[derive(Clone)]
pub(crate) struct Trail(Arc<Shared>);

struct Shared {
    options: Options,
    store: Store,
    key: SigningKey,
}

impl Trail {
    /// Opens the outbox and the key in `directory`, or makes both.
    pub(crate) fn open(directory: &Path, options: Options) -> anyhow::Result<Self> {
        files::private_dir(directory)?;
        let store = Store::open(&directory.join("trail.sqlite"))?;
        let key = SigningKey::open(&directory.join("digest-key.json"), options.clock.now())?;
        Ok(Self(Arc::new(Shared { options, store, key })))
    }

    /// Now, to the second: no name or time in a trail is finer.
    fn now(&self) -> OffsetDateTime {
        self.0.options.clock.now().truncate_to_second()
    }
}
