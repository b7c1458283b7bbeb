//! The ledger becomes a log: whole, whoever dies over it, and whatever somebody does to the table or the bucket.

use std::os::unix::process::ExitStatusExt;

use console::log::{Files, Log, Verdict, Whole};
use console::{LedgerSettings, Signer};
use domain::ledger::{Action, Body, Object, Who};
use domain::revocation::RequestState;
use domain::views::LedgerQuery;
use domain::{Finding, FindingKind, Role};
use futures::TryStreamExt;
use sandbox::{Description, until};
use tlog::{Checkpoint, PublicKey, SigningKey};

use crate::child;
use crate::support::{Bench, description, raw_dynamodb, take, test, was_revoked};

const ORIGIN: &str = "test.example/countersign";
const SIGABRT: i32 = 6;

pub fn settings(description: &Description, prefix: &str, key: &SigningKey) -> LedgerSettings {
    LedgerSettings {
        bucket: description.buckets.ledger.clone(),
        prefix: prefix.to_owned(),
        origin: ORIGIN.to_owned(),
        keys: vec![key.public().clone()],
        witnesses: Vec::new(),
        signer: Some(Signer::File(Box::new(key.clone()))),
    }
}

/// A bench whose ledger is made into a log of its own.
struct Ledger {
    bench: Bench,
    prefix: String,
    key: SigningKey,
    log: Log,
}

impl Ledger {
    async fn new() -> Self {
        let description = description().await;
        let prefix = format!("{}/", uuid::Uuid::new_v4());
        let key = SigningKey::generate(ORIGIN).unwrap();
        let of = settings(description, &prefix, &key);
        let (bucket, keys) = (of.bucket.clone(), of.keys.clone());
        let bench = Bench::with(|parts| parts.ledger = Some(of)).await;
        let files = Files::Bucket { aws: bench.aws.clone(), bucket, prefix: prefix.clone() };
        let log = Log { files, origin: ORIGIN.into(), keys: keys.into(), witnesses: [].into() };
        Self { bench, prefix, key, log }
    }

    async fn write(&self, numbers: std::ops::Range<u32>) {
        let body = |number| {
            let who = Who::System { part: "test".to_owned() };
            let body = Body::new(self.bench.parts.clock.now(), who, Action::RunStarted, Object::Session);
            body.with("number", number)
        };
        let bodies: Vec<Body> = numbers.map(body).collect();
        for some in bodies.chunks(40) {
            let (first, more) = some.split_first().unwrap();
            self.bench.aws.commit_all(Vec::new(), first, more).await.unwrap();
        }
    }

    /// Waits until all that was written is published, verifies the log, and gives its checkpoint.
    async fn until_published(&self) -> Checkpoint {
        until("a log with everything", async || {
            if !self.bench.aws.unplaced(1).await.unwrap().is_empty() {
                return None;
            }
            let last = self.bench.aws.last_placed().await.unwrap();
            match self.log.verify(None).await.unwrap() {
                Verdict::Whole(Whole { opened, .. }) => Some(opened.checkpoint).filter(|at| at.size == last),
                Verdict::Nothing => None,
                Verdict::Broken(why) => panic!("{why}"),
            }
        })
        .await
    }

    /// What the log says, in its order, by the numbers of [`Ledger::write`].
    async fn numbers(&self, at: &Checkpoint) -> Vec<u32> {
        let mut numbers = Vec::new();
        for index in (0..at.size).step_by(tlog::WIDTH) {
            let bundle = self.log.files.read(&tlog::bundle_of(index, at.size).0).await.unwrap().unwrap();
            for entry in tlog::entries(&bundle.bytes).unwrap() {
                let body = domain::ledger::read(std::str::from_utf8(entry).unwrap()).unwrap();
                numbers.extend(body.detail.get("number").map(|number| number.parse::<u32>().unwrap()));
            }
        }
        numbers
    }

    async fn until_raised(&self, subject: &str) -> Finding {
        let id = format!("{}.countersign.{subject}", FindingKind::LedgerRewritten.name()).parse().unwrap();
        until("a finding", async || self.bench.aws.finding(&id).await.ok()).await
    }

    async fn raw(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&crate::endpoints::sdk(description().await, "administrator"))
    }

    /// Writes over a file of the log.
    async fn overwrite(&self, path: &str, bytes: Vec<u8>) {
        let put = self.raw().await.put_object().bucket(&description().await.buckets.ledger);
        put.key(format!("{}{path}", self.prefix)).body(bytes.into()).send().await.unwrap();
    }

    /// Takes an entry away from the table, or changes it.
    async fn spoil(&self, seq: u64, body: Option<&str>) {
        use aws_sdk_dynamodb::types::AttributeValue::S;
        let dynamodb = raw_dynamodb(description().await);
        let (pk, sk) = (S("LEDGER".to_owned()), S(format!("ENTRY#{seq:020}")));
        match body {
            None => {
                let delete = dynamodb.delete_item().table_name(&self.bench.table);
                delete.key("pk", pk).key("sk", sk).send().await.unwrap();
            }
            Some(body) => {
                let update = dynamodb.update_item().table_name(&self.bench.table).key("pk", pk).key("sk", sk);
                let update = update.update_expression("SET body = :body");
                let body = S(body.to_owned());
                update.expression_attribute_values(":body", body).send().await.unwrap();
            }
        }
    }
}

