use domain::Timestamp;
use domain::trail::{Coverage, Problem, Proof};
use feeds::trail::key::DigestKey;
use feeds::trail::{Chain, Delivered, Digest, Known, LogFile, PublicKeys, Signature};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::forge::{BUCKET, FINGERPRINT, Forge, HOUR, Signed, public_keys};
use super::{issue, stop};

fn keys() -> PublicKeys {
    PublicKeys::from_json(public_keys(false).as_bytes()).unwrap()
}

/// What a chain proves, fed with digests as they lie in the bucket beside these log files.
fn check(digests: &[Signed], logs: &Forge) -> (Coverage, Vec<Problem>) {
    let mut chain = Chain::default();
    let (mut spans, mut problems) = (Vec::new(), Vec::new());
    for signed in digests {
        // The state survives a restart.
        chain = serde_json::from_str(&serde_json::to_string(&chain).unwrap()).unwrap();
        let verdict = feed(&mut chain, signed, &keys(), logs);
        spans.extend(verdict.spans());
        problems.extend(verdict.problems);
    }
    (Coverage::of(spans), problems)
}

fn feed(chain: &mut Chain, signed: &Signed, keys: &PublicKeys, logs: &Forge) -> feeds::trail::Verdict {
    let read = Digest::read(signed.content.as_slice()).map_err(|error| error.to_string());
    let name: DigestKey = signed.key.parse().unwrap();
    let delivered = Delivered {
        bucket: Some(BUCKET),
        key: &signed.key,
        name: &name,
        digest: read.as_ref().map_err(String::as_str),
        signature: match signed.signature.as_str() {
            "" => Signature::Absent,
            "unknown" => Signature::Unknown,
            signature => Signature::Given(signature),
        },
    };
    chain.feed(&delivered, keys, |file: &LogFile| match logs.logs.get(&file.object) {
        Some(content) if content.is_empty() => Known::Unreadable("it is empty".to_owned()),
        Some(content) => Known::Present { sha256: hex::encode(Sha256::digest(content)) },
        None => Known::Absent,
    })
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-22T{time}Z").parse().unwrap()
}

/// Four whole hours from six o'clock; the second has two log files.
fn whole() -> (Forge, Vec<String>) {
    let mut forge = Forge::new();
    let record = |time: &str| {
        let mut record = issue();
        record["eventTime"] = json!(at(time));
        record
    };
    forge.hour(&[]);
    let keys = forge.hour(&[&[record("07:01:00"), record("07:03:00")], &[record("07:09:30")]]);
    forge.hour(&[&[]]);
    forge.hour(&[]);
    (forge, keys)
}

fn one(problems: &[Problem]) -> (Proof, String, String) {
    let [problem] = problems else { panic!("{problems:#?}") };
    let time = |at: Timestamp| at.to_string()[11..19].to_owned();
    (problem.proof, format!("{}-{}", time(problem.from), time(problem.to)), problem.object.clone())
}

#[test]
fn a_whole_trail_is_proven() {
    let (forge, logs) = whole();
    let (coverage, problems) = check(&forge.digests, &forge);
    assert_eq!(problems, []);
    let [span] = coverage.spans() else { panic!("{coverage:?}") };
    assert_eq!((span.from, span.to, span.proof), (at("06:00:00"), at("10:00:00"), Proof::Proven));
    let verdict = feed(&mut Chain::default(), &forge.digests[1], &keys(), &forge);
    assert_eq!(verdict.vouched, logs);
    let spki = PublicKeys::from_json(public_keys(true).as_bytes()).unwrap();
    assert!(feed(&mut Chain::default(), &forge.digests[0], &spki, &forge).proven.is_some());
}

