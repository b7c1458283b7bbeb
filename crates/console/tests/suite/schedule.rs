//! Runs by schedule: each time has one run, whoever works and dies; what was missed is made up once and told.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use console::{AuthoritySettings, Clock, Parts};
use countersign_aws::{Error as AwsError, Thing};
use domain::ledger::{Action, Body, Object, Who};
use domain::schedule::{InForce, Outcome, Schedule, Schedules, Standing, Started};
use domain::{AuthorityArn, AuthorityId, FindingKind, Role, Run, RunState, Timestamp, views};
use futures::TryStreamExt;
use sandbox::until;

use crate::child;
use crate::support::{Bench, description, test};

const HOUR: Duration = Duration::from_secs(3600);

/// Every hour, to the second.
pub fn hourly() -> Schedules {
    let schedule = Schedule { cron: "0 * * * *".parse().unwrap(), spread: Duration::ZERO };
    Schedules { others: Some(schedule), ..Schedules::default() }
}

/// For the sandbox's second authority, where no other test revokes anything; nobody works yet.
pub async fn bench(change: impl FnOnce(&mut Parts)) -> (Bench, AuthorityArn) {
    let description = description().await;
    let arn: AuthorityArn = description.authorities[1].arn.parse().unwrap();
    let bucket = description.buckets.reports.clone();
    let authority = views::Authority { arn: arn.clone(), name: "second".to_owned() };
    let bench = Bench::with(|parts| {
        parts.authorities =
            vec![AuthoritySettings { authority, report_bucket: bucket, known_cas: Vec::new() }];
        parts.schedules = hourly();
        change(parts);
    });
    (bench.await, arn)
}

/// The schedule as a worker left it so long ago; gives when.
async fn left_behind(bench: &Bench, authority: &AuthorityId, ago: Duration) -> Timestamp {
    let since = bench.parts.clock.now().minus(ago);
    let force = InForce { since, plan: hourly().of(authority) };
    let standing = Standing { force, settled: since, version: 1 };
    let changes = bench.aws.adopt_schedule(authority, &standing).unwrap();
    bench.aws.commit(changes, &body(since, Action::ConfigurationChanged)).await.unwrap();
    since
}

fn body(at: Timestamp, action: Action) -> Body {
    Body::new(at, Who::System { part: "test".to_owned() }, action, Object::Route("schedule".to_owned()))
}

/// The runs that the schedule ordered, once there are so many and all have ended.
async fn ended(bench: &Bench, authority: &AuthorityId, count: usize) -> Vec<Started> {
    until("runs by schedule", async || {
        let all = (Timestamp::EPOCH, bench.parts.clock.now());
        let started = bench.aws.scheduled_runs(authority, all).await.unwrap();
        let done = started.len() >= count && started.iter().all(|one| one.state != RunState::Running);
        done.then_some(started)
    })
    .await
}

async fn actions(bench: &Bench, action: Action) -> usize {
    bench.entries().await.iter().filter(|entry| entry.action == action).count()
}

#[test]
fn a_time_has_one_run_however_many_work() {
    test(async {
        let clock = Clock::standing_at(Clock::system().now());
        let (bench, arn) = bench(|parts| parts.clock = clock.clone()).await;
        let id = arn.id();
        bench.work().await;
        bench.another_works().await;
        until("a schedule", async || bench.aws.schedule(&id).await.unwrap()).await;
        for count in 1..=2 {
            clock.advance(HOUR);
            let started = ended(&bench, &id, count).await;
            assert_eq!(started.len(), count, "{started:?}");
            assert!(started.iter().all(|one| one.at.unix() % 3600 == 0 && one.state == RunState::Finished));
        }
        let runs = bench.aws.runs(&id, 10).await.unwrap();
        assert_eq!(runs.len(), 2, "{runs:?}");
        assert!(runs.iter().all(|run| run.ordered_by() == "schedule" && run.scheduled.is_some()));
        let entries = bench.entries().await;
        let mut orders = entries.iter().filter(|entry| entry.action == Action::RunStarted);
        let schedule = Who::System { part: "schedule".to_owned() };
        assert!(orders.all(|entry| entry.who == schedule && entry.detail.contains_key("scheduled_for")));

        let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
        let [view] = &bench.console.schedules(&auditor, None).await.unwrap()[..] else { panic!() };
        assert_eq!(view.cron.as_deref(), Some("0 * * * *"));
        assert_eq!(view.next, hourly().of(&id).unwrap().after(clock.now()));
        assert_eq!(view.last.as_ref().unwrap().run.as_ref(), Some(&runs[0].id));
        assert_eq!((view.missed.len(), view.outcomes[&Outcome::Held]), (0, 2));
        bench.stop().await;
    });
}

#[test]
fn what_was_missed_is_made_up_once_and_told() {
    test(async {
        let (bench, arn) = bench(|_| ()).await;
        let id = arn.id();
        let since = left_behind(&bench, &id, 5 * HOUR).await;
        bench.work().await;
        bench.another_works().await;
        let started = ended(&bench, &id, 1).await;
        let due: Vec<Timestamp> = hourly().of(&id).unwrap().between(since, started[0].at).collect();
        assert_eq!((started.len(), started[0].at), (1, *due.last().unwrap()));
        let missed = told(&bench).await;
        assert_eq!(missed.len(), 1, "{missed:?}");
        let facts = missed[0].evidence.alert.as_ref().unwrap();
        assert_eq!((facts.at, facts.count), (due[0], due.len() as u64 - 1));
        assert_eq!(actions(&bench, Action::RunStarted).await, 1);
        assert_eq!(actions(&bench, Action::AlertRaised).await, 1);

        let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
        let [view] = &bench.console.schedules(&auditor, Some(&id)).await.unwrap()[..] else { panic!() };
        assert_eq!(view.outcomes[&Outcome::Missed], due.len() as u64 - 1);
        assert_eq!((view.missed[0].outcome, view.outcomes[&Outcome::Held]), (Outcome::Missed, 1));
        bench.stop().await;
    });
}

