//! Ingestion: new log files of the trail's bucket come into the table, oldest first, each whole and once.
//!
//! Files are looked for by day, from the day before the last pass on: a file may come late. What keeps a single file from
//! being read is told and tried again, and keeps no other file back: whoever may write to the bucket can put something there
//! that nobody can read.

use std::collections::HashSet;
use std::time::Duration;

use countersign_aws::objects::Listed;
use countersign_aws::trail::{KeptEvents, TrailFile, TrailPart, TrailStatus};
use countersign_aws::{Error as AwsError, Lease};
use domain::Timestamp;
use futures::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, pin_mut, stream};
use tokio_util::sync::CancellationToken;

use super::days::{day_of, days};
use crate::abort::{Point, abort_at};
use crate::{Console, Error};

/// How far a pass looks back behind the one before: files come late, and those from before midnight on the next day.
pub(super) const OVERLAP: Duration = Duration::from_secs(26 * 3600);
/// How many listed objects are looked at together.
const TOGETHER: usize = 100;
/// How many files are read at once.
const AT_ONCE: usize = 8;
/// How often and how long a run waits for a pass that is under way.
const WAITS: u32 = 120;
const WAIT: Duration = Duration::from_millis(500);
/// So many files in a row that cannot be reached now: it is not the files.
const IN_A_ROW: u32 = 5;
/// How many of the files that cannot be read are named.
const NAMED: usize = 100;

/// What was wrong with single files of a pass.
#[derive(Default)]
pub(super) struct Notes {
    first: Option<String>,
    count: u64,
    in_a_row: u32,
    transient: bool,
    /// Some file was read.
    any: bool,
    /// The keys of files that cannot be read, however often that is tried, and why.
    unread: Vec<(String, String)>,
}

impl Notes {
    /// A file was read.
    pub(super) fn read(&mut self) {
        (self.in_a_row, self.any) = (0, true);
    }

    /// A file was not. Gives the error back when too many could not be reached.
    pub(super) fn add(&mut self, key: &str, error: AwsError) -> Result<(), AwsError> {
        tracing::warn!(key, "a file of the trail is not read now: {error}");
        self.count += 1;
        self.first.get_or_insert_with(|| error.to_string());
        if error.is_transient() {
            (self.in_a_row, self.transient) = (self.in_a_row + 1, true);
            return if self.in_a_row >= IN_A_ROW { Err(error) } else { Ok(()) };
        }
        if self.unread.len() < NAMED {
            self.unread.push((key.to_owned(), error.to_string()));
        }
        Ok(())
    }

    pub(super) fn unread(&self) -> &[(String, String)] {
        &self.unread
    }

    /// Whether the next pass must list the same days again: something may go better by itself, or none of the files could be
    /// read, which is not their fault.
    pub(super) fn is_behind(&self) -> bool {
        self.transient || (self.count > 0 && !self.any)
    }

    /// An error if it may go better when it is tried again.
    pub(super) fn transient_failure(&self, part: &TrailPart) -> Result<(), AwsError> {
        if !self.transient {
            return Ok(());
        }
        let source = self.problem().unwrap_or_default().into();
        let resource = format!("the trail of {part}");
        Err(AwsError::Unavailable { operation: "s3:GetObject", resource, source })
    }

    pub(super) fn problem(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(match self.count {
            1 => format!("A file of the trail is not read yet: {first}"),
            count => format!("{count} files of the trail are not read yet; the first: {first}"),
        })
    }
}

/// From where on a pass lists: where the one before said, but a day back at least. A clock that ran ahead had that one say
/// too much.
pub(super) fn resume(saved: Option<Timestamp>, since: Timestamp, now: Timestamp) -> Timestamp {
    saved.unwrap_or(since).min(now.minus(OVERLAP)).max(since)
}

impl Console {
    /// One pass over all accounts and Regions: reads what is new, and verifies it.
    pub(crate) async fn ingest(&self, stop: &CancellationToken) -> Result<(), Error> {
        let Some(trail) = &self.configuration.trail else { return Ok(()) };
        let mut outcome = Ok(());
        for part in trail.parts() {
            if let Err(error) = self.pass(&part, stop).await {
                tracing::debug!("a pass over a trail failed: {}", error.trace());
                outcome = Err(error);
            }
        }
        outcome
    }

    /// The same for a run, which should judge by what the trail says now. Another pass that is under way is waited for,
    /// but not for ever: a first ingestion may take long, and the coverage says what a run could not know.
    pub(crate) async fn ingest_for_run(&self) -> Result<(), Error> {
        let Some(trail) = &self.configuration.trail else { return Ok(()) };
        let stop = CancellationToken::new();
        for part in trail.parts() {
            let mut waits = 0;
            while self.pass(&part, &stop).await?.is_none() && waits < WAITS {
                waits += 1;
                tokio::time::sleep(WAIT).await;
            }
        }
        Ok(())
    }

    /// One pass over the trail of one account and Region; `None`: another replica makes one.
    async fn pass(&self, part: &TrailPart, stop: &CancellationToken) -> Result<Option<()>, Error> {
        let name = format!("trail/{}/{}", part.account, part.region);
        self.under_lease(&name, |lease| self.ingest_part(part, lease, stop).err_into().boxed()).await
    }

