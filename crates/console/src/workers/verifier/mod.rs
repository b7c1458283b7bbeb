//! The verifier: new digests are judged in the order of their ends, and what they prove is noted in the state of a part.
//! Works at the end of the ingester's pass, under its lease.

mod digest;
mod fetch;
pub(crate) mod note;
mod progress;
mod public_keys;

use std::time::Duration;

use countersign_aws::trail::TrailState;
use countersign_aws::{Aws, Error as AwsError, Lease};
use domain::Timestamp;
use domain::trail::{About, Problem, Proof, TrailPart, Wholeness};
use futures::{TryStreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use super::trail_files::{Notes, TrailFiles};
use crate::Clock;
use crate::abort::{Point, abort_at};
use crate::days::{OVERLAP, resume};
use crate::lock::lock;
pub(crate) use digest::Judged;
use note::note;
use progress::Progress;
pub(crate) use progress::delivered;

/// How many digests are judged before what they prove is saved.
const TOGETHER: usize = 24;
/// How long digests must be seen to be overdue, at most, before it is told.
const AGAIN: Duration = Duration::from_secs(60);

/// Judges digests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub aws: Aws,
    pub clock: Clock,
    pub files: TrailFiles,
}

impl Verifier {
    /// Judges the digests that are new, from the day `since` on. `ingested` is what there is to say of the log files that
    /// were read before. Gives what people should know.
    pub async fn pass(
        &self,
        part: &TrailPart,
        since: Timestamp,
        ingested: &Notes,
        lease: &Lease,
        stop: &CancellationToken,
    ) -> Result<Option<String>, AwsError> {
        let now = self.clock.now();
        let mut state = self.aws.trail_state(part).await?.unwrap_or_default();
        let mut progress: Progress = match state.revision {
            0 => Progress::default(),
            _ => serde_json::from_value(state.verifier.clone()).unwrap_or_else(|error| {
                tracing::warn!("the trail of {part} is verified anew: {error}");
                Progress::default()
            }),
        };
        if progress.since.is_none_or(|known| since < known) {
            // What lies before is judged by itself.
            (progress.since, progress.listed_from) = (Some(since), Some(since));
        }
        let from = resume(progress.listed_from, since, now);
        let mut notes = Notes::default();
        let mut digests = self.digests(part, from, now).await?;
        digests.retain(|digest| !progress.seen.contains(&digest.key));
        let digests: Vec<_> = digests.into_iter().collect();
        for some in digests.chunks(TOGETHER) {
            if stop.is_cancelled() {
                return Ok(None);
            }
            let mut named = Vec::new();
            for fetched in self.fetch_digests(part, some, &mut notes, lease).await? {
                let judged = fetched.judge(&self.files.trail.bucket, &mut progress.chains);
                note(&mut state.whole, &judged);
                named.extend(judged.named().cloned());
                let absent = judged.verdict.absent.into_iter();
                progress.absent.extend(absent.map(|absent| (absent.object.clone(), absent)));
                progress.seen.insert(judged.key);
            }
            self.open_files(part, &mut progress, &mut state.whole).await?;
            for key in &named {
                progress.open.remove(key);
            }
            state = self.save_verified(part, state, &progress, lease).await?;
        }
        let (known, problems) = (progress.clone(), state.whole.problems_total);
        self.open_files(part, &mut progress, &mut state.whole).await?;
        progress.unread(&mut state.whole, ingested);
        progress.strays(&mut state.whole);
        self.silence(&mut state.whole, part, &mut progress);
        if !digests.is_empty() || progress != known || state.whole.problems_total != problems {
            if !notes.is_behind() {
                progress.listed_from = Some(now.minus(OVERLAP).max(since));
            }
            progress.forget();
            self.save_verified(part, state, &progress, lease).await?;
        }
        let silent = progress.silent_since.map(|since| {
            format!(
                "No digest of the trail of {part} with CloudTrail's signature has come since {}.",
                since.absolute()
            )
        });
        let none = progress.chains.newest().is_none() && progress.opened_to > 0;
        let none = none.then(|| match progress.seen.is_empty() {
            true => format!(
                "There are no digests of the trail of {part}: nothing proves that it is whole. Enable log file \
                 validation for it."
            ),
            false => format!(
                "None of the digests of the trail of {part} has CloudTrail's signature: a copy in another bucket has \
                 lost it. Nothing proves that the trail is whole."
            ),
        });
        Ok(notes.problem().or(silent).or(none))
    }

    async fn save_verified(
        &self,
        part: &TrailPart,
        mut state: TrailState,
        progress: &Progress,
        lease: &Lease,
    ) -> Result<TrailState, AwsError> {
        state.whole.digests = progress.chains.positions();
        let json = serde_json::to_value(progress);
        state.verifier = json.map_err(|error| AwsError::Invalid {
            operation: "writing JSON",
            resource: "what is verified".to_owned(),
            reason: error.to_string(),
        })?;
        abort_at(Point::BeforeTrailState);
        let state = self.aws.save_trail_state(part, state, lease).await?;
        abort_at(Point::AfterTrailState);
        Ok(state)
    }

    /// Takes in the log files that have been added since the last time: a digest must vouch for them.
    async fn open_files(
        &self,
        part: &TrailPart,
        progress: &mut Progress,
        whole: &mut Wholeness,
    ) -> Result<(), AwsError> {
        let files = self.aws.trail_heads(part, progress.opened_to);
        pin_mut!(files);
        while let Some(file) = files.try_next().await? {
            progress.opened_to = file.seq;
            progress.opened(whole, file);
        }
        Ok(())
    }

    /// Whether digests have stopped coming: they come one after the other, even when nothing happens.
    fn silence(&self, whole: &mut Wholeness, part: &TrailPart, progress: &mut Progress) {
        let trail = &self.files.trail;
        let now = self.clock.now();
        let silent =
            progress.chains.newest().filter(|(end, _, length)| now.since(*end) > *length * 2 + trail.delay);
        let silent = silent.filter(|(end, _, length)| self.stays_silent(part, *end, (*length).min(AGAIN)));
        let since = silent.map(|(end, ..)| end);
        if since == progress.silent_since {
            return;
        }
        if let Some(was) = progress.silent_since {
            whole.remove_problems(|problem| {
                problem.about == About::Gap && problem.proof == Proof::Unproven && problem.from == was
            });
        }
        if let Some((end, key, _)) = silent {
            whole.add_problem(Problem {
                from: end,
                to: now,
                proof: Proof::Unproven,
                about: About::Gap,
                object: key.to_owned(),
                what:
                    "No digest that CloudTrail signed has come since this one: logging, or the validation of log \
                       files, is off, or digests are deleted or replaced."
                        .to_owned(),
            });
        }
        progress.silent_since = since;
    }

    /// Whether it has been so for a while: a machine that was asleep wakes up with old digests.
    fn stays_silent(&self, part: &TrailPart, end: Timestamp, least: Duration) -> bool {
        let now = self.clock.now();
        let mut silent = lock(&self.files.memory.silent);
        let first = silent.entry(part.clone()).or_insert((now, end));
        if first.1 != end {
            *first = (now, end);
        }
        now.since(first.0) >= least
    }
}
