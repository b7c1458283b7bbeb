//! A process that works in the background, as others see it, and when one of its workers has been silent for too long.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alerts::Alert;
use crate::finding::AlertFacts;
use crate::finding_kind::FindingKind;
use crate::scope::Scope;
use crate::timestamp::Timestamp;

/// A process gives a sign of life every two seconds. Silent for so long, it is not there.
pub const GONE: Duration = Duration::from_secs(15);
/// A worker whose passes fail may do so for ten intervals, and for this long at least…
const LEAST: Duration = Duration::from_secs(5 * 60);
const INTERVALS: u32 = 10;
/// …and a pass that is under way and has not failed may take so long: the first reading of a trail, or 10,000 revocations.
const UNDER_WAY: Duration = Duration::from_secs(6 * 3600);
/// A process that has just started has not had the time to make a pass.
const STARTING: Duration = Duration::from_secs(60);
/// How many characters of a problem are told.
const TOLD: usize = 300;
/// What keeps a worker that waits in every process that is alive.
const WAITING: &str = "it waits for the lease, which something else has held all the time.";

/// A sign of life of such a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The name under which it takes leases; another one after each start.
    pub holder: String,
    /// Of the program.
    pub version: String,
    /// When the process started.
    pub started_at: Timestamp,
    /// When it gave this sign: its own clock.
    pub seen_at: Timestamp,
    /// How each of its workers is, by the worker's name.
    pub workers: BTreeMap<String, Passes>,
}

/// What came of a worker's passes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passes {
    /// How long it waits between two of them.
    pub interval: Duration,
    /// When the last good one ended; `None`: there was none since the start.
    pub good_at: Option<Timestamp>,
    /// Why the last one failed that did its work; `None`: it did not.
    pub problem: Option<String>,
    /// The last one waited for a lease that another process holds: it was neither good nor bad.
    #[serde(default)]
    pub waiting: bool,
}

/// A worker that has not had a good pass for too long, in any process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Its name, as the log of the process and [`Heartbeat::workers`] have it.
    pub worker: String,
    /// The last good pass; without any, the first start.
    pub since: Timestamp,
    /// Why nothing is done; `None`: a pass has been under way all the time.
    pub problem: Option<String>,
}

impl Heartbeat {
    /// Whether its process is there at `now`.
    fn is_alive(&self, now: Timestamp) -> bool {
        now.since(self.seen_at) < GONE
    }
}

impl Silence {
    /// The workers of the living processes that have been silent for too long. `heartbeats`: the last one of each process,
    /// of the dead as well.
    pub fn of(heartbeats: &[Heartbeat], now: Timestamp) -> Vec<Self> {
        let settled = |beat: &&Heartbeat| beat.is_alive(now) && now.since(beat.started_at) >= STARTING;
        let names: BTreeSet<&String> =
            heartbeats.iter().filter(settled).flat_map(|beat| beat.workers.keys()).collect();
        let silence = |worker: &String| {
            let (mut since, mut first, mut living) = (None, now, now);
            let (mut problem, mut interval, mut waiting) = (None, Duration::ZERO, true);
            for beat in heartbeats {
                let Some(passes) = beat.workers.get(worker) else { continue };
                since = since.max(passes.good_at);
                first = first.min(beat.started_at);
                if beat.is_alive(now) {
                    living = living.min(beat.started_at);
                    interval = interval.max(passes.interval);
                    if !passes.waiting {
                        // What failed in a process that only waits since says nothing of whoever is at it.
                        problem = problem.or(passes.problem.as_ref());
                        waiting = false;
                    }
                }
            }
            let since = since.unwrap_or(first);
            let bound = LEAST.max(interval.saturating_mul(INTERVALS));
            let is_silent = match problem {
                Some(_) => now.since(since) > bound,
                None => now.since(since.max(living)) > bound.max(UNDER_WAY),
            };
            let problem = problem.map(|problem| problem.chars().take(TOLD).collect());
            let problem = problem.or_else(|| waiting.then(|| WAITING.to_owned()));
            is_silent.then(|| Self { worker: worker.clone(), since, problem })
        };
        names.into_iter().filter_map(silence).collect()
    }

