//! The reader: takes each ingested file once, in order, and raises what the rules make of its events.

use std::time::Duration;

use countersign_aws::{Change, Lease};
use domain::Timestamp;
use domain::alerts::{Defect, Memory, Raised, Unauthorised};
use domain::trail::{Authorisation, Event, TrailPart};
use futures::{FutureExt, TryStreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use super::Alerter;
use crate::Error;
use crate::abort::{Point, abort_at};
use crate::lease::Pass;
use crate::workers::raise::{BATCH, Trouble};

/// The name of the cursor.
const READER: &str = "alerts";
/// How many events are taken together; a file is never divided.
const TOGETHER: usize = 500;
/// How many files without events are passed over together.
const FILES: u64 = 200;
/// How long the inventory may take to be read for the first time. Without it, it cannot be said what kind of trouble a
/// certificate is; but no alert waits for longer.
const FIRST_SCAN: Duration = Duration::from_secs(30);
/// How long a pass waits for the events to be read.
const PATIENCE: Duration = Duration::from_secs(5);
/// An inventory that was read before a certificate was issued is read again, unless that takes too long.
const SCAN: Duration = Duration::from_secs(15);
/// And not more often than this.
const BETWEEN_SCANS: Duration = Duration::from_secs(60);

/// One part under its lease.
struct Reader<'a> {
    alerter: &'a Alerter,
    part: TrailPart,
    lease: Lease,
    /// The place of the last file that was taken.
    at: u64,
    memory: Memory,
}

impl Alerter {
    /// Takes what has been ingested since the last time, of all accounts and Regions, and looks at what is known of the
    /// wholeness of their trails.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let (mut pass, mut failure) = (Pass::Done, None);
        for part in self.trail.parts() {
            match self.pass_of(part, stop).await {
                Ok(of_part) => pass = pass.and(of_part),
                Err(error) => {
                    tracing::debug!("alerts of a part of the trail: {}", error.trace());
                    failure = Some(error);
                }
            }
        }
        failure.map_or(Ok(pass), Err)
    }

    async fn pass_of(&self, part: TrailPart, stop: &CancellationToken) -> Result<Pass, Error> {
        let name = format!("alerts/{}/{}", part.account, part.region);
        let read = |lease| {
            async move {
                let at = self.aws.cursor(READER, &part).await?;
                let memory = self.aws.alert_memory(&part).await?;
                Reader { alerter: self, part, lease, at, memory }.read(stop).await
            }
            .boxed()
        };
        self.leases.under(&name, read).await
    }

    /// The finding that a run would make of it.
    async fn trouble(&self, issued: Unauthorised) -> Result<Trouble, Error> {
        let Unauthorised { authority, serial, issuance, authorisation } = issued;
        let found = self.records.model.found(&authority, serial).await?;
        Ok(Trouble::certificate(authority, serial, found, issuance, authorisation))
    }

    /// Sees to it that the inventory was read after these were issued, if it can be done soon.
    async fn know_inventory(&self, issued: &[&Unauthorised]) -> Result<(), Error> {
        let Some(newest) = issued.iter().map(|issued| issued.issuance.at).max() else { return Ok(()) };
        let (as_of, now) = (self.records.model.as_of(), self.clock.now());
        let patience = match as_of {
            None => FIRST_SCAN,
            Some(as_of) if as_of <= newest && now.since(as_of) > BETWEEN_SCANS => SCAN,
            Some(_) => return Ok(()),
        };
        if let Ok(Err(error)) = tokio::time::timeout(patience, self.records.refresh_after(newest)).await {
            tracing::warn!("the inventory is not read for an alert: {}", error.trace());
        }
        Ok(())
    }
}