async fn told(bench: &Bench) -> Vec<domain::Finding> {
    let id = bench.parts.authorities[0].authority.arn.id();
    let all: Vec<_> = bench.aws.findings_not_closed(&id).try_collect().await.unwrap();
    all.into_iter().filter(|finding| finding.id.kind == FindingKind::RunMissed).collect()
}

/// Lets a worker die at `point`, and others go on.
async fn crash_at(point: &str, orders: usize) {
    let (bench, arn) = bench(|_| ()).await;
    let id = arn.id();
    left_behind(&bench, &id, 3 * HOUR).await;
    let status = child::start_scheduling(&bench, point).await.wait().await.unwrap();
    assert_eq!(status.signal(), Some(6), "{point}: {status}");
    assert_eq!(actions(&bench, Action::RunStarted).await, orders, "{point}");
    assert_eq!(told(&bench).await.len(), 1, "{point}: it is told before anything else");
    bench.work().await;
    bench.another_works().await;
    let started = ended(&bench, &id, 1).await;
    assert_eq!((started.len(), started[0].state), (1, RunState::Finished), "{point}");
    assert_eq!(actions(&bench, Action::RunStarted).await, 1, "{point}");
    assert_eq!(actions(&bench, Action::AlertRaised).await, 1, "{point}");
    bench.stop().await;
}

#[test]
fn a_worker_that_dies_before_a_run_is_ordered_leaves_it_to_others() {
    test(crash_at("before-scheduled-run", 0));
}

#[test]
fn a_worker_that_dies_once_a_run_is_ordered_has_ordered_it() {
    test(crash_at("after-scheduled-run", 1));
}

/// Even without a lease: the run and the mark are one conditional write.
#[test]
fn of_ten_orders_for_one_time_one_is_taken_also_after_its_end() {
    test(async {
        let (bench, arn) = bench(|_| ()).await;
        let id = arn.id();
        left_behind(&bench, &id, 2 * HOUR).await;
        let standing = bench.aws.schedule(&id).await.unwrap().unwrap();
        let now = bench.parts.clock.now();
        let at = hourly().of(&id).unwrap().until(now).unwrap();
        let then = Standing { settled: at, version: 2, ..standing };
        let order = async || {
            let run = Run::scheduled(uuid::Uuid::now_v7().to_string().parse().unwrap(), arn.clone(), at, now);
            let changes = bench.aws.order_scheduled_run(&run, &then).unwrap();
            bench.aws.commit(changes, &body(now, Action::RunStarted)).await
        };
        let outcomes = futures::future::join_all((0..10).map(|_| order())).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        bench.work().await;
        ended(&bench, &id, 1).await;
        let late = order().await;
        assert!(matches!(late, Err(AwsError::Conflict { what: Thing::Schedule, .. })), "{late:?}");
        assert_eq!(bench.aws.runs(&id, 10).await.unwrap().len(), 1);
        bench.stop().await;
    });
}

/// AWS makes one report in 30 minutes: the run by schedule waits for that of a person, and reads the same report.
#[test]
fn a_run_of_a_person_is_not_disturbed_and_its_report_serves_both() {
    test(async {
        let (bench, arn) = bench(|parts| parts.reconcile.report_max_age = 2 * HOUR).await;
        let id = arn.id();
        let operator = bench.operator().await;
        let by_hand = bench.console.start_run(&operator, &id).await.unwrap();
        left_behind(&bench, &id, HOUR).await;
        bench.work().await;
        let started = ended(&bench, &id, 1).await;
        let run = bench.aws.run(&id, &started[0].run).await.unwrap();
        let by_hand = bench.aws.run(&id, &by_hand.id).await.unwrap();
        assert!(by_hand.finished_at.unwrap() <= run.started_at, "{by_hand:?} {run:?}");
        let (first, second) = (by_hand.inputs.report.unwrap(), run.inputs.report.unwrap());
        // Or one that somebody else has had made since: the authority is that of other tests as well.
        assert!(second.reused && second.created_at >= first.created_at, "{first:?} {second:?}");
        bench.stop().await;
    });
}

#[test]
fn another_schedule_is_told_and_never_means_never() {
    test(async {
        let (bench, arn) = bench(|parts| parts.schedules = Schedules::default()).await;
        let id = arn.id();
        left_behind(&bench, &id, 3 * HOUR).await;
        bench.work().await;
        let off = async || bench.aws.schedule(&id).await.unwrap().filter(|now| now.force.plan.is_none());
        until("no schedule", off).await;
        assert_eq!(bench.aws.schedules_in_force(&id).await.unwrap().len(), 2);
        let entry = bench.entries().await.pop().unwrap();
        assert_eq!((entry.action, entry.detail["to"].as_str()), (Action::ConfigurationChanged, "never"));
        assert_eq!(entry.detail["from"], "0 * * * * + 0 seconds");
        assert_eq!(bench.aws.runs(&id, 10).await.unwrap(), []);
        bench.stop().await;
    });
}
