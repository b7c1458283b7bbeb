use std::time::Duration;

use super::period::DAY;
use super::*;
use crate::trail::Span;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> Timestamp {
    at(&format!("{text}T00:00:00Z"))
}

fn march() -> Period {
    Period::new(day("2026-03-01"), day("2026-04-01")).unwrap()
}

fn run(started: &str, state: RunState) -> Run {
    let arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
    let id = "019e0000-0000-7000-8000-000000000001".parse().unwrap();
    let started = at(started);
    let finished_at = Some(started.plus(Duration::from_secs(60)));
    Run { state, finished_at, ..Run::ordered(id, arn.parse().unwrap(), None, started) }
}

#[test]
fn a_period_has_whole_days_and_both_its_ends() {
    let now = at("2026-03-15T12:00:00Z");
    let usual = Period::of_days(None, None, now).unwrap();
    assert_eq!((usual.from(), usual.last()), (day("2026-02-14"), day("2026-03-15")));
    assert!(usual.has(at("2026-03-15T23:59:59Z")) && !usual.has(day("2026-03-16")));
    let one = Period::of_days(Some(day("2026-03-02")), Some(day("2026-03-02")), now).unwrap();
    assert_eq!(one.to().since(one.from()), DAY);
    let first = Period::of_days(Some(day("2026-03-16")), None, now);
    assert_eq!(first, Err(PeriodError::Backwards));
    assert_eq!(Period::new(day("2026-03-02"), day("2026-03-02")), Err(PeriodError::Backwards));
    assert_eq!(Period::new(now, day("2026-04-02")), Err(PeriodError::NoDays));
    assert_eq!(Period::new(day("2006-03-02"), day("2026-03-02")), Err(PeriodError::TooLong));
    assert!(serde_json::from_str::<Period>(r#"["2026-03-02T00:00:00Z","2026-03-01T00:00:00Z"]"#).is_err());
}

#[test]
fn the_longest_gap_has_the_ends_of_the_time() {
    let arn = run("2026-03-01T00:00:00Z", RunState::Finished).authority;
    let held = |runs: &[Run], now: &str| RunsHeld::of(arn.clone(), runs, march(), at(now), false);
    let after = "2026-05-01T00:00:00Z";
    // Without any, all of it; and what is to come is no gap.
    assert_eq!(held(&[], after).gap, Some((day("2026-03-01"), day("2026-04-01"))));
    assert_eq!(held(&[], "2026-03-03T00:00:00Z").gap, Some((day("2026-03-01"), day("2026-03-03"))));
    assert_eq!(held(&[], "2026-02-03T00:00:00Z").gap, None);
    let runs = [
        run("2026-03-20T00:00:00Z", RunState::Finished),
        run("2026-03-02T00:00:00Z", RunState::Finished),
        run("2026-03-10T00:00:00Z", RunState::Failed),
        run("2026-04-02T00:00:00Z", RunState::Finished),
    ];
    let held = held(&runs, after);
    assert_eq!((held.finished, held.failed, held.incomplete), (2, 1, 0));
    assert_eq!(held.gap, Some((at("2026-03-02T00:01:00Z"), at("2026-03-20T00:01:00Z"))));
    assert_eq!(held.last.unwrap().1, at("2026-03-20T00:01:00Z"));
}

#[test]
fn hours_are_counted_by_their_proof_and_none_is_left_out() {
    let span = |from: &str, to: &str, proof| Span { from: at(from), to: at(to), proof };
    let coverage = Coverage::of([
        span("2026-02-01T00:00:00Z", "2026-03-01T05:00:00Z", Proof::Proven),
        span("2026-03-01T05:00:00Z", "2026-03-01T06:00:00Z", Proof::Missing),
    ]);
    let hours = TrailHours::of("1", "r", &coverage, march(), at("2026-03-02T00:00:00Z"));
    assert_eq!((hours.proven(), hours.hours[&Proof::Missing], hours.unknown, hours.total()), (5, 1, 18, 24));
    let whole = TrailHours::of("1", "r", &coverage, march(), at("2026-06-02T00:00:00Z"));
    assert_eq!(whole.total(), 31 * 24);
    assert_eq!(TrailHours::of("1", "r", &coverage, march(), at("2026-01-02T00:00:00Z")).total(), 0);
}

#[test]
fn findings_are_added_up_by_severity_and_by_whom() {
    let person = |name: &str| {
        Some(Person { id: format!("idp|{name}").parse().unwrap(), name: name.to_owned(), human: None })
    };
    let (kind, other) = (FindingKind::RogueIssuer, FindingKind::Duplicate);
    let opened = |kind, number| FindingFlow { kind, number, ended: None };
    let ended = |kind, number, how, by, open_for, seconds| FindingFlow {
        kind,
        number,
        ended: Some(FindingEnd { how, by, open_for, seconds }),
    };
    use crate::finding::FindingStateName::{Closed, Dismissed};
    let flows = [
        opened(kind, 5),
        opened(other, 2),
        ended(kind, 2, Dismissed, person("ada"), OpenFor::ADay, 200),
        ended(other, 1, Dismissed, person("ada"), OpenFor::ADay, 1),
        ended(other, 4, Dismissed, person("bob"), OpenFor::ADay, 1),
        ended(kind, 1, Closed, None, OpenFor::Longer, 100),
    ];
    let by = by_severity(&flows);
    assert_eq!(by.len(), Severity::ALL.len());
    let critical = &by[&Severity::Critical];
    assert_eq!((critical.opened, critical.closed, critical.dismissed, critical.ended()), (5, 1, 2, 3));
    assert_eq!(critical.mean(), Some(Duration::from_secs(100)));
    assert_eq!(critical.open_for, [(OpenFor::ADay, 2), (OpenFor::Longer, 1)].into());
    assert_eq!(by[&Severity::Low].mean(), None);
    let whom = by_whom(&flows);
    let whom: Vec<_> =
        whom.iter().map(|(how, by, n)| (*how, by.as_ref().map(|by| by.name.as_str()), *n)).collect();
    assert_eq!(whom, [(Dismissed, Some("bob"), 4), (Dismissed, Some("ada"), 3), (Closed, None, 1)]);
}