#[test]
fn a_key_of_kms_signs_and_one_that_nobody_knows_publishes_nothing() {
    test(async {
        let of_kms = description().await.ledger_key.clone();
        let ledger = Ledger::new().await;
        let der = ledger.bench.aws.kms_public_key(&of_kms).await.unwrap();
        let public = PublicKey::from_der(ORIGIN, &der).unwrap();
        ledger.write(0..3).await;
        // Nobody could verify what it signs.
        let mut parts = ledger.bench.parts.clone();
        parts.aws = ledger.bench.aws.clone();
        parts.ledger.as_mut().unwrap().signer = Some(Signer::Kms(of_kms));
        ledger.bench.work_with(parts.clone()).await;
        until("entries with a place", async || {
            ledger.bench.aws.unplaced(1).await.unwrap().is_empty().then_some(())
        })
        .await;
        assert!(ledger.log.checkpoint().await.unwrap().unwrap().is_none());
        ledger.bench.stop().await;
        parts.ledger.as_mut().unwrap().keys = vec![public.clone()];
        ledger.bench.work_with(parts).await;
        let log = Log { keys: [public].into(), ..ledger.log.clone() };
        let whole = until("a signed checkpoint", async || match log.verify(None).await.unwrap() {
            Verdict::Whole(whole) => Some(whole),
            Verdict::Nothing => None,
            Verdict::Broken(why) => panic!("{why}"),
        })
        .await;
        assert!(whole.opened.checkpoint.size >= 3);
    });
}

#[test]
fn what_is_written_is_published_in_its_order_and_goes_on() {
    test(async {
        let ledger = Ledger::new().await;
        ledger.write(0..10).await;
        ledger.bench.work().await;
        let first = ledger.until_published().await;
        // More than a bundle.
        ledger.write(10..300).await;
        let last = ledger.until_published().await;
        assert!(last.size >= 300 && last.size > first.size);
        assert_eq!(ledger.numbers(&last).await, (0..300).collect::<Vec<_>>());
        for index in [0, 255, 256, last.size - 1] {
            let proven = ledger.log.prove(&last, index).await.unwrap().unwrap();
            proven.inclusion.verify(&last, &proven.entry).unwrap();
        }
        ledger.log.goes_on(&first, &last).await.unwrap().unwrap();
        assert!(matches!(ledger.log.verify(Some(&first)).await.unwrap(), Verdict::Whole(_)));
        let forged = Checkpoint { root: tlog::Hash([1; 32]), ..first.clone() };
        assert!(ledger.log.goes_on(&forged, &last).await.unwrap().is_err());
        let verdict = ledger.log.verify(Some(&forged)).await.unwrap();
        assert!(matches!(&verdict, Verdict::Broken(why) if why.contains("does not go on")), "{verdict:?}");

        let auditor = crate::support::person("auditor", &[domain::Role::Auditor]).await;
        let page = ledger.bench.console.ledger(&auditor, &LedgerQuery::default()).await.unwrap();
        let published = page.lines.iter().filter_map(|line| Some((line.seq?, line.published?)));
        assert!(published.clone().count() >= 50 && published.clone().all(|(seq, at)| at.size >= seq));
        let log = page.log.unwrap().checkpoint.unwrap().unwrap();
        assert!(log.size >= last.size);
    });
}

#[test]
fn killed_at_every_step_it_loses_and_doubles_nothing() {
    test(async {
        for point in
            ["before-places", "after-places", "after-log-file", "before-checkpoint", "after-checkpoint"]
        {
            let ledger = Ledger::new().await;
            ledger.write(0..60).await;
            let secret = ledger.key.secret();
            let mut dying = child::start_sequencing(&ledger.bench, point, (&ledger.prefix, &secret)).await;
            let status = dying.wait().await.unwrap();
            assert_eq!(status.signal(), Some(SIGABRT), "{point}: {status}");
            ledger.write(60..70).await;
            ledger.bench.work().await;
            let at = ledger.until_published().await;
            assert_eq!(ledger.numbers(&at).await, (0..70).collect::<Vec<_>>(), "{point}");
            ledger.bench.stop().await;
        }
    });
}

