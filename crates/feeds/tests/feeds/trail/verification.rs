use std::path::PathBuf;

use domain::trail::Proof;
use feeds::trail::{Directory, Known, Limits, PublicKeys, Verification, content_sha256, verify};
use serde_json::json;

use super::forge::{Forge, HOUR, public_keys};
use super::{issue, stop};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn of(name: &str, forges: &[&Forge]) -> Self {
        let path = std::env::temp_dir().join(format!("feeds-trail-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        forges.iter().for_each(|forge| forge.write(&path));
        Self(path)
    }

    fn verify(&self) -> Verification {
        self.verify_within(&Limits::default())
    }

    fn verify_within(&self, limits: &Limits) -> Verification {
        let keys = PublicKeys::from_json(public_keys(false).as_bytes()).unwrap();
        let directory = Directory::open(&self.0).unwrap();
        let known = |log: &feeds::trail::Stored<_>| {
            Ok(match content_sha256(log.open()?) {
                Ok(sha256) => Known::Present { sha256 },
                Err(error) => Known::Unreadable(error.to_string()),
            })
        };
        verify(&directory, &keys, limits, known).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn trail() -> Forge {
    let mut forge = Forge::new();
    forge.prefix = "some/prefix/".to_owned();
    for hour in 6..10 {
        let mut record = issue();
        record["eventTime"] = json!(format!("2026-11-22T{hour:02}:02:00Z"));
        forge.hour(&[&[record]]);
    }
    forge
}

fn problems(found: &Verification) -> Vec<(Proof, &str, &str)> {
    found
        .problems
        .iter()
        .map(|(_, problem)| (problem.proof, problem.object.as_str(), problem.what.as_str()))
        .collect()
}

#[test]
fn a_downloaded_trail_is_whole_but_for_its_newest_digest() {
    let forge = trail();
    let folder = Folder::of("whole", &[&forge]);
    let found = folder.verify();
    assert!(found.is_whole());
    assert_eq!(found.unsigned.len(), 1);
    assert_eq!(found.logs, [Proof::Proven, Proof::Proven, Proof::Proven, Proof::Unproven]);
    let newest = forge.digests.last().unwrap();
    let beside = folder.0.join(format!("{}.signature", newest.key));
    std::fs::write(&beside, format!("\"{}\"\n", newest.signature)).unwrap();
    let found = folder.verify();
    assert!(found.is_whole() && found.unsigned.is_empty() && found.problems.is_empty());
    assert_eq!(found.logs, [Proof::Proven; 4]);
    std::fs::write(&beside, "00").unwrap();
    assert!(!folder.verify().is_whole());
    // A folder within the trail will do as well.
    let within = Folder(folder.0.join("some/prefix/AWSLogs/111122223333"));
    assert_eq!(Directory::open(&within.0).unwrap().logs.len(), 4);
}

#[test]
fn what_is_missing_altered_or_planted_is_named() {
    let mut forge = trail();
    let digests = forge.digests.clone();
    let logs: Vec<String> = forge.logs.keys().cloned().collect();
    forge.logs.remove(&logs[0]);
    forge.logs.insert(logs[1].clone(), b"{\"Records\":[]}".to_vec());
    let planted = forge.log("2026-11-22T07:30:00Z".parse().unwrap(), &[issue()]);
    let folder = Folder::of("troubles", &[&forge]);
    let found = folder.verify();
    assert!(!found.is_whole());
    let found = problems(&found);
    assert_eq!(found[0].0, Proof::Missing);
    assert_eq!((found[1].0, found[1].1), (Proof::Altered, logs[1].as_str()));
    assert_eq!((found[2].0, found[2].1), (Proof::Altered, planted.strip_prefix("some/prefix/").unwrap()));
    assert!(found[2].2.starts_with("No digest names this log file"));
    assert_eq!((found[3].0, found[3].1), (Proof::Unproven, digests[3].key.as_str()));
    assert_eq!(found.len(), 4);
}

/// What the newest digest says without its signature is told, and proves nothing against anybody.
#[test]
fn what_an_unsigned_digest_says_of_log_files_is_unproven() {
    let mut forge = trail();
    let last = forge.logs.keys().last().unwrap().clone();
    for content in [Some(b"{\"Records\":[]}".to_vec()), None] {
        match content {
            Some(content) => drop(forge.logs.insert(last.clone(), content)),
            None => drop(forge.logs.remove(&last)),
        }
        let folder = Folder::of("unsigned", &[&forge]);
        let found = folder.verify();
        assert!(!found.is_whole() && !found.logs.contains(&Proof::Altered));
        let told: Vec<_> = problems(&found).iter().map(|told| (told.0, told.1.to_owned())).collect();
        let newest = forge.digests[3].key.clone();
        assert_eq!(told, [(Proof::Unproven, newest.clone()), (Proof::Unproven, last.clone())]);
        assert_eq!(found.unsigned.len(), 1);
        // With its signature, it counts.
        let beside = folder.0.join(format!("{newest}.signature"));
        std::fs::write(beside, &forge.digests[3].signature).unwrap();
        assert!(!problems(&folder.verify()).iter().any(|told| told.0 == Proof::Unproven));
    }
}

/// The altered one is blamed, not the one whose signature it states.
#[test]
fn an_altered_digest_speaks_for_no_other() {
    let mut forge = trail();
    let text = String::from_utf8(forge.digests[1].content.clone()).unwrap();
    let first = forge.digests[0].clone();
    forge.digests[1].content = text.replace(&first.signature, &"00".repeat(256)).into_bytes();
    let folder = Folder::of("altered", &[&forge]);
    let found = folder.verify();
    assert_eq!(
        found.problems.iter().map(|(_, problem)| (problem.proof, problem.object.clone())).collect::<Vec<_>>(),
        [
            (Proof::Unproven, first.key),
            (Proof::Altered, forge.digests[1].key.clone()),
            (Proof::Unproven, forge.digests[3].key.clone())
        ]
    );
    // One that is not even readable lies under its whole key.
    forge.digests[1].content = b"{".to_vec();
    let folder = Folder::of("unreadable", &[&forge]);
    assert_eq!(folder.verify().problems[1].1.object, forge.digests[1].key);
}

#[test]
fn a_gap_and_two_trails() {
    let mut forge = trail();
    let before = stop(&mut forge, HOUR * 2);
    forge.hour(&[]);
    forge.hour(&[]);
    let mut other = Forge::new();
    (other.prefix, other.trail) = ("some/prefix/".to_owned(), "other".to_owned());
    other.hour(&[]);
    other.hour(&[]);
    let folder = Folder::of("gap", &[&before, &forge, &other]);
    let found = folder.verify();
    assert_eq!(found.chains.len(), 2);
    let missing: Vec<_> =
        problems(&found).into_iter().filter(|(proof, ..)| *proof == Proof::Missing).collect();
    assert_eq!(missing.len(), 1, "{missing:#?}");
    assert!(missing[0].2.contains("logging, or the validation of log files, was off"));
}

/// Not a chain that goes on, but another that begins: nobody logged meanwhile.
#[test]
fn a_trail_that_takes_over_late_leaves_a_gap() {
    let before = trail();
    let mut after = Forge::new();
    (after.prefix, after.trail) = ("some/prefix/".to_owned(), "other".to_owned());
    after.now = before.now.plus(HOUR * 3);
    after.hour(&[]);
    after.hour(&[]);
    let folder = Folder::of("handover", &[&before, &after]);
    for forge in [&before, &after] {
        let newest = forge.digests.last().unwrap();
        std::fs::write(folder.0.join(format!("{}.signature", newest.key)), &newest.signature).unwrap();
    }
    let found = folder.verify();
    assert!(!found.is_whole());
    let [(_, gap)] = &found.problems[..] else { panic!("{:#?}", found.problems) };
    assert_eq!((gap.proof, gap.from, gap.to), (Proof::Missing, before.now, before.now.plus(HOUR * 3)));
    assert_eq!(gap.object, before.digests.last().unwrap().key);
    // The copy alone has no signature of the newest digests: their hours cannot be checked, the gap between is the same.
    let mut short = after.clone();
    short.digests.truncate(1);
    let found = Folder::of("handover-unsigned", &[&before, &short]).verify();
    assert_eq!(found.unsigned.len(), 2);
    let missing: Vec<_> = found.problems.iter().filter(|(_, told)| told.proof == Proof::Missing).collect();
    let [(_, same)] = &missing[..] else { panic!("{missing:#?}") };
    assert_eq!(same, gap);
    // Without a pause there is none.
    let mut after = Forge::new();
    (after.prefix, after.trail, after.now) = ("some/prefix/".to_owned(), "other".to_owned(), before.now);
    after.hour(&[]);
    after.hour(&[]);
    let found = Folder::of("handover-at-once", &[&before, &after]).verify();
    assert!(found.is_whole(), "{:#?}", found.problems);
}

/// The first digest of the trail that takes over is deleted: the second names a predecessor that is not there.
#[test]
fn a_trail_that_takes_over_cannot_lose_its_first_digest_unseen() {
    let before = trail();
    let mut after = Forge::new();
    (after.prefix, after.trail) = ("some/prefix/".to_owned(), "other".to_owned());
    after.now = before.now.plus(HOUR * 3);
    for _ in 0..3 {
        after.hour(&[]);
    }
    let missing = |name: &str, after: &Forge| {
        let found = Folder::of(name, &[&before, after]).verify();
        let missing = found.problems.into_iter().filter(|(_, told)| told.proof == Proof::Missing);
        missing.map(|(_, told)| (told.from, told.to, told.object)).collect::<Vec<_>>()
    };
    let mut beheaded = after.clone();
    let first = beheaded.digests.remove(0);
    let gap = (before.now, before.now.plus(HOUR * 4), first.key.clone());
    assert_eq!(missing("beheaded", &beheaded), [gap]);
    // It is there, but altered: its hour is told as that, and the time before it as missing.
    let mut altered = after.clone();
    altered.digests[0].content.push(b' ');
    let found = Folder::of("altered-head", &[&before, &altered]).verify();
    let of = |proof| {
        let told = found.problems.iter().filter(move |(_, told)| told.proof == proof);
        told.map(|(_, told)| (told.from, told.to)).collect::<Vec<_>>()
    };
    assert_eq!(of(Proof::Missing), [(before.now, before.now.plus(HOUR * 3))]);
    assert_eq!(of(Proof::Altered), [(before.now.plus(HOUR * 3), before.now.plus(HOUR * 4))]);
    // Without a pause between the trails its hour alone is missing.
    let mut at_once = Forge::new();
    (at_once.prefix, at_once.trail, at_once.now) =
        ("some/prefix/".to_owned(), "other".to_owned(), before.now);
    for _ in 0..3 {
        at_once.hour(&[]);
    }
    let first = at_once.digests.remove(0);
    assert_eq!(missing("beheaded-at-once", &at_once), [(before.now, before.now.plus(HOUR), first.key)]);
}

#[test]
fn what_lies_outside_or_was_removed_by_a_rule_is_not_missing() {
    let mut forge = trail();
    let logs: Vec<String> = forge.logs.keys().cloned().collect();
    forge.logs.remove(&logs[0]);
    forge.logs.remove(&logs[2]);
    let folder = Folder::of("limits", &[&forge]);
    let at = |text: &str| Some(text.parse().unwrap());
    let missing = |limits: Limits| {
        let found = folder.verify_within(&limits);
        let missing = found.problems.iter().filter(|(_, problem)| problem.proof == Proof::Missing).count();
        (
            missing,
            found.removed,
            found.coverage.values().next().unwrap().at("2026-11-22T06:02:00Z".parse().unwrap()),
        )
    };
    assert_eq!(missing(Limits::default()), (2, 0, Some(Proof::Missing)));
    let later = Limits { from: at("2026-11-22T07:00:00Z"), ..Limits::default() };
    assert_eq!(missing(later), (1, 0, None));
    let between = Limits { to: at("2026-11-22T08:00:00Z"), ..later };
    assert_eq!(missing(between), (0, 0, None));
    let kept = Limits { removed_before: at("2026-11-22T07:00:00Z"), ..Limits::default() };
    assert_eq!(missing(kept), (1, 1, Some(Proof::Unproven)), "nothing is known of that time");
}

#[test]
fn a_file_that_is_no_signature_says_nothing() {
    let forge = trail();
    let folder = Folder::of("no-signature", &[&forge]);
    let directory = Directory::open(&folder.0).unwrap();
    let mut beside = directory.digests.last().unwrap().path.clone().into_os_string();
    beside.push(".signature");
    for text in ["None", "", "<html>", "zz"] {
        std::fs::write(&beside, text).unwrap();
        let found = folder.verify();
        assert!(found.is_whole() && found.unsigned.len() == 1, "{text}: {:?}", found.problems);
    }
    // As PowerShell redirects it.
    let signature = &forge.digests.last().unwrap().signature;
    let units = std::iter::once(0xfeff).chain(signature.encode_utf16());
    std::fs::write(&beside, units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    assert!(folder.verify().unsigned.is_empty());
}
