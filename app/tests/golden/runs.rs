//! Runs: by themselves, by schedule, and held against each other.

use std::time::Duration;

use app::runs::{Comparison, OneRun, Runs};
use domain::finding::Subject;
use domain::found::{Compared, Difference, Differences, FoundList};
use domain::run::{ReportIdentity, RunInputs, Stage};
use domain::schedule::{Kept, Outcome};
use domain::views::{ComparedFinding, ComparisonQuery, ComparisonView, RunView, ScheduleView};
use domain::{FindingId, FindingKind, FindingState, Run, RunState};
use leptos::prelude::*;

use super::golden;
use super::sample::{authority, minutes_ago, named_authority, now, overview, serial};

fn finished() -> Run {
    overview().authorities.swap_remove(0).last_run.unwrap()
}

fn under_way(stage: Stage) -> Run {
    let report = ReportIdentity {
        report_id: "2c6f0c3a-0000-4000-8000-000000000001".to_owned(),
        bucket: "reports".to_owned(),
        key: "audit-report/11223344/2c6f0c3a.json".to_owned(),
        version: None,
        sha256: None,
        completed_at: None,
        created_at: minutes_ago(2),
        reused: false,
        guessed: false,
    };
    let inputs = match stage {
        Stage::Waiting => RunInputs::default(),
        _ => RunInputs {
            report: Some(report),
            report_rows: 480_213,
            inventory_items: 213_400,
            scan_started_at: Some(minutes_ago(1)),
            ..RunInputs::default()
        },
    };
    Run { state: RunState::Running, stage, finished_at: None, counts: [].into(), inputs, ..finished() }
}

fn unreadable() -> Run {
    let mut run = finished();
    run.inputs.report_unreadable.add("row 17", "serial is not a serial number");
    run.inputs.report_truncated = true;
    run.inputs.inventory_unread.add("device sensor-0007", "expires_at is neither text nor a number");
    (1..=21).for_each(|n| run.inputs.unjudged.add(serial(n)));
    run
}

/// Nothing found, and not everything compared.
fn incomplete() -> Run {
    let mut run = Run { counts: [].into(), opened: 0, ..finished() };
    run.inputs.unjudged.add(serial(1));
    (run.inputs.long_expired, run.inputs.expired_after) = (17, Some(90 * 86_400));
    run
}

fn failed() -> Run {
    let failure =
        Some("The CA has not made its audit report within 30 minutes. Start another run.".to_owned());
    Run { state: RunState::Failed, started_by: None, failure, ..finished() }
}

#[tokio::test]
async fn the_pages_of_runs() {
    golden("runs", || {
        let runs = vec![
            under_way(Stage::Waiting),
            under_way(Stage::ScanningInventory),
            failed(),
            finished(),
            incomplete(),
        ];
        view! { <Runs chosen=None runs authorities=vec![named_authority("Devices EU")] schedules=vec![schedule()] /> }
    })
    .await;
    let one = |run: Run| view! { <OneRun view=RunView { run, authority: named_authority("Devices EU") } /> };
    golden("run-waiting", move || one(under_way(Stage::Waiting))).await;
    golden("run-under-way", move || one(under_way(Stage::ScanningInventory))).await;
    golden("run-finished", move || one(unreadable())).await;
    golden("run-incomplete", move || one(incomplete())).await;
    golden("run-failed", move || one(failed())).await;
    golden("run-compared", move || one(compared())).await;
}

/// Ordered by the schedule, and held against the run before.
fn compared() -> Run {
    let counts = Differences { new: 2, gone: 1, still: 16 };
    let with = "0193533a-0000-7000-8000-000000000000".parse().unwrap();
    Run {
        started_by: None,
        scheduled: Some(minutes_ago(43)),
        found: Some(FoundList { count: 18, chunks: Vec::new() }),
        compared: Some(Compared { with, counts }),
        ..finished()
    }
}

fn schedule() -> ScheduleView {
    let kept = |minutes, outcome, run: Option<&str>| Kept {
        at: minutes_ago(minutes),
        outcome,
        run: run.map(|run| run.parse().unwrap()),
    };
    let made_up = kept(60 * 24 * 7, Outcome::MadeUp, Some("0193533a-0000-7000-8000-000000000002"));
    ScheduleView {
        authority: authority(),
        is_known: true,
        cron: Some("0 3 * * 1".to_owned()),
        next: Some(now().plus(Duration::from_secs(86_400 * 3))),
        last: Some(kept(43, Outcome::Held, Some("0193533a-0000-7000-8000-000000000001"))),
        missed: vec![made_up, kept(60 * 24 * 14, Outcome::Missed, None)],
        outcomes: [(Outcome::Held, 10), (Outcome::MadeUp, 1), (Outcome::Missed, 1)].into(),
        since: minutes_ago(60 * 24 * 90),
    }
}

#[tokio::test]
async fn two_runs_are_compared() {
    let query = |only| ComparisonQuery {
        authority: authority(),
        run: compared().id,
        with: None,
        only,
        kind: None,
        page: 0,
    };
    let view = |lines: Vec<ComparedFinding>| {
        let counts = Differences { new: 1, gone: 1, still: 0 };
        ComparisonView {
            authority: named_authority("Devices EU"),
            earlier: Run { id: "0193533a-0000-7000-8000-000000000000".parse().unwrap(), ..incomplete() },
            later: compared(),
            counts,
            kinds: vec![(FindingKind::UnauthorizedIssuance, counts)],
            total: lines.len() as u64,
            lines,
            page: 0,
            others: vec![("0193533a-0000-7000-8000-000000000000".parse().unwrap(), minutes_ago(60))],
        }
    };
    let line = |difference, n, state| ComparedFinding {
        difference,
        serial: serial(n),
        id: FindingId {
            kind: FindingKind::UnauthorizedIssuance,
            scope: authority().into(),
            subject: Subject::Certificate(serial(n)),
        },
        state,
    };
    let closed = FindingState::Closed { run: compared().id };
    let lines = vec![
        line(Difference::New, 1, Some(FindingState::Open)),
        line(Difference::Gone, 2, Some(closed)),
        line(Difference::Gone, 3, None),
    ];
    golden("runs-compared", move || view! { <Comparison query=query(None) view=view(lines.clone()) /> })
        .await;
    golden("runs-compared-none", move || {
        view! { <Comparison query=query(Some(Difference::Still)) view=view(Vec::new()) /> }
    })
    .await;
}
