//! One event with everything about it.

use domain::alerts::alerts_of;
use domain::ledger::Object;
use domain::trail::{Event, EventId, Issuance, TrailPart};
use domain::views::{EventView, LogFile};
use domain::{Actor, Finding, FindingId, Permission};

use super::indent::indent;
use crate::records::events;
use crate::{Console, Error};

impl Console {
    /// One event, its record and its file.
    ///
    /// # Errors
    /// [`Error::NotFound`]: no log file that was read has it.
    pub async fn event(&self, actor: &Actor, id: &EventId) -> Result<EventView, Error> {
        self.allowed(actor, Permission::Read, Object::Route(format!("event {id}"))).await?;
        if self.configuration.trail.is_none() {
            return Err(Error::NotFound("event"));
        }
        let _late = self.records.catch_up_soon().await;
        let asked = id.clone();
        let shown = self.records.model.read(move |_, connection| events::event(connection, &asked)).await?;
        let shown = shown.ok_or(Error::NotFound("event"))?;
        let (coverage, events::Shown { event, file, .. }) =
            (self.records.coverage_of(&shown.file.account, &shown.file.region), shown.clone());
        let part = TrailPart { account: file.account, region: file.region };
        let stored = self.aws.trail_file(&part, file.seq).await?;
        let record = stored.and_then(|(_, kept)| kept.into_iter().find(|kept| kept.event.id == *id));
        let record = record.ok_or_else(|| Error::internal(format!("the log file of event {id} is gone")))?;
        let issuance = self.issuance_of(&event).await?;
        let authorisation = issuance.map(|issuance| self.configuration.issuers.judge(&issuance));
        Ok(EventView {
            authority: event.authority.as_ref().map(|arn| self.named(arn)),
            authorisation,
            record: indent(&record.record),
            file: LogFile {
                bucket: file.bucket,
                key: file.key,
                sha256: file.sha256,
                read_at: file.read_at,
                proof: shown.proof(&coverage),
            },
            findings: self.findings_about(&event, &part).await?,
            event,
        })
    }

    /// What the trail says of the issuance that `event` tells of, if it succeeded and can be believed.
    async fn issuance_of(&self, event: &Event) -> Result<Option<Issuance>, Error> {
        let certificate = event.authority.clone().zip(event.serial);
        match certificate.filter(|_| event.is_issuance()) {
            Some((authority, serial)) => Ok(self.records.deeds_of(&authority, serial).await?.issuance),
            None => Ok(None),
        }
    }

    /// The findings about its certificate, and the alerts that it raised.
    async fn findings_about(&self, event: &Event, part: &TrailPart) -> Result<Vec<FindingId>, Error> {
        let mut ids = Vec::new();
        if let (Some(authority), Some(serial)) = (&event.authority, event.serial) {
            let findings = self.aws.findings_of(&authority.id(), serial).await?;
            ids.extend(findings.into_iter().map(|finding| finding.id));
        }
        let raised = self.aws.findings(&alerts_of(event, part)).await?;
        let names = |finding: &Finding| {
            let facts = finding.evidence.alert.as_ref();
            facts.is_some_and(|facts| {
                // Only the first events are named.
                facts.events.contains(&event.id)
                    || facts.events.len() < usize::try_from(facts.count).unwrap_or(0)
            })
        };
        ids.extend(raised.into_iter().filter(names).map(|finding| finding.id));
        Ok(ids)
    }
}
