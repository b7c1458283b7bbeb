//! Proof: on a CRL with a good signature, by OCSP, in a report; overdue until it is published, with the likely cause.

use std::time::Duration;

use aws_sdk_acmpca::types::{CrlConfiguration, CrlType};
use domain::ledger::{Action, Body, Object, Who};
use domain::revocation::{Channels, ItemProgress, OcspSeen, Request, RequestId, RequestState};
use domain::run::{ReportIdentity, RunInputs};
use domain::views::Narrowed;
use domain::{AuthorityArn, Run, RunState, Timestamp};
use sandbox::until;

use crate::items::lease;
use crate::own::{Own, crl};
use crate::support::{Bench, take, test};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_revocation_is_seen_on_the_crl() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.approved(&take(1).await).await;
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
        bench.until_on_crl(&request.id).await;
        assert_eq!(bench.count(&request.id, Action::SeenOnCrl).await, 1);
        assert_eq!(bench.request(&request.id).await.state, RequestState::Executed, "no report has it yet");
    });
}

#[test]
fn what_the_crl_does_not_show_in_time_is_overdue_until_it_does() {
    test(async {
        let bench = Bench::with(|parts| {
            parts.revocation.crl_deadline = Duration::ZERO;
            parts.revocation.crl_interval = Duration::from_millis(50);
        })
        .await;
        let request = bench.approved(&take(1).await).await;
        bench.work().await;
        bench.until_on_crl(&request.id).await;
        let seen = bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(seen.problem, None);
        let told = bench.told(&request.id).await;
        let place = |action| told.iter().position(|body| body.action == action).unwrap();
        let (overdue, seen) = (place(Action::RevocationOverdue), place(Action::SeenOnCrl));
        assert!(overdue < seen, "{told:?}");
        assert!(told[overdue].detail["why"].contains("CRL"), "{told:?}");
    });
}

/// Waits until the items are as they should.
async fn until_all(
    bench: &Bench,
    id: &RequestId,
    as_should: impl Fn(&ItemProgress) -> bool,
) -> Vec<ItemProgress> {
    let seen = async || Some(bench.execution(id).await.items).filter(|items| items.iter().all(&as_should));
    until("what the items show", seen).await
}

/// Waits until it is overdue for a reason that says this.
async fn until_why(bench: &Bench, id: &RequestId, part: &str) -> Request {
    let says = |request: &Request| request.problem.as_ref().is_some_and(|why| why.contains(part));
    let seen = async || {
        let request = bench.request(id).await;
        (request.state == RequestState::Overdue && says(&request)).then_some(request)
    };
    until(part, seen).await
}

#[test]
fn a_partition_proves_for_the_certificates_that_name_it() {
    test(async {
        let own = Own::new(Some(crl(CrlType::Partitioned).await), false).await;
        let bench = own.bench(HOUR).await;
        let request = own.revoked(&bench, &[own.issue().await, own.issue().await]).await;
        let items = until_all(&bench, &request.id, |item| item.crl_at.is_some()).await;
        let channels = Some(Channels { crl: true, ocsp: false });
        assert!(items.iter().all(|item| item.channels == channels && item.ocsp.is_none()), "{items:?}");
        bench.run_of(&own.arn.id()).await;
        bench.until(&request.id, &[RequestState::Proven]).await;
    });
}

#[test]
fn the_run_that_proves_is_ordered_as_soon_as_aws_makes_another_report() {
    test(async {
        let own = Own::new(Some(crl(CrlType::Complete).await), false).await;
        let bench = own.bench(HOUR).await;
        ended_run(&bench, &own.arn, 31 * 60).await;
        let request = own.revoked(&bench, &[own.issue().await]).await;
        bench.until(&request.id, &[RequestState::Proven]).await;
        let runs = bench.aws.runs(&own.arn.id(), 5).await.unwrap();
        let ordered: Vec<_> = runs.iter().map(|run| (run.proves.clone(), run.ordered_by())).collect();
        assert_eq!(ordered, [(Some(request.id), "revocation"), (None, "command line")]);
        let report = runs[0].inputs.report.as_ref().unwrap();
        assert!(!report.reused && report.created_at >= runs[0].started_at, "{report:?}");
    });
}