#[test]
fn a_log_file_that_is_gone_or_edited() {
    let (forge, logs) = whole();
    let mut gone = forge.clone();
    gone.logs.remove(&logs[0]);
    let (coverage, problems) = check(&forge.digests, &gone);
    assert_eq!(one(&problems), (Proof::Missing, "07:01:00-07:03:01".to_owned(), logs[0].clone()));
    assert_eq!(coverage.at(at("07:02:00")), Some(Proof::Missing));
    assert_eq!(coverage.at(at("07:04:00")), Some(Proof::Proven));
    for content in [b"{\"Records\":[]}".to_vec(), Vec::new()] {
        let mut edited = forge.clone();
        edited.logs.insert(logs[1].clone(), content);
        let (_, problems) = check(&forge.digests, &edited);
        assert_eq!(one(&problems), (Proof::Altered, "07:09:30-07:09:31".to_owned(), logs[1].clone()));
    }
    // A file without events says nothing of when: the whole hour is in doubt.
    let empty = forge.logs.keys().last().unwrap().clone();
    let mut gone = forge.clone();
    gone.logs.remove(&empty);
    assert_eq!(one(&check(&forge.digests, &gone).1), (Proof::Missing, "08:00:00-09:00:00".to_owned(), empty));
}

#[test]
fn a_digest_that_is_gone() {
    let (forge, _) = whole();
    let mut digests = forge.digests.clone();
    let gone = digests.remove(1);
    let (coverage, problems) = check(&digests, &forge);
    assert_eq!(one(&problems), (Proof::Missing, "07:00:00-08:00:00".to_owned(), gone.key));
    assert_eq!(coverage.at(at("07:59:59")), Some(Proof::Missing));
    assert_eq!(coverage.at(at("08:00:00")), Some(Proof::Proven));
    // The first and the last leave no trace: before and after, nothing is known.
    let (coverage, problems) = check(&forge.digests[1..3], &forge);
    assert_eq!((problems.len(), coverage.at(at("06:30:00")), coverage.at(at("09:30:00"))), (0, None, None));
}

#[test]
fn a_digest_that_is_not_the_one_delivered() {
    let (forge, _) = whole();
    let second = forge.digests[1].clone();
    let text = String::from_utf8(second.content.clone()).unwrap();
    let edited = |content: &str| Signed { content: content.into(), ..second.clone() };
    let fewer = {
        let mut digest: Value = serde_json::from_str(&text).unwrap();
        digest["logFiles"] = json!([]);
        digest.to_string()
    };
    for changed in [
        edited(&fewer),
        edited(&format!("{text} ")),
        edited("{}"),
        edited(""),
        edited(&text.replace("67b9fa73", "00000000")),
        Signed { signature: forge.digests[0].signature.clone(), ..second.clone() },
        Signed { signature: String::new(), ..second.clone() },
        Signed { signature: "no hex".to_owned(), ..second.clone() },
        // The one of another hour, copied here with its own signature.
        Signed { key: second.key.clone(), ..forge.digests[2].clone() },
        Signed { key: second.key.clone(), ..forge.digests[0].clone() },
    ] {
        let mut digests = forge.digests.clone();
        digests[1] = changed;
        let (coverage, problems) = check(&digests, &forge);
        assert_eq!(one(&problems), (Proof::Altered, "07:00:00-08:00:00".to_owned(), second.key.clone()));
        assert_eq!(coverage.at(at("06:59:59")), Some(Proof::Proven));
        assert_eq!(coverage.at(at("08:00:00")), Some(Proof::Proven));
    }
}

/// Without a signature it cannot speak against one that has a good one.
#[test]
fn an_unsigned_digest_blames_no_other() {
    let (forge, _) = whole();
    let mut digests = forge.digests.clone();
    let hash = hex::encode(Sha256::digest(&digests[2].content));
    let text = String::from_utf8(digests[3].content.clone()).unwrap();
    digests[3].content = text.replace(&hash, &"00".repeat(32)).into_bytes();
    digests[3].signature = "unknown".to_owned();
    let (coverage, problems) = check(&digests, &forge);
    let proofs: Vec<_> = problems.iter().map(|problem| (problem.proof, problem.object.as_str())).collect();
    assert_eq!(
        proofs,
        [(Proof::Unproven, digests[3].key.as_str()), (Proof::Altered, digests[3].key.as_str())]
    );
    assert_eq!(coverage.at(at("08:30:00")), Some(Proof::Proven));
}

