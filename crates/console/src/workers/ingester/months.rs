//! Older months, read because somebody asked for them. Done anew from the beginning after a crash: what is in already is
//! passed over.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign_aws::{Error as AwsError, Lease, Thing};
use domain::Timestamp;
use domain::trail::{MonthLoad, TrailPart};
use feeds::trail::Chains;
use futures::{FutureExt, TryFutureExt, TryStreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use super::Ingester;
use crate::abort::{Point, abort_at};
use crate::days::{day_of, days, month};
use crate::lease::Pass;
use crate::retry::unless_raced;
use crate::workers::trail_files::Notes;
use crate::workers::verifier::note::{note, note_strays};
use crate::workers::verifier::{Judged, delivered};
use crate::{Error, TrailSettings};

/// How many files are read between two looks at the clock and the lease, and digests judged.
const TOGETHER: usize = 24;
/// The digest of the last hour of a month ends in the next one.
const LAST_DIGEST: Duration = Duration::from_secs(3600);

/// What is to be loaded of one trail: whole days.
struct Share {
    part: TrailPart,
    from: Timestamp,
    to: Timestamp,
}

impl Ingester {
    /// Goes on with the months that somebody asked for.
    pub async fn load_months(&self, stop: &CancellationToken) -> Result<Pass, Error> {
        let mut pass = Pass::Done;
        let loads = self.aws.month_loads().await?.into_iter();
        for load in loads.filter(|load| !load.finished && load.failure.is_none()) {
            if stop.is_cancelled() {
                break;
            }
            let loaded = |lease| self.load_one(load, lease, stop).err_into().boxed();
            pass = pass.and(self.leases.under("trail-months", loaded).await?);
        }
        Ok(pass)
    }

    async fn load_one(
        &self,
        load: MonthLoad,
        lease: Lease,
        stop: &CancellationToken,
    ) -> Result<(), AwsError> {
        let mut load = MonthLoad { done: 0, total: 0, ..load };
        match self.load_shares(&mut load, &lease, stop).await {
            Ok(()) if stop.is_cancelled() => return Ok(()),
            Ok(()) => load.finished = load.failure.is_none(),
            Err(error) if error.is_transient() || matches!(error, AwsError::Conflict { .. }) => {
                return Err(error);
            }
            Err(error) => load.failure = Some(error.to_string()),
        }
        self.aws.save_month_load(&load, &lease).await
    }

    async fn load_shares(
        &self,
        load: &mut MonthLoad,
        lease: &Lease,
        stop: &CancellationToken,
    ) -> Result<(), AwsError> {
        let trail = &self.files.trail;
        let Some((from, to)) = month(&load.month) else {
            load.failure = Some("It is no month.".to_owned());
            return Ok(());
        };
        let mut shares = Vec::new();
        for part in trail.parts() {
            // What comes after is read by itself.
            let since = self.aws.trail_status(&part).await?.since;
            let to = since.map_or(to, |since| to.min(day_of(since)));
            if from < to {
                shares.push(Share { part, from, to });
            }
        }
        for share in &shares {
            for folder in share.folders(trail) {
                let files = self.aws.list_objects(&trail.bucket, &folder);
                pin_mut!(files);
                while files.try_next().await?.is_some() {
                    load.total += 1;
                }
            }
        }
        self.aws.save_month_load(load, lease).await?;
        for share in &shares {
            let files = self.load_files(share, load, lease, stop).await?;
            let problem = self.verify_share(share, files, lease, stop).await?;
            load.failure = load.failure.take().or(problem);
        }
        Ok(())
    }

    /// Reads the log files, and gives those that are in with the times of their delivery.
    async fn load_files(
        &self,
        share: &Share,
        load: &mut MonthLoad,
        lease: &Lease,
        stop: &CancellationToken,
    ) -> Result<BTreeMap<String, Timestamp>, AwsError> {
        let (mut files, mut notes) = (BTreeMap::new(), Notes::default());
        let trail = &self.files.trail;
        for folder in share.folders(trail) {
            let listing = self.aws.list_objects(&trail.bucket, &folder);
            let listing = listing.try_chunks(TOGETHER).map_err(|error| error.1);
            pin_mut!(listing);
            while let Some(objects) = listing.try_next().await? {
                if stop.is_cancelled() {
                    return Ok(files);
                }
                load.done += u64::try_from(objects.len()).unwrap_or(0);
                let times: BTreeMap<String, Timestamp> =
                    objects.iter().map(|object| (object.key.clone(), object.last_modified)).collect();
                let known = self.files.ingest_listed(&share.part, objects, lease, &mut notes).await?;
                files.extend(known.into_iter().filter_map(|key| {
                    let at = delivered(&key).or(times.get(&key).copied())?;
                    Some((key, at))
                }));
                load.total = load.total.max(load.done);
                self.aws.save_month_load(load, lease).await?;
                abort_at(Point::AfterMonthProgress);
            }
        }
        notes.transient_failure(&share.part)?;
        load.failure = load.failure.take().or(notes.problem());
        Ok(files)
    }

    /// Gives what people should know.
    async fn verify_share(
        &self,
        share: &Share,
        mut open: BTreeMap<String, Timestamp>,
        lease: &Lease,
        stop: &CancellationToken,
    ) -> Result<Option<String>, AwsError> {
        let part = &share.part;
        let digests = self.verifier.digests(part, share.from, share.to).await?.into_iter();
        let is_ours = |end: Timestamp| share.from < end && end <= share.to.plus(LAST_DIGEST);
        let digests: Vec<_> = digests.filter(|digest| is_ours(digest.name.end)).collect();
        let (mut chains, mut notes) = (Chains::default(), Notes::default());
        for some in digests.chunks(TOGETHER) {
            if stop.is_cancelled() {
                return Ok(None);
            }
            let mut judged = Vec::new();
            for fetched in self.verifier.fetch_digests(part, some, &mut notes, lease).await? {
                judged.push(fetched.judge(&self.files.trail.bucket, &mut chains));
            }
            for key in judged.iter().flat_map(Judged::named) {
                open.remove(key);
            }
            self.note_older(part, &judged, &BTreeMap::new(), lease).await?;
        }
        self.note_older(part, &[], &open, lease).await?;
        Ok(notes.problem())
    }

    /// Notes what digests say of an older time; the verification of what is new goes on meanwhile.
    async fn note_older(
        &self,
        part: &TrailPart,
        judged: &[Judged],
        unnamed: &BTreeMap<String, Timestamp>,
        lease: &Lease,
    ) -> Result<(), AwsError> {
        unless_raced(trail_changed, || async {
            let mut state = self.aws.trail_state(part).await?.unwrap_or_default();
            let before = state.clone();
            judged.iter().for_each(|judged| note(&mut state.whole, judged));
            note_strays(&mut state.whole, unnamed.clone());
            match state == before {
                true => Ok(()),
                false => self.aws.save_trail_state(part, state, lease).await.map(drop),
            }
        })
        .await
    }
}

/// The verification of what is new has noted something meanwhile.
fn trail_changed(error: &AwsError) -> bool {
    matches!(error, AwsError::Conflict { what: Thing::Trail, .. })
}

impl Share {
    fn folders(&self, trail: &TrailSettings) -> impl Iterator<Item = String> + use<> {
        let (location, last) = (trail.location(&self.part), self.to.minus(Duration::from_secs(1)));
        days(self.from, last).map(move |day| location.logs_of_day(day))
    }
}
