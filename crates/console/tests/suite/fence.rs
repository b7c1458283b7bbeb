//! No call that may not be made any more: after a halt, after the lease is lost, however slow the CA and wrong the clocks
//! (attack 38).

use std::net::SocketAddr;
use std::time::Duration;

use console::{Clock, Parts};
use domain::Role;
use domain::ledger::Action;
use domain::revocation::{Execution, ItemState, RequestId, RequestState, Step};
use sandbox::{Description, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::own::Own;
use crate::proofs::text;
use crate::support::{Bench, description, raw_dynamodb, take, target, test, was_revoked};
use crate::{child, endpoints};

const CA: &str = "AWS_ENDPOINT_URL_ACM_PCA";
/// How long the slow CA takes to answer: longer than a lease lasts that nobody renews.
const SLOW: Duration = Duration::from_secs(8);

/// Whose calls take so long that one can get in between.
async fn slow_bench() -> Bench {
    Bench::with(|parts| {
        parts.revocation.rate = 2;
        parts.settings.policy.quorum.clear();
    })
    .await
}

async fn until_revoked(bench: &Bench, id: &RequestId, count: usize) {
    until(&format!("{count} revocations"), async || {
        (bench.count(id, Action::CertificateRevoked).await >= count).then_some(())
    })
    .await;
}

/// Waits until no worker has anything to do with the request.
async fn until_let_go(bench: &Bench, id: &RequestId) {
    until("the lease of the request given back", async || {
        let holder = bench.aws.lease_holder(&format!("execute/{id}")).await.unwrap();
        holder.is_none().then_some(())
    })
    .await;
}

/// What came of each certificate at the CA. When the inventory is told of it is beside the point.
fn states(execution: &Execution) -> Vec<&ItemState> {
    execution.items.iter().map(|item| &item.item).collect()
}

#[test]
fn attack_38_after_a_halt_no_call_is_begun() {
    test(async {
        let bench = slow_bench().await;
        let certificates = take(6).await;
        let request = bench.approved(&certificates).await;
        bench.work().await;
        until_revoked(&bench, &request.id, 1).await;
        let (operator, approver) = (bench.operator().await, bench.approver().await);
        let halt = bench.console.step_in(&operator, &request.id, Step::Halt, None).await.unwrap();
        assert_eq!(halt.state, RequestState::Halted);
        until_let_go(&bench, &request.id).await;
        let halted = bench.execution(&request.id).await;
        let done = halted.counts().revoked;
        assert!(done < 6, "{halted:?}");
        assert!(
            !halted.items.iter().any(|item| matches!(item.item, ItemState::Calling { .. })),
            "{halted:?}"
        );
        assert!(bench.aws.outbox().await.unwrap().is_empty());

        // The worker works on, and leaves this one alone.
        let another = bench.approved(&take(1).await).await;
        bench.until(&another.id, &[RequestState::Executed]).await;
        assert_eq!(states(&bench.execution(&request.id).await), states(&halted));

        let refused = bench.console.step_in(&operator, &request.id, Step::Resume, None).await;
        assert!(matches!(refused, Err(console::Error::Forbidden(_))), "{refused:?}");
        bench.console.step_in(&approver, &request.id, Step::Resume, None).await.unwrap();
        bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 6);
        for action in [Action::RevocationHalted, Action::RevocationResumed] {
            assert_eq!(bench.count(&request.id, action).await, 1, "{action:?}");
        }
    });
}

/// As many calls are begun upon one look at the approvals.
const BATCH: usize = 90;

#[test]
fn attack_36_an_approval_that_goes_while_it_is_carried_out_is_missed_by_the_next_batch() {
    test(async {
        let own = Own::new(None, false).await;
        let bench = own.bench(sandbox::PATIENCE).await;
        let request = own.pending(&bench, &own.issue_many(2 * BATCH).await).await;
        let once = bench.approve(&request, "first").await;
        let request = bench.approve(&once, "second").await;
        bench.work().await;
        until_revoked(&bench, &request.id, 1).await;
        forget_decisions(&bench, &request.id).await;
        let ended = bench.until(&request.id, &[RequestState::Cancelled]).await;
        assert!(ended.problem.unwrap().contains("not enough approvals"));
        let done = bench.count(&request.id, Action::CertificateRevoked).await;
        assert!(done <= BATCH, "{done}");
    });
}