/// A run of this authority that read a report made so many seconds ago.
async fn ended_run(bench: &Bench, authority: &AuthorityArn, ago: u64) {
    let made = Timestamp::from_unix(bench.parts.clock.now().unix() - i64::try_from(ago).unwrap()).unwrap();
    let run = Run::ordered(uuid::Uuid::now_v7().to_string().parse().unwrap(), authority.clone(), None, made);
    let who = Who::System { part: "test".to_owned() };
    let body = Body::new(made, who, Action::RunStarted, Object::Route("runs".to_owned()));
    bench.aws.commit(bench.aws.order_run(&run).unwrap(), &body).await.unwrap();
    let report = ReportIdentity {
        report_id: "earlier".to_owned(),
        bucket: String::new(),
        key: String::new(),
        version: None,
        sha256: None,
        created_at: made,
        completed_at: None,
        guessed: false,
        reused: false,
    };
    let inputs = RunInputs { report: Some(report), ..RunInputs::default() };
    let ended = Run { state: RunState::Finished, finished_at: Some(made), inputs, ..run };
    let lease = lease(&bench.aws, &format!("run {}", ended.id)).await;
    bench.aws.commit(bench.aws.end_run(&ended, &lease).unwrap(), &body).await.unwrap();
}

#[test]
fn ocsp_says_good_and_then_revoked() {
    test(async {
        let own = Own::new(None, true).await;
        let bench = own.bench(HOUR).await;
        let request = own.revoked(&bench, &[own.issue().await]).await;
        let is_good = |item: &ItemProgress| matches!(item.ocsp, Some(OcspSeen::Good { .. }));
        let good = until_all(&bench, &request.id, is_good).await;
        assert_eq!(good[0].channels, Some(Channels { crl: false, ocsp: true }));
        let Some(OcspSeen::Good { since }) = good[0].ocsp else { panic!() };
        let revoked = until_all(&bench, &request.id, |item| item.ocsp_at().is_some()).await;
        assert!(revoked[0].ocsp_at() > Some(since) && revoked[0].crl_at.is_none(), "{revoked:?}");
        assert_eq!(bench.count(&request.id, Action::SeenByOcsp).await, 1);
        assert_eq!(bench.request(&request.id).await.state, RequestState::Executed, "no report has it yet");
        bench.run_of(&own.arn.id()).await;
        bench.until(&request.id, &[RequestState::Proven]).await;
    });
}

