//! The arithmetic of schedules, and what is done and said when a time has gone by.

use proptest::prelude::*;

use super::*;
use crate::ids::RunId;
use crate::run::RunState;

const HOUR: Duration = Duration::from_secs(3600);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn cron(text: &str) -> Cron {
    text.parse().unwrap()
}

fn plan(text: &str, delay: u64) -> Timetable {
    Timetable { cron: cron(text), delay }
}

fn times(text: &str, from: &str, count: usize) -> Vec<String> {
    let plan = plan(text, 0);
    let all = std::iter::successors(plan.after(at(from)), |last| plan.after(*last));
    all.take(count).map(|time| time.to_string()).collect()
}

#[test]
fn a_schedule_is_utc_and_knows_leap_days() {
    assert_eq!(
        times("0 3 * * 1", "2026-11-30T02:59:59Z", 2),
        ["2026-11-30T03:00:00Z", "2026-12-07T03:00:00Z"]
    );
    assert_eq!(times("0 3 * * MON", "2026-11-30T03:00:00Z", 1), ["2026-12-07T03:00:00Z"]);
    // Clocks go forward and back in these nights, and not here.
    assert_eq!(
        times("30 1 * * *", "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T01:30:00Z", "2026-03-30T01:30:00Z"]
    );
    assert_eq!(
        times("30 2 * * *", "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T02:30:00Z", "2026-10-26T02:30:00Z"]
    );
    assert_eq!(times("0 0 29 2 *", "2026-01-01", 2), ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]);
    assert_eq!(times("0 0 29 2 *", "2096-03-01", 1), ["2104-02-29T00:00:00Z"]);
    assert_eq!(times("0 4 L * *", "2026-02-01", 2), ["2026-02-28T04:00:00Z", "2026-03-31T04:00:00Z"]);
    assert_eq!(Schedule::weekly().unwrap().cron.as_str(), "0 3 * * 1");
}

#[test]
fn what_is_no_schedule_says_why() {
    let wrong = |text: &str| text.parse::<Cron>().unwrap_err().to_string();
    for text in [
        "",
        "weekly",
        "0 3 * *",
        "0 0 3 * * 1",
        "60 3 * * 1",
        "0 3 * * 8",
        "0 3 * * 1 2027",
        "a\u{202e}b",
        "* * * * \u{301}",
    ] {
        assert!(wrong(text).starts_with("not times as cron writes them"), "{text}: {}", wrong(text));
    }
    assert!(wrong(&"0 ".repeat(200)).contains("too long"));
    assert_eq!(wrong("0 0 30 2 *"), "never: there is no such day");
    for text in ["* * * * *", "*/10 * * * *", "0,29 3 * * 1", "0,45 0,23 * * *"] {
        assert!(
            wrong(text).starts_with("more often than every 30 minutes, as at 20"),
            "{text}: {}",
            wrong(text)
        );
    }
    assert_eq!(cron("*/30 * * * *").as_str(), "*/30 * * * *");
    assert!(serde_json::from_str::<Cron>("\"* * * * *\"").is_err());
    let stored = plan("0 3 * * 1", 17);
    assert_eq!(serde_json::from_str::<Timetable>(&serde_json::to_string(&stored).unwrap()).unwrap(), stored);
}

#[test]
fn an_authority_has_its_own_schedule_or_that_of_the_others_or_none() {
    let [named, off, other]: [AuthorityId; 3] = ["a-1", "a-2", "a-3"].map(|id| id.parse().unwrap());
    let daily = Schedule { cron: cron("0 5 * * *"), spread: Duration::ZERO };
    let schedules = Schedules {
        named: [(named.clone(), Some(daily)), (off.clone(), None)].into(),
        others: Some(Schedule::weekly().unwrap()),
    };
    assert_eq!(schedules.of(&named), Some(plan("0 5 * * *", 0)));
    assert_eq!(schedules.of(&off), None);
    assert_eq!(schedules.of(&other).unwrap().cron, cron("0 3 * * 1"));
    assert_eq!(Schedules::default().of(&other), None);
}

/// The standing after the first pass at `now`, with hourly runs.
fn adopted(now: &str) -> Standing {
    match next_step(None, Some(&plan("0 * * * *", 60)), at(now)) {
        Step::Adopt(standing) => standing,
        other => panic!("{other:?}"),
    }
}

