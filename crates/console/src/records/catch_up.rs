//! Keeping the events of the read model up to the table's, one log file after the other.

use std::sync::Arc;
use std::time::Duration;

use countersign_aws::trail::{Kept, TrailFile};
use domain::trail::{Coverage, Event, Proof, TrailPart};
use domain::{AuthorityArn, Serial};
use futures::TryStreamExt;

use super::Records;
use super::events::{self, Deeds, EventFile};
use super::reached::{Place, Trusted};
use crate::Error;
use crate::lock::lock;

/// How many files and events one transaction writes, at least.
const BATCH: usize = 2000;
/// How long a page waits for the newest events before it shows those that are there.
const PATIENCE: Duration = Duration::from_secs(2);

impl Records {
    /// Reads what has been added to the trail since the last time. Cheap when that is nothing. Stopped in between, it goes
    /// on from there the next time.
    pub(crate) async fn catch_up(&self) -> Result<(), Error> {
        let Some(trail) = &self.trail else { return Ok(()) };
        let mut reached = self.events.reached.lock().await;
        for part in trail.parts() {
            let place = reached.parts.entry(part.clone()).or_default();
            // First what is known of the files, then the files: what is proven is never more than what is there.
            self.catch_up_state(&part, place).await?;
            self.catch_up_files(&part, place).await?;
        }
        Ok(())
    }

    /// The same for a page, which does not wait for long. What keeps it from the newest events is for people.
    pub(crate) async fn catch_up_soon(&self) -> Option<String> {
        match tokio::time::timeout(PATIENCE, self.catch_up()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::warn!("the newest events are not shown: {}", error.trace());
                Some(format!("The newest events are not here: {error}"))
            }
            Err(_) => Some("The events are still being read; not all of them are here yet.".to_owned()),
        }
    }

    /// What the trail says of one certificate; nothing without a trail.
    pub(crate) async fn deeds_of(&self, authority: &AuthorityArn, serial: Serial) -> Result<Deeds, Error> {
        Ok(self.deeds_of_each(authority, vec![serial]).await?.pop().unwrap_or_default())
    }

    /// The same of each of these, in their order.
    pub(crate) async fn deeds_of_each(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
    ) -> Result<Vec<Deeds>, Error> {
        if self.trail.is_none() {
            return Ok(vec![Deeds::default(); serials.len()]);
        }
        let _late = self.catch_up_soon().await;
        let authority = authority.clone();
        let read = move |_: &_, connection: &_| {
            serials.iter().map(|serial| events::deeds_of(connection, &authority, *serial)).collect()
        };
        self.model.read(read).await
    }

    /// Who had each of these certificates issued, as intact events say: a principal, that of a role without its path.
    pub(crate) async fn callers_of_each(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
    ) -> Result<Vec<Option<String>>, Error> {
        if self.trail.is_none() {
            return Ok(vec![None; serials.len()]);
        }
        let authority = authority.clone();
        let read = move |_: &_, connection: &_| {
            serials.iter().map(|serial| events::caller_of(connection, &authority, *serial)).collect()
        };
        self.model.read(read).await
    }

    /// How far the trail of an account and Region was trusted when the events were last caught up with.
    pub(crate) fn coverage_of(&self, account: &str, region: &str) -> Arc<Coverage> {
        self.trusted(account, region).coverage.clone()
    }

    /// The same, with the digests that it rests on.
    pub(crate) fn trusted(&self, account: &str, region: &str) -> Arc<Trusted> {
        let part = TrailPart { account: account.to_owned(), region: region.to_owned() };
        lock(&self.events.whole).get(&part).cloned().unwrap_or_default()
    }

    async fn catch_up_state(&self, part: &TrailPart, place: &mut Place) -> Result<(), Error> {
        if self.aws.trail_state_revision(part).await? == place.revision {
            return Ok(());
        }
        let state = self.aws.trail_state(part).await?.unwrap_or_default();
        let (bad, of, issuers) = (state.whole.bad_files.clone(), part.clone(), self.issuers.clone());
        self.model
            .blocking(move |database| {
                Ok(database.write(|connection| {
                    let files = events::mark_bad(connection, (&of.account, &of.region), &bad)?;
                    events::judge(connection, &files, &issuers)
                })?)
            })
            .await?;
        let (coverage, digests) = (Arc::new(state.whole.coverage), state.whole.digests);
        lock(&self.events.whole).insert(part.clone(), Arc::new(Trusted { coverage, digests }));
        (place.bad, place.revision) = (state.whole.bad_files, state.revision);
        Ok(())
    }

    async fn catch_up_files(&self, part: &TrailPart, place: &mut Place) -> Result<(), Error> {
        let mut files = std::pin::pin!(self.aws.trail_files(part, place.seq));
        let (mut batch, mut size, mut seq) = (Vec::new(), 0, place.seq);
        loop {
            let next = files.try_next().await?;
            let is_last = next.is_none();
            if let Some((file, kept)) = next {
                size += 1 + kept.len();
                seq = file.seq;
                let bad = place.bad.get(&file.key).copied();
                batch.push(event_file(part, file, kept, bad));
            }
            if (is_last && !batch.is_empty()) || size >= BATCH {
                let (files, issuers) = (std::mem::take(&mut batch), self.issuers.clone());
                self.model
                    .blocking(move |database| {
                        Ok(database.write(|connection| {
                            let files = events::add(connection, &files)?;
                            events::judge(connection, &files, &issuers)
                        })?)
                    })
                    .await?;
                self.model.mark_revoked().await?;
                (size, place.seq) = (0, seq);
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

fn event_file(
    part: &TrailPart,
    file: TrailFile,
    kept: Vec<Kept>,
    bad: Option<Proof>,
) -> (EventFile, Vec<Event>) {
    let head = EventFile {
        account: part.account.clone(),
        region: part.region.clone(),
        seq: file.seq,
        bucket: file.bucket,
        key: file.key,
        sha256: file.sha256,
        delivered_at: file.delivered_at,
        read_at: file.read_at,
        bad,
    };
    (head, kept.into_iter().map(|kept| kept.event).collect())
}