/// Takes the request's decisions out of the table by hand.
async fn forget_decisions(bench: &Bench, id: &RequestId) {
    let (table, partition) = (raw_dynamodb(description().await), text(&format!("REQUEST#{id}")));
    let decisions = table.query().table_name(&bench.table);
    let decisions = decisions.key_condition_expression("pk = :pk AND begins_with(sk, :decision)");
    let decisions = decisions.expression_attribute_values(":pk", partition.clone());
    let decisions =
        decisions.expression_attribute_values(":decision", text("DECISION#")).send().await.unwrap();
    assert_eq!(decisions.items().len(), 2);
    for decision in decisions.items() {
        let delete = table.delete_item().table_name(&bench.table).key("pk", partition.clone());
        delete.key("sk", decision["sk"].clone()).send().await.unwrap();
    }
}

#[test]
fn attack_38_a_ca_that_takes_long_is_waited_for_by_one() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.approved(&certificates).await;
        let slow = slow(description().await).await;
        for _ in 0..2 {
            let aws = endpoints::aws(&slow, &bench.table);
            bench.work_with(Parts { aws, ..bench.parts.clone() }).await;
        }
        let started = Instant::now();
        bench.until(&request.id, &[RequestState::Executed]).await;
        assert!(started.elapsed() >= SLOW);
        let item = bench.execution(&request.id).await.items.remove(0);
        assert!(matches!(item.item, ItemState::Revoked { before: false, .. }), "{item:?}");
        for action in [Action::ExecutionStarted, Action::CertificateRevoked, Action::ExecutionFinished] {
            assert_eq!(bench.count(&request.id, action).await, 1, "{action:?}");
        }
    });
}

#[test]
fn attack_38_a_clock_a_day_ahead_takes_nothing_over() {
    test(async {
        let bench = slow_bench().await;
        let certificates = take(6).await;
        let request = bench.approved(&certificates).await;
        let first = bench.work().await;
        until_revoked(&bench, &request.id, 1).await;
        let tomorrow = Clock::standing_at(Clock::system().now().plus(Duration::from_secs(86_400)));
        let ahead = Parts { clock: tomorrow, aws: bench.aws.clone(), ..bench.parts.clone() };
        bench.work_with(ahead).await;
        until_revoked(&bench, &request.id, 4).await;
        let lease = bench.aws.lease_holder(&format!("execute/{}", request.id)).await.unwrap();
        assert!(lease.is_none_or(|held| held.fence == 1), "nobody else has taken it");
        bench.until(&request.id, &[RequestState::Executed]).await;
        let execution = bench.execution(&request.id).await;
        let once = |item: &ItemState| matches!(item, ItemState::Revoked { before: false, .. });
        assert!(execution.items.iter().all(|item| once(&item.item)), "{execution:?}");
        assert_eq!(bench.count(&request.id, Action::CertificateRevoked).await, 6);
        bench.stop().await;
        first.await.unwrap();
    });
}

#[test]
fn attack_38_a_clock_that_is_behind_calls_nothing_off() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.approved(&take(1).await).await;
        let earlier = Clock::standing_at(Clock::system().now().minus(Duration::from_secs(3600)));
        let behind = Parts { clock: earlier, aws: bench.aws.clone(), ..bench.parts.clone() };
        let first = bench.work_with(behind).await;
        let waits = bench.until_problem(&request.id).await;
        assert_eq!(waits.state, RequestState::Approved);
        assert!(waits.problem.unwrap().contains("in the future, by the clock of the worker"));
        bench.stop().await;
        first.await.unwrap();
        bench.work().await;
        bench.until(&request.id, &[RequestState::Executed]).await;
    });
}

#[test]
fn another_worker_goes_on_after_a_kill() {
    test(async {
        let bench = Bench::new().await;
        let request = bench.pending(&take(1).await).await;
        bench.approver().await;
        let mut dying = child::start(&bench, "before-revoke-call", Some(&request)).await;
        dying.wait().await.unwrap();
        bench.work().await;
        until_revoked(&bench, &request.id, 1).await;
    });
}