fn due(standing: &Standing, now: &str) -> Due {
    match next_step(Some(standing), Some(&plan("0 * * * *", 60)), at(now)) {
        Step::Run(due) => due,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_due_before_the_first_start_is_nobodys_fault() {
    let standing = adopted("2026-11-30T04:30:00Z");
    assert_eq!((standing.version, standing.settled), (1, at("2026-11-30T04:30:00Z")));
    let hourly = plan("0 * * * *", 60);
    assert_eq!(next_step(Some(&standing), Some(&hourly), at("2026-11-30T05:00:59Z")), Step::Wait);
    let first = due(&standing, "2026-11-30T05:01:00Z");
    assert_eq!((first.at, first.missed), (at("2026-11-30T05:01:00Z"), None));
    assert_eq!(first.then.version, 2);
    assert_eq!(next_step(Some(&first.then), Some(&hourly), at("2026-11-30T05:30:00Z")), Step::Wait);
    assert_eq!(
        next_step(Some(&first.then), Some(&hourly), at("2020-01-01")),
        Step::Wait,
        "a clock that goes back"
    );
}

#[test]
fn one_run_makes_up_for_all_that_were_missed() {
    let standing = adopted("2026-11-30T04:30:00Z");
    let late = due(&standing, "2026-11-30T09:30:00Z");
    assert_eq!(late.at, at("2026-11-30T09:01:00Z"));
    assert_eq!(late.missed, Some((at("2026-11-30T05:01:00Z"), 4)));
    assert_eq!(due(&late.then, "2026-11-30T10:01:00Z").missed, None);

    let weekly = |now: &str| match next_step(
        Some(&standing_of("0 3 * * 1", "2026-11-24")),
        Some(&plan("0 3 * * 1", 0)),
        at(now),
    ) {
        Step::Run(due) => due.missed,
        other => panic!("{other:?}"),
    };
    assert_eq!(weekly("2026-11-30T04:00:00Z"), None, "an hour later at most is in time");
    assert_eq!(weekly("2026-11-30T04:00:01Z"), Some((at("2026-11-30T03:00:00Z"), 1)));
}

fn standing_of(text: &str, since: &str) -> Standing {
    let force = InForce { since: at(since), plan: Some(plan(text, 0)) };
    Standing { force, settled: at(since), version: 1 }
}

#[test]
fn another_schedule_is_taken_up_once_the_one_before_is_settled() {
    let weekly = standing_of("0 3 * * 1", "2026-11-24");
    let daily = plan("0 5 * * *", 0);
    let Step::Adopt(next) = next_step(Some(&weekly), Some(&daily), at("2026-11-29T06:00:00Z")) else {
        panic!()
    };
    assert_eq!(
        (next.version, next.settled, &next.force.plan),
        (2, at("2026-11-29T06:00:00Z"), &Some(daily.clone()))
    );
    let Step::Run(due) = next_step(Some(&weekly), Some(&daily), at("2026-12-01T00:00:00Z")) else { panic!() };
    assert_eq!((due.at, due.missed.unwrap().1), (at("2026-11-30T03:00:00Z"), 1));
    let Step::Adopt(off) = next_step(Some(&weekly), None, at("2026-12-01T00:00:00Z")) else { panic!() };
    assert_eq!(off.force.plan, None);
    assert_eq!(next_step(Some(&off), None, at("2027-12-01T00:00:00Z")), Step::Wait);
}

fn started(time: &str, after: Duration, state: RunState) -> Started {
    let run: RunId = "0193533a-0000-7000-8000-000000000001".parse().unwrap();
    Started { at: at(time), run, ordered_at: at(time).plus(after), state }
}

#[test]
fn runs_are_held_against_the_schedules_that_were_in_force() {
    let force = [
        InForce { since: at("2026-11-10"), plan: Some(plan("0 3 * * *", 0)) },
        InForce { since: at("2026-11-03T12:00:00Z"), plan: Some(plan("0 3 * * 1", 0)) },
        InForce { since: at("2026-11-12"), plan: None },
        InForce { since: at("2026-11-14"), plan: Some(plan("0 3 * * *", 0)) },
    ];
    let runs = [
        started("2026-11-09T03:00:00Z", HOUR, RunState::Finished),
        started("2026-11-10T03:00:00Z", 2 * HOUR, RunState::Finished),
        started("2026-11-11T03:00:00Z", HOUR, RunState::Failed),
        started("2026-11-15T03:00:00Z", HOUR, RunState::Running),
        started("2026-11-20T03:00:00Z", HOUR, RunState::Finished),
    ];
    let period = (at("2026-11-01"), at("2026-12-01"));
    let kept = held_against(&force, &runs, period, at("2026-11-16T03:59:00Z"));
    let told: Vec<_> = kept.iter().map(|kept| (kept.at.date(), kept.outcome)).collect();
    let expected = [
        ("2026-11-09", Outcome::Held),
        ("2026-11-10", Outcome::MadeUp),
        ("2026-11-11", Outcome::Failed),
        ("2026-11-14", Outcome::Missed),
        ("2026-11-15", Outcome::UnderWay),
        ("2026-11-16", Outcome::Waiting),
    ];
    assert_eq!(told, expected.map(|(day, outcome)| (day.to_owned(), outcome)));
    assert_eq!(outcomes(&kept)[&Outcome::Missed], 1);
    let part = held_against(
        &force,
        &runs,
        (at("2026-11-10T03:00:00Z"), at("2026-11-11T03:00:00Z")),
        at("2027-01-01"),
    );
    assert_eq!(part.len(), 1, "the first moment belongs to it, the last does not: {part:?}");
    // Whatever is stored of a time that no schedule had is shown.
    let stray = [started("2026-11-13T17:00:00Z", HOUR, RunState::Finished)];
    assert!(held_against(&force, &stray, period, at("2026-12-01")).iter().any(|kept| kept.at == stray[0].at));
    assert_eq!(held_against(&[], &[], period, at("2026-12-01")), []);
}

proptest! {
    /// Whatever somebody writes is read or refused.
    #[test]
    fn no_text_breaks_it(text in "[ -~]{0,30}|([0-9*/,L#W?+-]{1,6} ){4}[0-7A-Za-z*#L+,]{1,5}") {
        let _ = text.parse::<Cron>();
    }

    #[test]
    fn times_are_in_order_and_agree_in_both_directions(
        minute in 0_u32..60, hour in 0_u32..24, day in 1_u32..29, delay in 0_u64..7200, moment in 0_i64..4_000_000_000,
    ) {
        let moment = Timestamp::from_unix(moment).unwrap();
        for text in [format!("{minute} {hour} * * *"), format!("{minute} {hour} {day} * *"), format!("{minute} {hour} * * {}", day % 7)] {
            let plan = plan(&text, delay);
            let (before, after) = (plan.until(moment).unwrap(), plan.after(moment).unwrap());
            prop_assert!(before <= moment && moment < after);
            prop_assert_eq!(plan.after(before), Some(after));
            prop_assert_eq!(plan.until(after), Some(after));
            prop_assert!(after.since(before) <= Duration::from_secs(31 * 86_400));
        }
    }

    #[test]
    fn the_delay_of_an_authority_is_always_the_same_and_within_the_spread(id in "[a-z0-9]{1,20}", spread in 0_u64..100_000) {
        let id: AuthorityId = id.parse().unwrap();
        let schedule = Schedule { cron: cron("0 3 * * 1"), spread: Duration::from_secs(spread) };
        let plan = schedule.of(&id);
        prop_assert!(plan.delay() <= schedule.spread);
        prop_assert_eq!(&schedule.of(&id), &plan);
    }

    /// Passes at any times make each run once, and no time is both made and missed, or neither.
    #[test]
    fn each_time_is_settled_once(gaps in prop::collection::vec(1_u64..40_000, 1..40), delay in 0_u64..3600) {
        let hourly = plan("0 * * * *", delay);
        let start = at("2026-11-30T04:30:00Z");
        let mut now = start;
        let (mut standing, mut runs, mut missed) = (None, Vec::new(), 0);
        for gap in gaps {
            match next_step(standing.as_ref(), Some(&hourly), now) {
                Step::Wait => (),
                Step::Adopt(next) => standing = Some(next),
                Step::Run(due) => {
                    runs.push(due.at);
                    let late = u64::from(now.since(due.at) > LATE);
                    missed += due.missed.map_or(0, |(_, count)| count) - late;
                    standing = Some(due.then);
                }
            }
            prop_assert!(next_step(standing.as_ref(), Some(&hourly), now) == Step::Wait);
            now = now.plus(Duration::from_secs(gap));
        }
        let settled = standing.map_or(start, |standing| standing.settled);
        prop_assert!(runs.is_sorted());
        prop_assert_eq!(hourly.between(start, settled).count() as u64, runs.len() as u64 + missed);
    }
}