impl Reader<'_> {
    async fn read(mut self, stop: &CancellationToken) -> Result<(), Error> {
        let files = self.alerter.aws.trail_files(&self.part, self.at);
        pin_mut!(files);
        let (mut events, mut to): (Vec<Event>, u64) = (Vec::new(), self.at);
        while let Some((file, kept)) = files.try_next().await? {
            if stop.is_cancelled() {
                return Ok(());
            }
            to = file.seq;
            events.extend(kept.into_iter().map(|kept| kept.event));
            if events.len() >= TOGETHER || to - self.at >= FILES {
                self.take(std::mem::take(&mut events), to).await?;
            }
        }
        if to > self.at {
            self.take(events, to).await?;
        }
        self.look_at_overdue().await?;
        self.look_at_holes().await
    }

    /// Takes these events, up to and with the file at `to`.
    async fn take(&mut self, events: Vec<Event>, to: u64) -> Result<(), Error> {
        let raised =
            self.alerter.rules.events(&self.part, &events, &mut self.memory, self.alerter.clock.now());
        abort_at(Point::BeforeAlerts);
        self.raise(raised, to).await?;
        abort_at(Point::AfterAlerts);
        Ok(())
    }

    /// Certificates whose IssueCertificate is not coming.
    async fn look_at_overdue(&mut self) -> Result<(), Error> {
        let overdue = self.alerter.rules.overdue(&mut self.memory, self.alerter.clock.now());
        if overdue.is_empty() {
            return Ok(());
        }
        // Right after a start the events are still being read: they wait until it is known what explains them.
        match tokio::time::timeout(PATIENCE, self.alerter.records.catch_up()).await {
            Ok(Ok(())) => (),
            Ok(Err(error)) => {
                tracing::warn!("certificates without a call wait: {}", error.trace());
                return Ok(());
            }
            Err(_) => return Ok(()),
        }
        let mut raised = Vec::new();
        for issued in overdue {
            // It may have come before.
            let known = self.alerter.records.deeds_of(&issued.authority, issued.serial).await?.issuance;
            let is_authorised = known
                .is_some_and(|known| self.alerter.rules.issuers.judge(&known) == Authorisation::Authorised);
            if !is_authorised {
                raised.push(Raised::Issued(issued));
            }
        }
        self.raise(raised, self.at).await
    }

    /// What digests say of the wholeness of the trail.
    async fn look_at_holes(&self) -> Result<(), Error> {
        let alerter = self.alerter;
        let revision = alerter.aws.trail_state_revision(&self.part).await?;
        if alerter.holes.is_seen(&self.part, revision) {
            return Ok(());
        }
        let state = alerter.aws.trail_state(&self.part).await?.unwrap_or_default();
        let defects: Vec<Defect> = state.whole.problems.iter().filter_map(Defect::of).collect();
        let alerts = self.alerter.rules.defects(&self.part, &defects, &self.memory);
        let trouble = alerts.into_iter().map(Trouble::from).collect();
        let holds = [alerter.aws.holds_lease(&self.lease)];
        alerter.raiser.raise(trouble, self.watched().await?, &holds, Vec::new()).await?;
        alerter.holes.seen(self.part.clone(), revision);
        Ok(())
    }

    /// Since when this part is watched: what happened before is found by the first reading of its trail, or of an older
    /// month.
    async fn watched(&self) -> Result<Timestamp, Error> {
        let since = self.alerter.aws.trail_read_since(&self.part).await?;
        Ok(since.unwrap_or_else(|| self.alerter.clock.now()))
    }

    /// Raises all this and remembers that it was.
    async fn raise(&mut self, raised: Vec<Raised>, to: u64) -> Result<(), Error> {
        let issued: Vec<&Unauthorised> = raised
            .iter()
            .filter_map(|raised| match raised {
                Raised::Issued(issued) | Raised::OfBurst(issued) => Some(issued),
                Raised::Alert(_) => None,
            })
            .collect();
        self.alerter.know_inventory(&issued).await?;
        let aws = &self.alerter.aws;
        let conditions = [aws.holds_lease(&self.lease)];
        let watched = self.watched().await?;
        // What the records say of so many is at hand at once, and no more.
        let mut trouble = Vec::new();
        for raised in raised {
            if trouble.len() == BATCH {
                let batch = std::mem::take(&mut trouble);
                self.alerter.raiser.raise(batch, watched, &conditions, Vec::new()).await?;
            }
            trouble.push(match raised {
                Raised::Issued(issued) => self.alerter.trouble(issued).await?,
                Raised::OfBurst(issued) => self.alerter.trouble(issued).await?.told_together(),
                Raised::Alert(alert) => alert.into(),
            });
        }
        let step: Vec<Change> = vec![
            aws.move_cursor(READER, &self.part, self.at, to),
            aws.save_alert_memory(&self.part, &self.memory)?,
        ];
        self.alerter.raiser.raise(trouble, watched, &conditions, step).await?;
        self.at = to;
        Ok(())
    }
}