    /// What people are told of it: one alert for each worker.
    pub fn alert(&self) -> Alert {
        let Self { worker, since, problem } = self;
        let undone = match worker.as_str() {
            "ingester" => "read the trail".to_owned(),
            "alerter" => "looked for alerts in the trail".to_owned(),
            "months" => "read older months of the trail".to_owned(),
            "executor" => "carried out approved revocations".to_owned(),
            "prover" => "proven revocations".to_owned(),
            "runner" => "made runs".to_owned(),
            "scheduler" => "started runs by schedule".to_owned(),
            "notifier" => "delivered notifications".to_owned(),
            "reminder" => "reminded people of what is due".to_owned(),
            "inventory" => "read the inventory".to_owned(),
            "reports" => "read audit reports".to_owned(),
            "orders" => "looked for orders".to_owned(),
            "provider_keys" => "read the keys of the identity provider".to_owned(),
            "sequencer" => "published the ledger".to_owned(),
            "expiry" => "let requests expire".to_owned(),
            other => format!("done the work of its {other}"),
        };
        let why = problem.as_deref().unwrap_or("it is still at it, and nothing has failed.");
        Alert {
            kind: FindingKind::WorkerSilent,
            authority: None,
            scope: Scope::Countersign,
            subject: worker.clone(),
            facts: AlertFacts {
                at: *since,
                what: format!("Countersign has not {undone} since {}: {why}", since.absolute()),
                identity: None,
                address: None,
                events: Vec::new(),
                count: 1,
                proofs: [].into(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn minute(number: u32) -> Timestamp {
        "2026-11-28T12:00:00Z".parse::<Timestamp>().unwrap().plus(number * MINUTE)
    }

    /// Alive from `started` to `seen`, with one worker that makes a pass each second.
    fn process(started: u32, seen: u32, good: Option<u32>, problem: Option<&str>) -> Heartbeat {
        let passes = Passes {
            interval: Duration::from_secs(1),
            good_at: good.map(minute),
            problem: problem.map(str::to_owned),
            waiting: false,
        };
        Heartbeat {
            holder: format!("{started}-{seen}"),
            version: "1.0.0".to_owned(),
            started_at: minute(started),
            seen_at: minute(seen),
            workers: BTreeMap::from([("ingester".to_owned(), passes)]),
        }
    }

    fn since(heartbeats: &[Heartbeat], now: u32) -> Option<Timestamp> {
        Silence::of(heartbeats, minute(now)).pop().map(|silence| silence.since)
    }

    const DENIED: Option<&str> = Some("S3 said: AccessDenied");

    #[test]
    fn a_worker_whose_passes_fail_is_silent_after_its_bound() {
        assert_eq!(since(&[process(0, 9, Some(4), DENIED)], 9), None, "five minutes are borne");
        assert_eq!(since(&[process(0, 10, Some(4), DENIED)], 10), Some(minute(4)));
        assert_eq!(since(&[process(0, 10, None, DENIED)], 10), Some(minute(0)), "there never was a good one");
        let mut slow = process(0, 10, Some(4), DENIED);
        slow.workers.get_mut("ingester").unwrap().interval = MINUTE;
        assert_eq!(since(std::slice::from_ref(&slow), 10), None, "ten intervals are borne");
        slow.seen_at = minute(15);
        assert_eq!(since(&[slow], 15), Some(minute(4)));
    }

    #[test]
    fn one_process_with_good_passes_is_enough_and_one_that_is_alive_must_be_there() {
        let failing = process(0, 10, Some(1), DENIED);
        assert_eq!(since(&[failing.clone(), process(0, 10, Some(10), None)], 10), None);
        assert_eq!(since(&[process(0, 9, Some(1), DENIED)], 10), None, "nobody is there to say so");
        // What was good before a restart counts.
        assert_eq!(since(&[process(5, 10, None, DENIED), process(0, 5, Some(5), None)], 10), None);
        assert_eq!(since(&[process(5, 10, None, DENIED), process(0, 5, Some(4), None)], 10), Some(minute(4)));
    }

    #[test]
    fn one_that_waits_for_the_lease_does_not_hide_that_its_holder_fails() {
        let waits = |good| {
            let mut waits = process(0, 10, good, None);
            waits.workers.get_mut("ingester").unwrap().waiting = true;
            waits
        };
        let failing = process(0, 10, Some(2), DENIED);
        assert_eq!(since(&[waits(None), failing.clone()], 10), Some(minute(2)));
        assert_eq!(since(&[waits(Some(4)), failing.clone()], 10), Some(minute(4)), "it did the work before");
        assert_eq!(since(&[waits(None), process(0, 10, Some(10), None)], 10), None);
        assert_eq!(since(&[waits(None)], 10), None, "whoever holds it is at it");
        let mut failed = waits(Some(2));
        failed.workers.get_mut("ingester").unwrap().problem = DENIED.map(str::to_owned);
        assert_eq!(since(&[failed, process(0, 10, None, None)], 10), None, "a first reading takes long");
        let mut stuck = waits(None);
        stuck.seen_at = minute(361);
        let silence = Silence::of(&[stuck], minute(361)).remove(0);
        assert_eq!(silence.problem.as_deref(), Some(WAITING));
    }

    #[test]
    fn a_start_and_a_pass_that_takes_long_are_no_silence() {
        let before = process(0, 5, Some(5), None);
        assert_eq!(since(&[process(600, 600, None, DENIED), before.clone()], 600), None, "it just started");
        assert_eq!(since(&[process(600, 601, None, DENIED), before], 601), Some(minute(5)));
        let anew = [process(600, 900, None, None), process(0, 5, Some(5), None)];
        assert_eq!(since(&anew, 900), None, "it is still at it");
        assert_eq!(since(&[process(0, 364, Some(4), None)], 364), None, "it is still at it");
        assert_eq!(since(&[process(0, 365, Some(4), None)], 365), Some(minute(4)));
    }

    #[test]
    fn people_are_told_what_is_not_done_and_why() {
        let told = |problem| {
            let silence = Silence::of(&[process(0, 400, Some(4), problem)], minute(400)).remove(0);
            silence.alert()
        };
        let alert = told(DENIED);
        assert_eq!(alert.id().to_string(), "worker_silent.countersign.ingester");
        assert_eq!(
            alert.facts.what,
            "Countersign has not read the trail since 2026-11-28 12:04:00 UTC: S3 said: AccessDenied"
        );
        assert!(told(None).facts.what.ends_with("it is still at it, and nothing has failed."));
    }
}
