//! The ingester: new log files of the trail's bucket come into the table, oldest first, each whole and once, and are verified
//! then.
//!
//! Files are looked for by day, from the day before the last pass on: a file may come late.

mod months;

use std::collections::HashSet;
use std::time::Duration;

use countersign_aws::trail::{TrailFile, TrailStatus};
use countersign_aws::{Aws, Error as AwsError, Lease};
use domain::Timestamp;
use domain::trail::TrailPart;
use futures::{FutureExt, TryFutureExt, TryStreamExt, pin_mut};
use metrics::{counter, histogram};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::trail_files::{Notes, TOGETHER, TrailFiles};
use super::verifier::Verifier;
use crate::abort::{Point, abort_at};
use crate::days::{OVERLAP, day_of, days, resume};
use crate::lease::{Leases, Pass};
use crate::{Clock, Error};

/// How often and how long a run waits for a pass that is under way.
const WAITS: u32 = 120;
const WAIT: Duration = Duration::from_millis(500);

/// Reads the trail. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ingester {
    pub aws: Aws,
    pub clock: Clock,
    pub leases: Leases,
    pub files: TrailFiles,
    pub verifier: Verifier,
    /// How often something new came in: whoever reads it goes on at once.
    pub news: watch::Sender<u64>,
}

impl Ingester {
    /// One pass over all accounts and Regions: reads what is new, and verifies it.
    pub async fn pass(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let (mut pass, mut failure) = (Pass::Done, None);
        for part in self.files.trail.parts() {
            match self.pass_of(&part, stop).await {
                Ok(of_part) => pass = pass.and(of_part),
                Err(error) => {
                    tracing::debug!("a pass over a trail failed: {}", error.trace());
                    failure = Some(error);
                }
            }
        }
        failure.map_or(Ok(pass), Err)
    }

    /// The same for a run, which should judge by what the trail says now. Another pass that is under way is waited for,
    /// but not for ever: a first ingestion may take long, and the coverage says what a run could not know.
    pub async fn pass_for_run(&self) -> Result<(), Error> {
        let stop = CancellationToken::new();
        for part in self.files.trail.parts() {
            let mut waits = 0;
            while self.pass_of(&part, &stop).await? == Pass::Waiting && waits < WAITS {
                waits += 1;
                tokio::time::sleep(WAIT).await;
            }
        }
        Ok(())
    }

    /// One pass over the trail of one account and Region.
    async fn pass_of(&self, part: &TrailPart, stop: &CancellationToken) -> Result<Pass, Error> {
        let name = format!("trail/{}/{}", part.account, part.region);
        self.leases.under(&name, |lease| self.ingest_part(part, lease, stop).err_into().boxed()).await
    }

    async fn ingest_part(
        &self,
        part: &TrailPart,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<(), AwsError> {
        let started = self.clock.now();
        let mut status = self.aws.trail_status(part).await?;
        let before = (status.counted_to, status.problem.clone());
        let looked = self.look(part, &lease, stop, started, &mut status).await;
        if let Err(AwsError::Conflict { .. }) = looked {
            // Somebody else is at it: nothing more is to be said here.
            return looked.map(drop);
        }
        match &looked {
            Ok(problem) => {
                status.as_of = Some(started);
                status.problem = problem.clone();
            }
            Err(error) => status.problem = Some(error.to_string()),
        }
        self.count_files(part, &mut status).await?;
        self.aws.save_trail_status(part, &status, &lease).await?;
        abort_at(Point::AfterTrailStatus);
        if before != (status.counted_to, status.problem) {
            self.news.send_modify(|news| *news += 1);
        }
        looked.map(drop)
    }

    /// Reads and verifies what is new; gives what people should know of it.
    async fn look(
        &self,
        part: &TrailPart,
        lease: &Lease,
        stop: &CancellationToken,
        now: Timestamp,
        status: &mut TrailStatus,
    ) -> Result<Option<String>, AwsError> {
        let wanted = now.minus(self.files.trail.history);
        if status.since.is_none_or(|since| wanted < since) {
            (status.since, status.listed_from) = (Some(wanted), None);
        }
        let since = status.since.unwrap_or(wanted);
        let (mut notes, mut listed) = (Notes::default(), HashSet::new());
        let location = self.files.trail.location(part);
        for day in days(resume(status.listed_from, since, now), now) {
            if stop.is_cancelled() {
                return Ok(status.problem.clone());
            }
            let known = self.ingest_folder(part, &location.logs_of_day(day), lease, &mut notes).await?;
            listed.extend(known);
        }
        self.files.memory.replace_known(part, listed);
        if !notes.is_behind() {
            status.listed_from = Some(now.minus(OVERLAP).max(since));
        }
        let verified = self.verifier.pass(part, day_of(since), &notes, lease, stop).await?;
        notes.transient_failure(part)?;
        Ok(notes.problem().or(verified))
    }

    /// Reads the files of one folder that are not in yet, and gives the keys of those that are in now.
    async fn ingest_folder(
        &self,
        part: &TrailPart,
        folder: &str,
        lease: &Lease,
        notes: &mut Notes,
    ) -> Result<Vec<String>, AwsError> {
        let listing = self.aws.list_objects(&self.files.trail.bucket, folder);
        let listing = listing.try_chunks(TOGETHER).map_err(|error| error.1);
        pin_mut!(listing);
        let mut known = Vec::new();
        while let Some(objects) = listing.try_next().await? {
            known.extend(self.files.ingest_listed(part, objects, lease, notes).await?);
        }
        Ok(known)
    }

    /// Adds the files that have come in since the last time to the counts.
    async fn count_files(&self, part: &TrailPart, status: &mut TrailStatus) -> Result<(), AwsError> {
        let files = self.aws.trail_heads(part, status.counted_to);
        pin_mut!(files);
        while let Some(file) = files.try_next().await? {
            status.counted_to = file.seq;
            measure(part, &file);
            status.files += 1;
            status.events += file.kept;
            if let Some(why) = &file.refused {
                status.unreadable.add(&file.key, why);
            }
            for example in file.unreadable.examples {
                status.unreadable.add(format!("{}: {}", file.key, example.place), example.problem);
            }
            let shown = u64::try_from(domain::run::Unreadable::EXAMPLES).unwrap_or(0);
            status.unreadable.count += file.unreadable.count.saturating_sub(shown);
        }
        Ok(())
    }
}

/// A log file has come in.
fn measure(part: &TrailPart, file: &TrailFile) {
    let labels = [("account", part.account.clone()), ("region", part.region.clone())];
    counter!("countersign_trail_files_total", &labels).increment(1);
    counter!("countersign_trail_events_total", &labels).increment(file.kept);
    if let Some(newest) = file.newest {
        histogram!("countersign_trail_lag_seconds", &labels).record(file.read_at.since(newest));
    }
}
