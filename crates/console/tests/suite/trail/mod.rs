//! Ingestion and verification of trails that the tests write and sign themselves, each in a bucket of its own.

mod crash;
mod files;
mod hostile;
mod months;
mod planted;
mod refusing;
mod returned;
mod signer;
mod whole;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use console::{Parts, TrailSettings};
use countersign_aws::trail::TrailFile;
use domain::trail::{TrailPart, Wholeness};
use domain::views::CoverageView;
use domain::{Role, Timestamp};
use futures::TryStreamExt;
use sandbox::until;

use crate::support::{Bench, description};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-central-1";

/// A bucket that no other test has. S3 here makes a file's name of it and a whole key: it must be short.
pub fn bucket() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("trail-{}", NEXT.fetch_add(1, Ordering::SeqCst))
}

/// In front of `AWSLogs/`.
pub const PREFIX: &str = "p";

pub fn settings(bucket: &str, prefix: &str) -> TrailSettings {
    TrailSettings {
        bucket: bucket.to_owned(),
        kms_key: None,
        prefix: prefix.to_owned(),
        organization: None,
        accounts: vec![ACCOUNT.to_owned()],
        regions: vec![REGION.to_owned()],
        history: Duration::from_secs(3 * 86_400),
        interval: Duration::from_millis(500),
        delay: Duration::from_secs(3600),
    }
}

pub fn part() -> TrailPart {
    TrailPart { account: ACCOUNT.to_owned(), region: REGION.to_owned() }
}

/// A console that knows the trail of `signer` and trusts its keys.
pub async fn bench(signer: &signer::Signer, change: impl FnOnce(&mut Parts)) -> Bench {
    let description = signer.description(description().await);
    Bench::with(|parts| {
        parts.trail = Some(settings(&signer.bucket, PREFIX));
        change(parts);
    })
    .await
    .on(&description)
    .await
}

/// The full hour that is `hours` ago.
pub fn ago(hours: i64) -> Timestamp {
    let now = console::Clock::system().now().unix();
    Timestamp::from_unix((now.div_euclid(3600) - hours) * 3600).unwrap()
}

pub fn minutes(after: Timestamp, minutes: u64) -> Timestamp {
    after.plus(Duration::from_secs(minutes * 60))
}

impl Bench {
    pub async fn heads(&self) -> Vec<TrailFile> {
        self.aws.trail_heads(&part(), 0).try_collect().await.unwrap()
    }

    /// The ids of the events that were kept, in the order of the table.
    pub async fn events(&self) -> Vec<String> {
        let files: Vec<_> = self.aws.trail_files(&part(), 0).try_collect().await.unwrap();
        files.into_iter().flat_map(|(_, kept)| kept).map(|kept| kept.event.id.to_string()).collect()
    }

    pub async fn state(&self) -> Wholeness {
        self.aws.trail_state(&part()).await.unwrap().unwrap_or_default().whole
    }

    pub async fn coverage(&self) -> CoverageView {
        let viewer = self.sign_in("viewer", &[Role::Auditor]).await;
        self.console.coverage(&viewer).await.unwrap()
    }

    /// Waits until what is known of the trail is as wanted.
    pub async fn until_state(&self, wanted: impl Fn(&Wholeness) -> bool) -> Wholeness {
        until("the state of the trail", async || Some(self.state().await).filter(&wanted)).await
    }

    pub async fn until_files(&self, count: usize) -> Vec<TrailFile> {
        let what = format!("{count} files");
        until(&what, async || Some(self.heads().await).filter(|heads| heads.len() >= count)).await
    }

    /// Waits for whole passes over the trail that begin after now.
    pub async fn passes(&self) {
        self.pass_of(self.parts.clock.now().plus(Duration::from_secs(2))).await;
    }

    /// Waits for a whole pass that begins when it is as late as now, by a clock that stands.
    pub async fn pass_of_now(&self) {
        self.pass_of(self.parts.clock.now()).await;
    }

    async fn pass_of(&self, time: Timestamp) {
        until("a pass", async || {
            self.aws.trail_status(&part()).await.unwrap().as_of.filter(|as_of| *as_of >= time)
        })
        .await;
    }
}
