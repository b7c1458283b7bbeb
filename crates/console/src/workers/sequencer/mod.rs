//! The sequencer: gives the entries of the ledger their places, and makes the log of them.
//!
//! Both are done in steps that can be repeated: an entry is moved to its place in one transaction, and each file of the log
//! has one content for good; the checkpoint, which comes last, is replaced only if it is the one that was read. So neither a
//! process that dies nor two that work at the same time lose or double anything.

mod behind;
mod publish;
mod restored;

pub(crate) use behind::{behind, unread};
pub(crate) use publish::Written;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_aws::Aws;
use countersign_aws::ledger::AT_ONCE;
use domain::alerts::Alert;
use domain::finding::AlertFacts;
use domain::{Finding, FindingKind, Scope, Timestamp};
use futures::FutureExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::raise::Raiser;
use crate::abort::{Point, abort_at};
use crate::lease::{Leases, Pass};
use crate::lock::lock;
use crate::{Clock, Error};
use publish::Known;

/// How often it is looked for new entries.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);
/// How long entries are placed before they are published: a checkpoint is made each five seconds while there is something to add.
const PLACING: Duration = Duration::from_secs(3);
/// How often it is looked, without new ones, whether all is published: another process may have died over it.
const AGAIN: Duration = Duration::from_secs(30);

/// Makes the log. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sequencer {
    pub aws: Aws,
    pub clock: Clock,
    pub leases: Leases,
    pub raiser: Raiser,
    /// `None`: no log is made.
    pub log: Option<Written>,
    pub known: Arc<Mutex<Known>>,
}

impl Sequencer {
    /// Places and publishes what waits for it.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let looked = lock(&self.known).looked;
        if looked.is_some_and(|at| at.elapsed() < AGAIN) && self.aws.unplaced(1).await?.is_empty() {
            return Ok(Pass::Done);
        }
        let pass = self.leases.under("sequencer", |_| self.sequence(stop).boxed()).await;
        let good = matches!(pass, Ok(Pass::Done)).then(Instant::now);
        lock(&self.known).looked = good;
        pass
    }

    async fn sequence(&self, stop: &CancellationToken) -> Result<(), Error> {
        // Entries are placed behind the log, whatever the table says.
        let mut log = match &self.log {
            Some(written) => Some(self.open(written).await?),
            None => None,
        };
        let mut last = self.aws.last_placed().await?;
        if let Some(log) = log.as_mut() {
            last = self.behind_the_log(log, last).await?;
        }
        let begun = Instant::now();
        // However much is written meanwhile: what was placed is published in time.
        while !stop.is_cancelled() && begun.elapsed() < PLACING {
            let waiting = self.aws.unplaced(AT_ONCE).await?;
            if waiting.is_empty() {
                break;
            }
            abort_at(Point::BeforePlaces);
            self.aws.place(last, &waiting).await?;
            last += u64::try_from(waiting.len()).unwrap_or(0);
            abort_at(Point::AfterPlaces);
        }
        match log {
            Some(log) => self.publish(log, last).await,
            None => Ok(()),
        }
    }

    /// Opens the finding that table and log, or the log and its files, do not agree. What was told in the same words is not
    /// told again.
    async fn raise(&self, subject: &str, what: String) -> Result<(), Error> {
        tracing::error!("the ledger: {what}");
        let alert = alert(FindingKind::LedgerRewritten, subject, self.clock.now(), what);
        let told = self.aws.findings(&[alert.id()]).await?;
        let is_same = |finding: &Finding| {
            finding.evidence.alert.as_ref().is_some_and(|facts| facts.what == alert.facts.what)
        };
        if told.iter().any(is_same) {
            return Ok(());
        }
        self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &[], Vec::new()).await
    }
}

fn alert(kind: FindingKind, subject: &str, at: Timestamp, what: String) -> Alert {
    let facts = AlertFacts {
        at,
        what,
        identity: None,
        address: None,
        events: Vec::new(),
        count: 1,
        proofs: [].into(),
    };
    Alert { kind, authority: None, scope: Scope::Countersign, subject: subject.to_owned(), facts }
}
