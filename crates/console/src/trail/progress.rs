//! How far verification has come by itself, and the pass that takes it on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use countersign_aws::trail::{TrailFile, TrailPart, TrailState};
use countersign_aws::{Error as AwsError, Lease};
use domain::Timestamp;
use domain::trail::Proof;
use domain::views::TrailProblem;
use feeds::trail::key::{DigestKey, LogKey};
use feeds::trail::{Absent, NEXT_DIGEST};
use futures::{TryStreamExt, pin_mut};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::days::day_of;
use super::ingest::{Notes, OVERLAP, resume};
use super::note::{is_gap, is_read, note, note_altered, note_strays, note_unread};
use super::verify::Chains;
use crate::Console;
use crate::abort::{Point, abort_at};
use crate::read_model::lock;

/// How many digests are judged before what they prove is saved.
const TOGETHER: usize = 24;
/// How long digests must be seen to be overdue, at most, before it is told.
const AGAIN: Duration = Duration::from_secs(60);

/// What verification goes on from; kept in [`TrailState::verifier`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The first day whose digests are looked for.
    since: Option<Timestamp>,
    /// The day from which on digests are listed next time.
    listed_from: Option<Timestamp>,
    chains: Chains,
    /// The digests of the listed days that have been judged.
    seen: BTreeSet<String>,
    /// Log files that no digest has vouched for yet, with the time of their delivery.
    open: BTreeMap<String, Timestamp>,
    /// Log files of the listed days that a digest names and that could not be read, by key. They may come back.
    #[serde(default)]
    absent: BTreeMap<String, Absent>,
    /// The files up to this place have been taken into `open`.
    opened_to: u64,
    /// The end of the digest after which none has come for too long.
    silent_since: Option<Timestamp>,
}

impl Console {
    /// Judges the digests that are new, from the day `since` on. `ingested` is what there is to say of the log files that
    /// were read before. Gives what people should know.
    pub(super) async fn verify(
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
                let judged = self.judge_digest(&fetched, &mut progress.chains);
                note(&mut state, &judged);
                named.extend(judged.named().cloned());
                let absent = judged.verdict.absent.into_iter();
                progress.absent.extend(absent.map(|absent| (absent.object.clone(), absent)));
                progress.seen.insert(judged.key);
            }
            self.open_files(part, &mut progress, &mut state).await?;
            for key in &named {
                progress.open.remove(key);
            }
            state = self.save_verified(part, state, &progress, lease).await?;
        }
        let (known, problems) = (progress.clone(), state.problems_total);
        self.open_files(part, &mut progress, &mut state).await?;
        progress.unread(&mut state, ingested);
        progress.strays(&mut state);
        self.silence(&mut state, part, &mut progress);
        if !digests.is_empty() || progress != known || state.problems_total != problems {
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
        state: &mut TrailState,
    ) -> Result<(), AwsError> {
        let files = self.aws.trail_heads(part, progress.opened_to);
        pin_mut!(files);
        while let Some(file) = files.try_next().await? {
            progress.opened_to = file.seq;
            progress.opened(state, file);
        }
        Ok(())
    }

    /// Whether digests have stopped coming: they come one after the other, even when nothing happens.
    fn silence(&self, state: &mut TrailState, part: &TrailPart, progress: &mut Progress) {
        let Some(trail) = &self.configuration.trail else { return };
        let now = self.clock.now();
        let silent =
            progress.chains.newest().filter(|(end, _, length)| now.since(*end) > *length * 2 + trail.delay);
        let silent = silent.filter(|(end, _, length)| self.stays_silent(part, *end, (*length).min(AGAIN)));
        let since = silent.map(|(end, ..)| end);
        if since == progress.silent_since {
            return;
        }
        if let Some(was) = progress.silent_since {
            let of_silence = |problem: &TrailProblem| {
                problem.proof == Proof::Unproven && problem.from == was && is_gap(problem)
            };
            state.remove_problems(of_silence);
        }
        if let Some((end, key, _)) = silent {
            state.add_problem(TrailProblem {
                from: end,
                to: now,
                proof: Proof::Unproven,
                object: key.to_owned(),
                what:
                    "No digest that CloudTrail signed has come since this one: logging, or the validation of log \
                       files, is off, or digests are deleted or replaced."
                        .to_owned(),
                finding: None,
            });
        }
        progress.silent_since = since;
    }

    /// Whether it has been so for a while: a machine that was asleep wakes up with old digests.
    fn stays_silent(&self, part: &TrailPart, end: Timestamp, least: Duration) -> bool {
        let now = self.clock.now();
        let mut silent = lock(&self.trail.silent);
        let first = silent.entry(part.clone()).or_insert((now, end));
        if first.1 != end {
            *first = (now, end);
        }
        now.since(first.0) >= least
    }
}

