//! The notifier: makes notices of what is in the outbox, and delivers them to the channels, one worker at a time, again and
//! again until a channel takes them or a day has passed. A channel that fails keeps no other back.

mod letter;
mod mail;
mod sender;
mod spread;

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::notifications::Sending;
use countersign_aws::{Aws, Error as AwsError};
use domain::alerts::Alert;
use domain::finding::AlertFacts;
use domain::notify::Delivery;
use domain::{Finding, FindingKind, FindingState, Scope, Timestamp};
use futures::FutureExt;
use futures::future::join_all;

pub(crate) use sender::Sender;

use super::raise::Raiser;
use crate::lease::{Leases, Pass};
use crate::notify::NotifySettings;
use crate::{AuthoritySettings, Clock, Error};
use letter::Letter;

/// How often is looked for what is due.
pub(crate) const INTERVAL: Duration = Duration::from_secs(2);
/// How many are told of, and delivered to each channel, in one pass.
const TOGETHER: u32 = 50;

/// Tells people. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Notifier {
    pub aws: Aws,
    pub clock: Clock,
    pub leases: Leases,
    pub raiser: Raiser,
    pub authorities: Arc<[AuthoritySettings]>,
    pub settings: Arc<NotifySettings>,
    pub senders: Arc<[Sender]>,
}

impl Notifier {
    /// Tells what is to be told, and delivers what is due now.
    pub async fn pass(&self) -> Result<Pass, Error> {
        if !self.has_work().await? {
            return Ok(Pass::Done);
        }
        self.leases.under("notifications", |_| self.work().boxed()).await
    }

    async fn has_work(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        for sender in self.senders.iter() {
            if !self.aws.due_at(&sender.channel.name, now, 1).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(!self.aws.tellings(1).await?.is_empty())
    }

    async fn work(&self) -> Result<(), Error> {
        let spread = self.spread().await;
        let delivered = join_all(self.senders.iter().map(|sender| self.deliver(sender))).await;
        spread.and(delivered.into_iter().collect())
    }

    /// Delivers what is due at one channel: until all is, or it does not take something.
    async fn deliver(&self, sender: &Sender) -> Result<(), Error> {
        let due = self.aws.due_at(&sender.channel.name, self.clock.now(), TOGETHER).await?;
        let (together, single): (Vec<Sending>, Vec<Sending>) =
            due.into_iter().partition(|one| one.delivery.digest);
        let mut parcels: Vec<Vec<Sending>> = single.into_iter().map(|one| vec![one]).collect();
        parcels.extend((!together.is_empty()).then_some(together));
        for parcel in parcels {
            if !self.deliver_parcel(sender, &parcel).await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether the channel took it.
    async fn deliver_parcel(&self, sender: &Sender, parcel: &[Sending]) -> Result<bool, Error> {
        let (channel, host) = (&sender.channel.name, &sender.channel.host);
        let named = |one: &Sending| self.settings.page_of(one.notice.about.as_ref());
        let letter = match parcel {
            [one] if !one.delivery.digest => Letter::of(&one.notice, named(one)),
            all => Letter::digest(
                all.iter().map(|one| (&one.notice, named(one))).collect(),
                self.settings.page_of(None),
            ),
        };
        let outcome = sender.send(&letter, self.clock.now()).await;
        let name = if outcome.is_ok() { "delivered" } else { "failed" };
        metrics::counter!("countersign_notifications_total", "outcome" => name).increment(1);
        if let Err(problem) = &outcome {
            tracing::warn!(channel, host, notification = letter.id, "not delivered: {problem}");
        }
        let now = self.clock.now();
        for Sending { notice, delivery } in parcel {
            let attempts = delivery.attempts;
            let delivery = delivery.clone().after(outcome.clone(), now);
            if delivery.is_given_up() {
                self.give_up(&delivery).await?;
            }
            let after = Sending { notice: notice.clone(), delivery };
            match self.aws.save_sending(&after, attempts, now).await {
                // The list was of a moment ago, and another worker was here since.
                Ok(()) | Err(AwsError::Conflict { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(outcome.is_ok())
    }

    /// Raises an alert, unless one is open: the channel took nothing for a day.
    async fn give_up(&self, delivery: &Delivery) -> Result<(), Error> {
        let Delivery { channel, to, due_at, .. } = delivery;
        let problem = delivery.problem.as_deref().unwrap_or_default();
        let alert = Alert {
            kind: FindingKind::ChannelFailing,
            authority: None,
            scope: Scope::Countersign,
            subject: channel.clone(),
            facts: AlertFacts {
                at: *due_at,
                what: format!(
                    "The channel {channel} ({to}) has not taken a notification since {}: {problem}",
                    due_at.absolute()
                ),
                identity: None,
                address: None,
                events: Vec::new(),
                count: 1,
                proofs: [].into(),
            },
        };
        let known = self.aws.findings(&[alert.id()]).await?;
        let is_open = |finding: &Finding| {
            matches!(finding.state, FindingState::Open | FindingState::Acknowledged { .. })
        };
        if known.iter().any(is_open) {
            return Ok(());
        }
        self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &[], Vec::new()).await
    }
}