#[test]
fn two_sequencers_are_harmless() {
    test(async {
        let ledger = Ledger::new().await;
        ledger.bench.work().await;
        ledger.bench.another_works().await;
        ledger.write(0..120).await;
        let at = ledger.until_published().await;
        assert_eq!(ledger.numbers(&at).await, (0..120).collect::<Vec<_>>());
    });
}

/// Somebody restores a table of before: the log is the truth, and goes on.
#[test]
fn attack_34_an_old_table_restored_over_a_newer_log_is_told_and_the_log_goes_on() {
    test(async {
        let ledger = Ledger::new().await;
        ledger.write(0..20).await;
        let work = ledger.bench.work().await;
        let before = ledger.until_published().await;
        ledger.bench.stop().await;
        work.await.unwrap();
        let last = ledger.bench.aws.last_placed().await.unwrap();
        for seq in 11..=last {
            ledger.spoil(seq, None).await;
        }
        ledger.write(20..25).await;
        ledger.bench.work().await;
        let finding = ledger.until_raised("table").await;
        let what = finding.evidence.alert.unwrap().what;
        assert!(what.contains("is older than the log: it has 10 entries"), "{what}");
        let after = ledger.until_published().await;
        assert_eq!(ledger.numbers(&after).await, (0..25).collect::<Vec<_>>());
        ledger.log.goes_on(&before, &after).await.unwrap().unwrap();
        let back: Vec<_> = ledger.bench.aws.placed_from(1).try_collect().await.unwrap();
        assert_eq!(back.len() as u64, ledger.bench.aws.last_placed().await.unwrap(), "put back from the log");
    });
}

#[test]
fn attack_33_an_entry_changed_in_the_table_is_told_and_the_log_has_what_was() {
    test(async {
        let ledger = Ledger::new().await;
        ledger.write(0..20).await;
        let work = ledger.bench.work().await;
        ledger.until_published().await;
        ledger.bench.stop().await;
        work.await.unwrap();
        ledger.spoil(7, Some("{}")).await;
        ledger.write(20..21).await;
        ledger.bench.work().await;
        let what = ledger.until_raised("table").await.evidence.alert.unwrap().what;
        assert!(what.contains("Entry 7 in the console's table is not what the log has"), "{what}");
        let at = ledger.until_published().await;
        let auditor = ledger.bench.sign_in("auditor", &[Role::Auditor]).await;
        let differs = async |seq| ledger.bench.console.ledger_entry(&auditor, seq).await.unwrap().differs;
        assert!(differs(7).await.unwrap().contains("somebody has changed the console's table"));
        assert_eq!(differs(8).await, None);
        assert_eq!(ledger.numbers(&at).await, (0..21).collect::<Vec<_>>());
    });
}

#[test]
fn a_checkpoint_of_another_key_is_told_and_nothing_is_built_on_it() {
    test(async {
        let ledger = Ledger::new().await;
        ledger.write(0..5).await;
        let work = ledger.bench.work().await;
        let at = ledger.until_published().await;
        ledger.bench.stop().await;
        work.await.unwrap();
        let forged = at.sign(&SigningKey::generate(ORIGIN).unwrap()).unwrap();
        ledger.overwrite("checkpoint", forged.clone()).await;
        ledger.write(5..6).await;
        ledger.bench.work().await;
        let what = ledger.until_raised("checkpoint").await.evidence.alert.unwrap().what;
        assert!(what.contains("is signed by none of the log's keys"), "{what}");
        let there = ledger.log.files.read("checkpoint").await.unwrap().unwrap();
        assert_eq!(there.bytes, forged);
        let verdict = ledger.log.verify(None).await.unwrap();
        assert!(
            matches!(&verdict, Verdict::Broken(why) if why.contains("none of the log's keys")),
            "{verdict:?}"
        );
    });
}

#[test]
fn nothing_is_revoked_before_its_approvals_are_in_the_log() {
    test(async {
        let ledger = Ledger::new().await;
        let certificates = take(1).await;
        let request = ledger.bench.approved(&certificates).await;
        let mut without = ledger.bench.parts.clone();
        without.aws = ledger.bench.aws.clone();
        without.ledger.as_mut().unwrap().signer = None;
        let work = ledger.bench.work_with(without).await;
        let waiting = ledger.bench.until_problem(&request.id).await;
        assert!(waiting.problem.unwrap().contains("waits for the ledger"));
        assert!(!was_revoked(&certificates[0]).await);
        ledger.bench.stop().await;
        work.await.unwrap();
        ledger.bench.work().await;
        ledger.bench.until(&request.id, &[RequestState::Executed]).await;
        assert!(was_revoked(&certificates[0]).await);
        let at = ledger.until_published().await;
        assert!(at.size > 2);
    });
}