#[test]
fn where_both_are_published_both_must_show_it() {
    test(async {
        let own = Own::new(Some(crl(CrlType::Complete).await), true).await;
        own.trouble(r#"{"ocsp": "forgetful"}"#).await;
        let bench = own.bench(Duration::ZERO).await;
        let request = own.revoked(&bench, &[own.issue().await]).await;
        until_all(&bench, &request.id, |item| item.crl_at.is_some()).await;
        bench.run_of(&own.arn.id()).await;
        until_all(&bench, &request.id, |item| item.report_at.is_some()).await;
        let why = until_why(&bench, &request.id, "does not say of 1 of 1").await.problem.unwrap();
        assert!(!why.contains("CRL"), "{why}");
        own.trouble("{}").await;
        bench.until(&request.id, &[RequestState::Proven]).await;
    });
}

#[test]
fn a_responder_that_fails_is_the_likely_cause() {
    test(async {
        let own = Own::new(None, true).await;
        own.trouble(r#"{"ocsp": "down"}"#).await;
        let bench = own.bench(Duration::ZERO).await;
        let request = own.revoked(&bench, &[own.issue().await]).await;
        until_why(&bench, &request.id, "answers 503").await;
        for (trouble, why) in [
            (r#"{"ocsp": "try_later"}"#, "it says to try later"),
            (r#"{"ocsp": "stranger"}"#, "the responder's certificate is not of this CA"),
            (r#"{"ocsp": "other_nonce"}"#, "another nonce"),
            (r#"{"ocsp": "expired"}"#, "the response has expired at"),
            (r#"{"ocsp": "redirects"}"#, "answers 302"),
            (r#"{"ocsp": "endless"}"#, "more than 64 KiB"),
            (r#"{"ocsp": "forgetful"}"#, "does not say of 1 of 1"),
        ] {
            own.trouble(trouble).await;
            until_why(&bench, &request.id, why).await;
            assert_eq!(bench.count(&request.id, Action::SeenByOcsp).await, 0, "{trouble}");
        }
        own.trouble("{}").await;
        let shown = bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(shown.problem, None);
    });
}

#[test]
fn a_crl_that_is_not_written_or_not_the_cas_is_the_likely_cause() {
    test(async {
        let own = Own::new(Some(crl(CrlType::Complete).await), false).await;
        own.trouble(r#"{"crl": "not_written"}"#).await;
        let bench = own.bench(Duration::ZERO).await;
        let request = own.revoked(&bench, &[own.issue().await]).await;
        until_why(&bench, &request.id, "MisconfiguredCRLBucket").await;
        own.trouble(r#"{"crl": "other_key"}"#).await;
        until_why(&bench, &request.id, "the CRL's signature is not the CA's").await;
        own.trouble(r#"{"crl": "other_point"}"#).await;
        own.revoke_another().await;
        until_why(&bench, &request.id, "is for certificates that name").await;
        own.trouble("{}").await;
        own.revoke_another().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
    });
}

#[test]
fn an_old_crl_and_one_that_was_switched_off_are_the_likely_cause() {
    test(async {
        let complete = crl(CrlType::Complete).await;
        let own = Own::new(Some(complete.clone()), false).await;
        let bench = own.bench(Duration::ZERO).await;
        let first = own.revoked(&bench, &[own.issue().await]).await;
        until_all(&bench, &first.id, |item| item.crl_at.is_some()).await;
        own.trouble(r#"{"crl": "not_written"}"#).await;
        let pending = own.pending(&bench, &[own.issue().await]).await;
        let request = bench.approve(&pending, "approver").await;
        until_why(&bench, &request.id, "before the revocation").await;
        own.publish(CrlConfiguration::builder().enabled(false).build().unwrap(), false).await;
        until_why(&bench, &request.id, "was switched off after the revocation").await;
        own.trouble("{}").await;
        own.publish(complete, false).await;
        bench.until(&request.id, &[RequestState::Executed]).await;
    });
}

#[test]
fn certificates_that_name_another_place_are_the_likely_cause() {
    test(async {
        let partitioned = crl(CrlType::Partitioned).await;
        let own = Own::new(Some(partitioned.clone()), false).await;
        let serial = own.issue().await;
        let mut moved = partitioned.clone();
        moved.custom_path = Some("elsewhere".to_owned());
        own.publish(moved, false).await;
        let bench = own.bench(Duration::ZERO).await;
        let request = own.revoked(&bench, &[serial]).await;
        let why =
            until_why(&bench, &request.id, "where the authority does not publish").await.problem.unwrap();
        assert!(why.contains(&format!("/crl/{}/", own.arn.id())) && why.contains("/elsewhere/"), "{why}");
    });
}

#[test]
fn an_authority_that_publishes_nowhere_is_said_so_and_proven_by_report_alone() {
    test(async {
        let own = Own::new(None, false).await;
        let bench = own.bench(Duration::ZERO).await;
        let request = own.pending(&bench, &[own.issue().await]).await;
        let shown =
            bench.console.request(&bench.approver().await, &request.id, Narrowed::default()).await.unwrap();
        let nowhere = Some(Channels { crl: false, ocsp: false });
        assert_eq!(shown.dry_run.authority.map(|now| now.channels), nowhere, "before it is decided");
        let request = bench.approve(&request, "approver").await;
        bench.work().await;
        let items = until_all(&bench, &request.id, |item| item.channels.is_some()).await;
        assert_eq!((items[0].channels, items[0].is_published()), (nowhere, true));
        bench.run_of(&own.arn.id()).await;
        let proven = bench.until(&request.id, &[RequestState::Proven]).await;
        assert_eq!(proven.problem, None);
        assert_eq!(bench.count(&request.id, Action::RevocationOverdue).await, 0);
    });
}