/// Stricter than AWS: both have good signatures, but the successor speaks of another.
#[test]
fn a_digest_that_its_successor_does_not_know() {
    for (field, word) in [("previousDigestHashValue", "hash"), ("previousDigestSignature", "signature")] {
        let mut forge = Forge::new();
        forge.hour(&[]);
        forge.digest(&[], |digest| {
            let stated = digest[field].as_str().unwrap();
            digest[field] = json!(format!("{}00", &stated[..stated.len() - 2]));
        });
        let (_, problems) = check(&forge.digests, &forge);
        assert_eq!(
            one(&problems),
            (Proof::Altered, "06:00:00-07:00:00".to_owned(), forge.digests[0].key.clone())
        );
        assert!(problems[0].what.contains(word), "{}", problems[0].what);
    }
}

#[test]
fn logging_that_was_off() {
    let mut forge = Forge::new();
    forge.hour(&[]);
    let before = stop(&mut forge, HOUR * 3);
    forge.hour(&[]);
    let digests = [before.digests.clone(), forge.digests.clone()].concat();
    let (coverage, problems) = check(&digests, &forge);
    assert_eq!(
        one(&problems),
        (Proof::Missing, "07:00:00-10:00:00".to_owned(), before.digests[0].key.clone())
    );
    assert_eq!(coverage.at(at("10:00:00")), Some(Proof::Proven));
    // The same when the new digest still names the old one.
    let mut forge = before.clone();
    forge.now = forge.now.plus(HOUR);
    forge.hour(&[]);
    let (_, problems) = check(&forge.digests, &forge);
    assert_eq!(
        one(&problems),
        (Proof::Missing, "07:00:00-08:00:00".to_owned(), before.digests[0].key.clone())
    );
}

#[test]
fn without_signature_or_key_it_is_unproven_and_spoils_nothing() {
    let (forge, _) = whole();
    let mut digests = forge.digests.clone();
    digests[3].signature = "unknown".to_owned();
    let (coverage, problems) = check(&digests, &forge);
    assert_eq!(one(&problems), (Proof::Unproven, "09:00:00-10:00:00".to_owned(), digests[3].key.clone()));
    assert_eq!(coverage.at(at("09:30:00")), None);
    // Keys of another time say nothing; a key that is none of their own time is a forgery.
    let mut later = PublicKeys::default();
    let der = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der = aws_lc_rs::signature::KeyPair::public_key(&der).as_ref().to_vec();
    later.insert("other", &der, Some((at("12:00:00"), at("13:00:00")))).unwrap();
    let verdict = feed(&mut Chain::default(), &forge.digests[0], &later, &forge);
    assert_eq!(verdict.problems[0].proof, Proof::Unproven);
    later.insert("another", &der, Some((at("05:00:00"), at("13:00:00")))).unwrap();
    let verdict = feed(&mut Chain::default(), &forge.digests[0], &later, &forge);
    assert_eq!(verdict.problems[0].proof, Proof::Altered);
}

/// Anybody who may write to the bucket can put something there under a digest's name.
#[test]
fn what_cloudtrail_did_not_sign_says_nothing_of_others() {
    let (forge, logs) = whole();
    let mut planted = Forge::new();
    planted.logs = forge.logs.clone();
    planted.logs.insert(logs[0].clone(), b"another".to_vec());
    planted.now = at("07:00:00");
    planted.digest(&[], |digest| {
        digest["logFiles"] = json!([{
            "s3Bucket": BUCKET, "s3Object": logs[0], "hashAlgorithm": "SHA-256", "hashValue": "00".repeat(32),
            "oldestEventTime": null, "newestEventTime": null,
        }]);
    });
    let mut junk = planted.digests.pop().unwrap();
    // It ends within the hour of another.
    let text = String::from_utf8(junk.content.clone()).unwrap();
    let text = text.replace("T080000Z", "T074500Z").replace("T08:00:00Z", "T07:45:00Z");
    junk.key = junk.key.replace("T080000Z", "T074500Z");
    junk.content = text.clone().into_bytes();
    for signature in ["00", "", "no hex"] {
        junk.signature = signature.to_owned();
        let mut digests = forge.digests.clone();
        digests.insert(1, junk.clone());
        let (coverage, problems) = check(&digests, &forge);
        assert_eq!(one(&problems), (Proof::Altered, "07:00:00-07:45:00".to_owned(), junk.key.clone()));
        assert_eq!(coverage.at(at("07:50:00")), Some(Proof::Proven), "the next one does not miss it");
    }
    // Its own time is one for which there is no key: nobody can say that it is forged but by its name.
    let text = text.replace("2026-11-22T", "2010-11-22T").replace(FINGERPRINT, "made-up");
    (junk.content, junk.signature) = (text.into_bytes(), "00".to_owned());
    let mut chain = Chain::default();
    let verdict = feed(&mut chain, &junk, &keys(), &forge);
    assert_eq!(one(&verdict.problems).0, Proof::Altered);
    assert_eq!((chain.end(), verdict.vouched.len(), verdict.absent.len()), (None, 0, 0));
}