#[test]
fn what_is_paused_waits_and_goes_on() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let request = bench.approved(&certificates).await;
        let mut parts = Parts { aws: bench.aws.clone(), ..bench.parts.clone() };
        parts.revocation.paused = true;
        let paused = bench.work_with(parts).await;
        bench.until_problem(&request.id).await;
        bench.stop().await;
        paused.await.unwrap();
        assert_eq!(bench.execution(&request.id).await.items[0].item, ItemState::Waiting);
        bench.work().await;
        let done = bench.until(&request.id, &[RequestState::Executed]).await;
        assert_eq!(done.problem, None);
        assert!(was_revoked(&certificates[0]).await);
    });
}

#[test]
fn what_has_failed_is_tried_again_under_the_same_approval_or_closed() {
    test(async {
        let bench = Bench::new().await;
        let certificates = take(1).await;
        let unknown = domain::revocation::Target {
            serial: "ffffba9876543210fedcba987654321f".parse().unwrap(),
            ..target(&certificates[0])
        };
        let request = bench.pending_about(vec![target(&certificates[0]), unknown]).await;
        bench.approve(&request, "approver").await;
        bench.work().await;
        bench.until(&request.id, &[RequestState::PartlyFailed]).await;
        let operator = bench.operator().await;
        let again =
            bench.console.step_in(&operator, &request.id, Step::Retry, Some("seen to")).await.unwrap();
        assert_eq!((again.state, again.decisions.len()), (RequestState::Approved, 1));
        bench.until(&request.id, &[RequestState::PartlyFailed]).await;
        let told = bench.told(&request.id).await;
        let count = |action| told.iter().filter(|body| body.action == action).count();
        assert_eq!(count(Action::CertificateRevoked), 1, "the other is left alone");
        assert_eq!(count(Action::RevocationFailed), 2, "{told:#?}");
        let failed = bench.console.failed_certificates(&operator, &request.id).await.unwrap();
        assert_eq!(failed.len(), 1);
        assert!(failed[0].error.contains("Could not find certificate"), "{failed:?}");

        let another = bench.sign_in("another", &[Role::Approver]).await;
        let wordless = bench.console.step_in(&another, &request.id, Step::Close, None).await;
        assert!(matches!(wordless, Err(console::Error::Invalid { field: "why", .. })), "{wordless:?}");
        let why = Some("The certificate was never issued");
        let closed = bench.console.step_in(&another, &request.id, Step::Close, why).await.unwrap();
        assert_eq!((closed.state, closed.unproven), (RequestState::Closed, 1));
        // What was revoked is proven all the same.
        bench.until_on_crl(&request.id).await;
        assert_eq!(bench.request(&request.id).await.state, RequestState::Closed);
    });
}

/// The same sandbox, whose CA answers late to whoever revokes.
async fn slow(description: &Description) -> Description {
    let mut slow = description.clone();
    let to: SocketAddr = slow.env[CA].trim_start_matches("http://").parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    slow.env.insert(CA.to_owned(), format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, to));
        }
    });
    slow
}

async fn carry(client: TcpStream, to: SocketAddr) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_ca, mut to_ca) = TcpStream::connect(to).await?.into_split();
    let late = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let revokes = late.clone();
    let there = async move {
        let mut bytes = vec![0; 65_536];
        loop {
            let read = from_client.read(&mut bytes).await?;
            if read == 0 {
                return Ok::<_, std::io::Error>(());
            }
            let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
            if text.contains("ACMPrivateCA.RevokeCertificate") {
                revokes.store(true, std::sync::atomic::Ordering::SeqCst);
            }
            to_ca.write_all(&bytes[..read]).await?;
        }
    };
    let back = async move {
        let mut bytes = vec![0; 65_536];
        loop {
            let read = from_ca.read(&mut bytes).await?;
            if read == 0 {
                return Ok::<_, std::io::Error>(());
            }
            if late.swap(false, std::sync::atomic::Ordering::SeqCst) {
                // time passes: at the CA.
                tokio::time::sleep(SLOW).await;
            }
            to_client.write_all(&bytes[..read]).await?;
        }
    };
    tokio::select! { done = there => done, done = back => done }
}
