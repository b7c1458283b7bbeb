//! Runs held against each other, also where each found a hundred thousand.

use countersign_aws::{Lease, Taking};
use domain::found::{Difference, Differences, Found};
use domain::ledger::{Action, Body, Object, Who};
use domain::run::Stage;
use domain::views::{ComparisonQuery, PAGE_SIZE};
use domain::{AuthorityArn, FindingKind, Role, Run, RunState, Serial};

use crate::schedule::bench;
use crate::support::{Bench, test};

/// What a run found that has finished.
async fn finished(bench: &Bench, arn: &AuthorityArn, lease: &Lease, found: Option<Vec<Found>>) -> Run {
    let now = bench.parts.clock.now();
    let run = Run::ordered(uuid::Uuid::now_v7().to_string().parse().unwrap(), arn.clone(), None, now);
    let who = Who::System { part: "test".to_owned() };
    let body = Body::new(now, who, Action::RunStarted, Object::Route("runs".to_owned()));
    bench.aws.commit(bench.aws.order_run(&run).unwrap(), &body).await.unwrap();
    let found = match found {
        Some(found) => Some(bench.aws.keep_found(found).await.unwrap()),
        None => None,
    };
    let run = Run { state: RunState::Finished, stage: Stage::Done, found, ..run };
    bench.aws.commit(bench.aws.end_run(&run, lease).unwrap(), &body).await.unwrap();
    run
}

fn found(numbers: std::ops::Range<u32>) -> Vec<Found> {
    let kinds = [FindingKind::UnauthorizedIssuance, FindingKind::DatesDiffer];
    let one = |number: u32| Found {
        kind: kinds[(number % 2) as usize],
        serial: Serial::from_bytes(&[&[7; 12][..], &number.to_be_bytes()].concat()).unwrap(),
    };
    numbers.map(one).collect()
}

#[test]
fn two_runs_of_a_hundred_thousand_findings_are_compared() {
    test(async {
        let (bench, arn) = bench(|parts| parts.schedules = Default::default()).await;
        let lease = match bench.aws.acquire_lease("run", "test", None).await.unwrap() {
            Taking::Taken(lease) => lease,
            Taking::Held(held) => panic!("{held:?}"),
        };
        let earlier = finished(&bench, &arn, &lease, Some(found(0..100_000))).await;
        let later = finished(&bench, &arn, &lease, Some(found(10..100_030))).await;
        let none = finished(&bench, &arn, &lease, None).await;
        let auditor = bench.sign_in("auditor", &[Role::Auditor]).await;
        let query = ComparisonQuery {
            authority: arn.id(),
            run: later.id.clone(),
            with: Some(earlier.id.clone()),
            only: None,
            kind: None,
            page: 0,
        };
        let view = bench.console.comparison(&auditor, &query).await.unwrap();
        assert_eq!(view.counts, Differences { new: 30, gone: 10, still: 99_990 });
        assert_eq!((view.total, view.lines.len()), (100_030, PAGE_SIZE as usize));
        assert_eq!(view.others.len(), 1, "a run without a list is not offered");
        assert_eq!(
            view.kinds[0],
            (FindingKind::UnauthorizedIssuance, Differences { new: 15, gone: 5, still: 49_995 })
        );
        // Whichever is named first, the earlier one is the earlier one.
        let turned =
            ComparisonQuery { run: earlier.id.clone(), with: Some(later.id.clone()), ..query.clone() };
        assert_eq!(bench.console.comparison(&auditor, &turned).await.unwrap().counts, view.counts);
        let before = ComparisonQuery { with: None, ..query.clone() };
        assert_eq!(bench.console.comparison(&auditor, &before).await.unwrap().earlier.id, earlier.id);

        let last = ComparisonQuery { page: 100_030 / PAGE_SIZE, ..query.clone() };
        let last = bench.console.comparison(&auditor, &last).await.unwrap();
        assert_eq!(last.lines.len() as u32, 100_030 % PAGE_SIZE);
        let gone = ComparisonQuery { only: Some(Difference::Gone), ..query.clone() };
        let gone = bench.console.comparison(&auditor, &gone).await.unwrap();
        assert!(gone.total == 10 && gone.lines.iter().all(|line| line.difference == Difference::Gone));

        let kind = ComparisonQuery { kind: Some(FindingKind::DatesDiffer), ..query.clone() };
        let mut lines = bench.console.compared(&auditor, &kind).await.unwrap();
        let mut count = 0;
        loop {
            let some = lines.next().await.unwrap();
            if some.is_empty() {
                break;
            }
            count += some.len();
        }
        assert_eq!(count, 50_015);
        for (run, with) in [(&none.id, &later.id), (&later.id, &later.id)] {
            let query = ComparisonQuery { run: run.clone(), with: Some(with.clone()), ..query.clone() };
            assert!(matches!(
                bench.console.comparison(&auditor, &query).await,
                Err(console::Error::Conflict(_))
            ));
        }
        let stranger = crate::support::person("stranger", &[]).await;
        assert!(matches!(
            bench.console.comparison(&stranger, &query).await,
            Err(console::Error::Forbidden(_))
        ));
    });
}