/// A good digest after them tells what is missing between two.
#[test]
fn a_digest_that_is_gone_before_one_that_is_altered() {
    let (forge, _) = whole();
    let mut digests = forge.digests.clone();
    digests[2].signature = "00".to_owned();
    digests.remove(1);
    let (coverage, problems) = check(&digests, &forge);
    let mut proofs: Vec<_> = problems.iter().map(|problem| (problem.proof, problem.from)).collect();
    proofs.sort();
    assert_eq!(proofs, [(Proof::Missing, at("07:00:00")), (Proof::Altered, at("08:00:00"))]);
    assert_eq!(coverage.at(at("09:30:00")), Some(Proof::Proven));
}

#[test]
fn a_file_that_nobody_can_read_is_missing_and_may_come_back() {
    let (forge, logs) = whole();
    let digest = &forge.digests[1];
    let read = Digest::read(digest.content.as_slice()).unwrap();
    let name: DigestKey = digest.key.parse().unwrap();
    let delivered = Delivered {
        bucket: Some(BUCKET),
        key: &digest.key,
        name: &name,
        digest: Ok(&read),
        signature: Signature::Given(&digest.signature),
    };
    let known = |_: &LogFile| Known::OutOfReach("it is archived".to_owned());
    let verdict = Chain::default().feed(&delivered, &keys(), known);
    let absent: Vec<_> = verdict.absent.iter().map(|absent| absent.object.clone()).collect();
    assert_eq!(absent, logs);
    assert!(verdict.problems.iter().all(|problem| problem.proof == Proof::Missing));
    assert!(verdict.problems[0].what.contains("it is archived"));
    assert_eq!(verdict.absent[0].sha256, read.log_files[0].sha256);
}

#[test]
fn a_digest_has_no_more_than_8_mib() {
    let content = vec![b' '; 9 * 1024 * 1024];
    let read = Digest::read(content.as_slice());
    assert!(matches!(read, Err(feeds::trail::DigestError::TooLarge)), "{read:?}");
}

#[test]
fn what_comes_again_or_late_changes_no_state() {
    let (forge, _) = whole();
    let mut chain = Chain::default();
    for signed in &forge.digests[..3] {
        feed(&mut chain, signed, &keys(), &forge);
    }
    let before = chain.clone();
    for signed in &forge.digests[..3] {
        let verdict = feed(&mut chain, signed, &keys(), &forge);
        assert!(verdict.proven.is_some() && verdict.problems.is_empty());
    }
    assert_eq!(chain, before);
    assert_eq!((chain.end(), chain.last_key()), (Some(at("09:00:00")), Some(forge.digests[2].key.as_str())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = Digest::read(bytes.as_slice());
        let _ = PublicKeys::from_json(&bytes);
    }

    /// Whatever single byte of a digest is changed, its hour is no longer proven, and no other suffers.
    #[test]
    fn no_changed_byte_goes_unnoticed(at_byte: prop::sample::Index, byte: u8) {
        static WHOLE: std::sync::OnceLock<Forge> = std::sync::OnceLock::new();
        let forge = WHOLE.get_or_init(|| whole().0);
        let mut digests = forge.digests.clone();
        let index = at_byte.index(digests[1].content.len());
        prop_assume!(digests[1].content[index] != byte);
        digests[1].content[index] = byte;
        let (coverage, problems) = check(&digests, forge);
        prop_assert_eq!(one(&problems).0, Proof::Altered);
        prop_assert_eq!(coverage.at(at("07:30:00")), Some(Proof::Altered));
        prop_assert_eq!(coverage.at(at("06:30:00")), Some(Proof::Proven));
        prop_assert_eq!(coverage.at(at("08:30:00")), Some(Proof::Proven));
    }
}
