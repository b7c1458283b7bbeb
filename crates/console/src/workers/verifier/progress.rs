//! How far verification has come by itself: what it goes on from.

use std::collections::{BTreeMap, BTreeSet};

use countersign_aws::trail::TrailFile;
use domain::Timestamp;
use domain::trail::Wholeness;
use feeds::trail::key::{DigestKey, LogKey};
use feeds::trail::{Absent, Chains, NEXT_DIGEST};
use serde::{Deserialize, Serialize};

use super::note::note_strays;
use crate::days::day_of;
use crate::workers::trail_files::Notes;

/// What verification goes on from; kept in [`countersign_aws::trail::TrailState::verifier`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The first day whose digests are looked for.
    pub since: Option<Timestamp>,
    /// The day from which on digests are listed next time.
    pub listed_from: Option<Timestamp>,
    pub chains: Chains,
    /// The digests of the listed days that have been judged.
    pub seen: BTreeSet<String>,
    /// Log files that no digest has vouched for yet, with the time of their delivery.
    pub open: BTreeMap<String, Timestamp>,
    /// Log files of the listed days that a digest names and that could not be read, by key. They may come back.
    #[serde(default)]
    pub absent: BTreeMap<String, Absent>,
    /// The files up to this place have been taken into `open`.
    pub opened_to: u64,
    /// The end of the digest after which none has come for too long.
    pub silent_since: Option<Timestamp>,
}

impl Progress {
    /// Files for which no digest has vouched, although those of their time are there.
    pub fn strays(&mut self, whole: &mut Wholeness) {
        let Some((end, ..)) = self.chains.newest() else { return };
        let judgeable = |delivered: Timestamp| delivered.plus(NEXT_DIGEST) < end;
        note_strays(whole, self.open.extract_if(.., |_, delivered| judgeable(*delivered)));
    }

    /// A log file has been read.
    pub fn opened(&mut self, whole: &mut Wholeness, file: TrailFile) {
        whole.read(&file.key);
        match self.absent.remove(&file.key) {
            // It was away when a digest named it, and none is going to do so again.
            Some(absent) if absent.sha256 == file.sha256 => (),
            Some(absent) => whole.altered(absent.altered()),
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
    pub fn unread(&self, whole: &mut Wholeness, notes: &Notes) {
        for (key, why) in notes.unread().iter().filter(|(key, _)| !self.absent.contains_key(key)) {
            if let Some(delivered) = delivered(key) {
                whole.unread(key, delivered, why);
            }
        }
    }

    /// What is of days that are not listed any more need not be remembered.
    pub fn forget(&mut self) {
        let Some(from) = self.listed_from.map(day_of) else { return };
        self.seen.retain(|key| key.parse::<DigestKey>().is_ok_and(|name| from <= name.end));
        self.open.retain(|_, delivered| from <= *delivered);
        self.absent.retain(|key, _| delivered(key).is_some_and(|delivered| from <= delivered));
    }
}

/// When a log file was delivered, as its name says, if it lies in the folder of that day.
pub(crate) fn delivered(key: &str) -> Option<Timestamp> {
    let name: LogKey = key.parse().ok()?;
    let folder = name.delivered.date().replace('-', "/");
    key.rsplit_once('/').is_some_and(|(path, _)| path.ends_with(&folder)).then_some(name.delivered)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::trail::Proof;

    use super::*;
    use crate::days::OVERLAP;

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
        let mut whole = Wholeness::default();
        for days in 0..30 {
            let key = key(noon().minus(DAY * days), "a");
            progress.opened(&mut whole, file(key.clone(), "00"));
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
        let mut whole = Wholeness::default();
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

        progress.opened(&mut whole, file(same, "aa"));
        assert_eq!((whole.bad_files.len(), whole.problems.len()), (0, 0));
        progress.opened(&mut whole, file(other.clone(), "bb"));
        assert_eq!(whole.bad_files.keys().collect::<Vec<_>>(), [&other]);
        assert_eq!(whole.coverage.at(noon()), Some(Proof::Altered));
        assert!(progress.open.is_empty() && progress.absent.is_empty());
    }
}