impl Progress {
    /// Files for which no digest has vouched, although those of their time are there.
    fn strays(&mut self, state: &mut TrailState) {
        let Some((end, ..)) = self.chains.newest() else { return };
        let judgeable = |delivered: Timestamp| delivered.plus(NEXT_DIGEST) < end;
        note_strays(state, self.open.extract_if(.., |_, delivered| judgeable(*delivered)));
    }

    /// A log file has been read.
    fn opened(&mut self, state: &mut TrailState, file: TrailFile) {
        is_read(state, &file.key);
        match self.absent.remove(&file.key) {
            // It was away when a digest named it, and none is going to do so again.
            Some(absent) if absent.sha256 == file.sha256 => (),
            Some(absent) => note_altered(state, absent.altered()),
            None => {
                let delivered = delivered(&file.key).unwrap_or(file.delivered_at);
                // Older ones are those of months that somebody has had loaded.
                if self.since.is_none_or(|since| since <= delivered) {
                    self.open.insert(file.key, delivered);
                }
            }
        }
    }

    /// Log files as CloudTrail calls them, that nobody can read and that no digest has named yet.
    fn unread(&self, state: &mut TrailState, notes: &Notes) {
        for (key, why) in notes.unread().iter().filter(|(key, _)| !self.absent.contains_key(key)) {
            if let Some(delivered) = delivered(key) {
                note_unread(state, key, delivered, why);
            }
        }
    }

    /// What is of days that are not listed any more need not be remembered.
    fn forget(&mut self) {
        let Some(from) = self.listed_from.map(day_of) else { return };
        self.seen.retain(|key| key.parse::<DigestKey>().is_ok_and(|name| from <= name.end));
        self.open.retain(|_, delivered| from <= *delivered);
        self.absent.retain(|key, _| delivered(key).is_some_and(|delivered| from <= delivered));
    }
}

/// When a log file was delivered, as its name says, if it lies in the folder of that day.
pub(super) fn delivered(key: &str) -> Option<Timestamp> {
    let name: LogKey = key.parse().ok()?;
    let folder = name.delivered.date().replace('-', "/");
    key.rsplit_once('/').is_some_and(|(path, _)| path.ends_with(&folder)).then_some(name.delivered)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn key(day: Timestamp, unique: &str) -> String {
        let (folder, digits) = (day.date().replace('-', "/"), day.date().replace('-', ""));
        format!(
            "AWSLogs/111122223333/CloudTrail/eu-central-1/{folder}/111122223333_CloudTrail_eu-central-1_{digits}T1200Z_{unique}.json.gz"
        )
    }

    fn file(key: String, sha256: &str) -> TrailFile {
        TrailFile {
            seq: 1,
            bucket: "trail".to_owned(),
            key,
            sha256: sha256.to_owned(),
            bytes: 0,
            records: 0,
            kept: 0,
            unreadable: Default::default(),
            refused: None,
            delivered_at: noon(),
            read_at: noon(),
            oldest: None,
            newest: None,
        }
    }

    #[test]
    fn without_digests_nothing_is_remembered_for_ever() {
        let mut progress = Progress::default();
        let mut state = TrailState::default();
        for days in 0..30 {
            let key = key(noon().minus(DAY * days), "a");
            progress.opened(&mut state, file(key.clone(), "00"));
            let (from, to) = (noon(), noon());
            let absent = Absent { object: key.clone(), sha256: String::new(), from, to };
            progress.absent.insert(key, absent);
        }
        progress.forget();
        assert_eq!((progress.open.len(), progress.absent.len()), (30, 30), "nothing is listed yet");
        progress.listed_from = Some(noon().minus(OVERLAP));
        progress.forget();
        assert_eq!((progress.open.len(), progress.absent.len()), (2, 2));
    }

    #[test]
    fn a_file_that_comes_back_is_what_its_digest_said_or_altered() {
        let mut progress = Progress::default();
        let mut state = TrailState::default();
        let (same, other) = (key(noon(), "same"), key(noon(), "other"));
        for object in [&same, &other] {
            let (from, to) = (noon(), noon().plus(Duration::from_secs(1)));
            let absent = Absent { object: object.clone(), sha256: "aa".to_owned(), from, to };
            progress.absent.insert(object.clone(), absent);
        }
        // What was written before there was such a list is read all the same.
        let mut stored = serde_json::to_value(&progress).unwrap();
        stored.as_object_mut().unwrap().remove("absent");
        assert_eq!(serde_json::from_value::<Progress>(stored).unwrap().absent, BTreeMap::new());

        progress.opened(&mut state, file(same, "aa"));
        assert_eq!((state.bad_files.len(), state.problems.len()), (0, 0));
        progress.opened(&mut state, file(other.clone(), "bb"));
        assert_eq!(state.bad_files.keys().collect::<Vec<_>>(), [&other]);
        assert_eq!(state.coverage.at(noon()), Some(Proof::Altered));
        assert!(progress.open.is_empty() && progress.absent.is_empty());
    }
}
