//! From the outbox to the channels: a notice and its deliveries are made in the transaction that takes it out, so that whoever
//! dies when, nothing is lost and nothing told twice.

use countersign_aws::Error as AwsError;
use domain::Timestamp;
use domain::finding::FindingId;
use domain::ledger::{Body, Object};
use domain::notify::{Delivery, Known, Notice, Telling, Told, of_entry};

use super::super::named;
use super::{Notifier, TOGETHER};
use crate::Error;
use crate::abort::{Point, abort_at};

impl Notifier {
    /// Makes notices of what is to be told. One that cannot be made keeps no other back.
    pub(super) async fn spread(&self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for telling in self.aws.tellings(TOGETHER).await? {
            let id = telling.id.clone();
            if let Err(error) = self.spread_one(telling).await {
                tracing::warn!(telling = id, "something is not told yet: {}", error.trace());
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn spread_one(&self, telling: Telling) -> Result<(), Error> {
        let mut next = Some(telling);
        while let Some(telling) = next {
            let (notice, rest) = self.first_of(&telling).await?;
            let notice = match notice {
                Some(one) if self.aws.is_told(one.about.as_ref(), &one.id).await? => None,
                other => other,
            };
            let now = self.clock.now();
            let deliveries =
                notice.as_ref().map(|notice| self.deliveries(&telling, notice, now)).unwrap_or_default();
            abort_at(Point::BeforeNotices);
            let told = notice.as_ref().map(|notice| (notice, &deliveries[..]));
            match self.aws.spread(&telling, rest.as_ref(), told, now).await {
                Ok(()) => next = rest,
                // Another worker was here.
                Err(AwsError::Conflict { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
            abort_at(Point::AfterNotices);
        }
        Ok(())
    }

    /// The first notice that it holds, and what is left of it.
    async fn first_of(&self, telling: &Telling) -> Result<(Option<Notice>, Option<Telling>), Error> {
        let entries = match &telling.what {
            Told::Notice(notice) | Told::Test { notice, .. } => return Ok((Some((**notice).clone()), None)),
            Told::Entries(entries) => entries,
        };
        let Some(((id, entry), rest)) = entries.split_first() else { return Ok((None, None)) };
        let left = Telling { id: telling.id.clone(), what: Told::Entries(rest.to_vec()) };
        Ok((self.notice_of(id, entry).await?, (!rest.is_empty()).then_some(left)))
    }

    async fn notice_of(&self, id: &str, entry: &Body) -> Result<Option<Notice>, Error> {
        let finding = match &entry.object {
            Object::Finding(finding) => Some(finding.clone()),
            _ => entry.detail.get("finding").and_then(|id| id.parse::<FindingId>().ok()),
        };
        if let Object::Request(of) = &entry.object {
            let request = match self.aws.request(of).await {
                Ok(request) => request,
                Err(AwsError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let named = named(&self.authorities, &request.authority);
            return Ok(of_entry(entry, id, Known::Request(&request, &named)));
        }
        let found = match &finding {
            Some(finding) => self.aws.findings(std::slice::from_ref(finding)).await?,
            None => Vec::new(),
        };
        Ok(of_entry(entry, id, found.first().map_or(Known::Nothing, Known::Finding)))
    }

    /// One for each channel that takes it; of a test, for the one that is tested.
    fn deliveries(&self, telling: &Telling, notice: &Notice, now: Timestamp) -> Vec<Delivery> {
        let tested = match &telling.what {
            Told::Test { channel, .. } => Some(channel),
            Told::Entries(_) | Told::Notice(_) => None,
        };
        let takes = self.settings.channels.iter().filter(|channel| match tested {
            Some(tested) => channel.name == *tested,
            None => channel.route.takes(notice),
        });
        let delivery = takes.map(|channel| {
            let later = channel.route.waits_until(notice, now).filter(|_| tested.is_none());
            Delivery::new(&channel.name, &channel.host, later.unwrap_or(now), later.is_some())
        });
        delivery.collect()
    }
}