    async fn ingest_part(
        &self,
        part: &TrailPart,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<(), AwsError> {
        let started = self.clock.now();
        let mut status = self.aws.trail_status(part).await?;
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
        let Some(trail) = &self.configuration.trail else { return Ok(None) };
        let wanted = now.minus(trail.history);
        if status.since.is_none_or(|since| wanted < since) {
            (status.since, status.listed_from) = (Some(wanted), None);
        }
        let since = status.since.unwrap_or(wanted);
        let (mut notes, mut listed) = (Notes::default(), HashSet::new());
        let location = trail.location(part);
        for day in days(resume(status.listed_from, since, now), now) {
            if stop.is_cancelled() {
                return Ok(status.problem.clone());
            }
            let known = self.ingest_folder(part, &location.logs_of_day(day), lease, &mut notes).await?;
            listed.extend(known);
        }
        self.trail.replace_known(part, listed);
        if !notes.is_behind() {
            status.listed_from = Some(now.minus(OVERLAP).max(since));
        }
        let verified = self.verify(part, day_of(since), &notes, lease, stop).await?;
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
        let Some(trail) = &self.configuration.trail else { return Ok(Vec::new()) };
        let listing = self.aws.list_objects(&trail.bucket, folder);
        let listing = listing.try_chunks(TOGETHER).map_err(|error| error.1);
        pin_mut!(listing);
        let mut known = Vec::new();
        while let Some(objects) = listing.try_next().await? {
            known.extend(self.ingest_listed(part, objects, lease, notes).await?);
        }
        Ok(known)
    }

    /// The same for objects that were listed.
    pub(super) async fn ingest_listed(
        &self,
        part: &TrailPart,
        mut objects: Vec<Listed>,
        lease: &Lease,
        notes: &mut Notes,
    ) -> Result<Vec<String>, AwsError> {
        let Some(trail) = &self.configuration.trail else { return Ok(Vec::new()) };
        // A folder is no file.
        objects.retain(|object| !object.key.ends_with('/'));
        let (mut known, mut new): (Vec<Listed>, _) =
            objects.into_iter().partition(|object| self.trail.knows(part, &object.key));
        let keys: Vec<String> = new.iter().map(|object| object.key.clone()).collect();
        let stored = self.aws.trail_known(&trail.bucket, &keys).await?;
        known.extend(new.extract_if(.., |object| stored.contains_key(&object.key)));
        let mut known: Vec<String> = known.into_iter().map(|object| object.key).collect();

        let read = |object: Listed| {
            let console = self.clone();
            let read = async move {
                let key = object.key.clone();
                console.read_listed(object).await.map_err(|error| (key, error))
            };
            read.boxed()
        };
        let files = stream::iter(new.into_iter().map(read).collect::<Vec<_>>());
        let mut files = std::pin::pin!(files.buffered(AT_ONCE).ready_chunks(TOGETHER));
        while let Some(read) = files.next().await {
            let mut batch = Vec::new();
            for file in read {
                match file {
                    Ok(file) => {
                        notes.read();
                        batch.extend(file);
                    }
                    Err((key, error)) => notes.add(&key, error)?,
                }
            }
            let keys: Vec<String> = batch.iter().map(|(file, _)| file.key.clone()).collect();
            self.add_files(part, batch, lease).await?;
            known.extend(keys);
        }
        Ok(known)
    }

    async fn read_listed(&self, object: Listed) -> Result<Option<(TrailFile, KeptEvents)>, AwsError> {
        let Some(trail) = &self.configuration.trail else { return Ok(None) };
        self.read_log_file(&trail.bucket, &object.key, Some(object.last_modified)).await
    }

    pub(super) async fn add_files(
        &self,
        part: &TrailPart,
        files: Vec<(TrailFile, KeptEvents)>,
        lease: &Lease,
    ) -> Result<(), AwsError> {
        abort_at(Point::BeforeTrailFiles);
        for (file, why) in files.iter().filter_map(|(file, _)| Some((file, file.refused.as_ref()?))) {
            tracing::warn!(key = file.key, "a log file cannot be read: {why}");
        }
        let new = self.aws.add_trail_files(part, files, lease).await?;
        tracing::debug!(new, "log files of {part} came in");
        abort_at(Point::AfterTrailFiles);
        Ok(())
    }

    /// Adds the files that have come in since the last time to the counts.
    async fn count_files(&self, part: &TrailPart, status: &mut TrailStatus) -> Result<(), AwsError> {
        let files = self.aws.trail_heads(part, status.counted_to);
        pin_mut!(files);
        while let Some(file) = files.try_next().await? {
            status.counted_to = file.seq;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_unix(1_763_802_000 + hours * 3600).unwrap()
    }

    #[test]
    fn a_clock_that_ran_ahead_leaves_out_no_day() {
        let now = at(0);
        assert_eq!(resume(None, at(-500), now), at(-500));
        assert_eq!(resume(Some(at(-300)), at(-500), now), at(-300));
        assert_eq!(resume(Some(at(240)), at(-500), now), at(-26));
        assert_eq!(resume(Some(at(240)), at(-3), now), at(-3));
    }

    #[test]
    fn files_that_nobody_can_read_keep_nothing_back_unless_none_can_be_read() {
        let denied = || AwsError::Denied { operation: "", resource: String::new(), message: String::new() };
        let busy = || AwsError::Throttled { operation: "", resource: String::new() };
        let mut notes = Notes::default();
        for number in 0..200 {
            notes.add(&format!("{number}"), denied()).unwrap();
        }
        assert!(notes.is_behind() && notes.unread().len() == NAMED);
        notes.read();
        assert!(!notes.is_behind() && notes.problem().unwrap().starts_with("200 files"));
        for _ in 1..IN_A_ROW {
            notes.add("x", busy()).unwrap();
        }
        assert!(notes.is_behind() && notes.add("x", busy()).is_err());
    }
}
