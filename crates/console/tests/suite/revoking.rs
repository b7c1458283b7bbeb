//! What revoking many certificates takes: `cargo xtask bench revoke`. A sandbox in this process, the worker in one of its own,
//! whose time and memory are read where Linux says them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use domain::revocation::{RequestId, RequestState};
use sandbox::pca::{Quotas, Tally};
use sandbox::{Description, Options, Sandbox, until_within};
use tokio::process::Child;
use tokio::time::Instant;

use crate::chaos::configure;
use crate::child::start_in_chaos;
use crate::own::{Own, unrecorded};
use crate::support::{Bench, authority, test_within};

/// How many targets at each measurement without a quota, and with AWS's.
const UNRATED: &str = "COUNTERSIGN_BENCH_UNRATED";
const RATED: &str = "COUNTERSIGN_BENCH_RATED";
const LONGEST: Duration = Duration::from_secs(3600);
/// What is claimed: the share of the quota that is used, of calls that are throttled, the seconds until another worker goes
/// on, how much more one of many may cost than one of few, and how much the memory may grow over a run, in MB.
const SUSTAINED: f64 = 0.95;
const THROTTLED: f64 = 0.01;
const GOES_ON: Duration = Duration::from_secs(10);
const DEARER: f64 = 1.25;
const GROWN: u64 = 50;
/// AWS's quota, in calls a second.
const QUOTA: u32 = 20;
/// What the CA is asked for where it grants everything.
const WITHOUT: u32 = 1000;
/// Of so many certificates are those of whom a worker dies.
const DYING: usize = 400;

struct Place {
    bench: Bench,
    description: &'static Description,
    rate: u32,
    _sandbox: Sandbox,
}

/// One worker that has done it all.
struct Took {
    /// How many of them, in this time.
    counted: u64,
    time: Duration,
    /// Of the processor, by the worker.
    work: Duration,
    /// In MB: at most, and when a tenth was done and at the end.
    most: u64,
    early: u64,
    late: u64,
    tally: Tally,
}

impl Place {
    async fn new(quotas: Quotas, rate: u32) -> Self {
        let directory =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("revoking").join(uuid::Uuid::new_v4().to_string());
        let options = Options {
            reset: true,
            devices: 10,
            port: 0,
            new_devices_per_minute: 0,
            ..Options::new(directory)
        };
        let sandbox = Sandbox::start(Options { quotas, ..options }).await.unwrap();
        let description: &'static Description = Box::leak(Box::new(sandbox.description().clone()));
        let bench = Bench::of(description, |parts| configure(parts, rate)).await;
        Self { bench, description, rate, _sandbox: sandbox }
    }

    async fn approved(&self, targets: usize) -> RequestId {
        let issued = Own::first_of(self.description).issue_many(targets).await;
        let targets = issued.iter().map(unrecorded).collect();
        let request = self.bench.pending_of(authority(self.description), targets).await;
        for name in ["approver", "another"] {
            self.bench.approve(&self.bench.request(&request.id).await, name).await;
        }
        request.id
    }

    fn worker(&self) -> Child {
        start_in_chaos(&self.bench, self.description, self.rate, false)
    }

    /// How many calls the CA has granted.
    async fn granted(&self) -> u64 {
        let tally = crate::chaos::tally(self.description).await;
        tally.calls - tally.throttled
    }

    async fn until_granted(&self, more: u64) {
        let goal = self.granted().await + more;
        until_within("progress", LONGEST, async || (self.granted().await >= goal).then_some(())).await;
    }

    async fn revoke(&self, targets: usize) -> Took {
        let request = self.approved(targets).await;
        let mut worker = self.worker();
        // From the first call on: what a start takes is not of the quota. What is done by then does not count either.
        let start = self.granted().await;
        self.until_granted(1).await;
        let (begun, before) = (Instant::now(), work(&worker));
        let counted = u64::try_from(targets).unwrap() - (self.granted().await - start);
        self.until_granted(u64::try_from(targets).unwrap() / 10).await;
        let early = memory(&worker, "VmRSS:");
        let done = [RequestState::Executed, RequestState::Proven];
        let is_done = async || done.contains(&self.bench.request(&request).await.state).then_some(());
        until_within("the end", LONGEST, is_done).await;
        let (time, work) = (begun.elapsed(), work(&worker) - before);
        let (most, late) = (memory(&worker, "VmHWM:"), memory(&worker, "VmRSS:"));
        worker.kill().await.unwrap();
        let tally = crate::chaos::tally(self.description).await;
        Took { counted, time, work, most, early, late, tally }
    }

    /// How long it takes after the death of a worker until another one has revoked something.
    async fn goes_on(&self) -> Duration {
        self.approved(DYING).await;
        let mut first = self.worker();
        self.until_granted(20).await;
        let mut other = self.worker();
        self.until_granted(60).await;
        first.kill().await.unwrap();
        let killed = Instant::now();
        self.until_granted(1).await;
        let took = killed.elapsed();
        other.kill().await.unwrap();
        took
    }
}

fn memory(worker: &Child, which: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", worker.id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(which)).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap().div_ceil(1000)
}

/// The processor's time, in hundredths of a second as Linux counts it.
fn work(worker: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", worker.id().unwrap())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn sizes(name: &str) -> Vec<usize> {
    let sizes = std::env::var(name).unwrap();
    sizes.split(',').map(|size| size.parse().unwrap()).collect()
}

#[test]
#[ignore = "a measurement: cargo xtask bench revoke"]
fn measured() {
    test_within(LONGEST, async {
        let mut costs = Vec::new();
        for targets in sizes(UNRATED) {
            let took = Place::new(Quotas::unlimited(), WITHOUT).await.revoke(targets).await;
            let cost = took.work / u32::try_from(took.counted).unwrap();
            eprintln!(
                "{targets} without a quota: {:.1?}, {cost:.2?} of the worker each, {} MB",
                took.time, took.most
            );
            costs.push(cost.as_secs_f64());
        }
        let place = Place::new(Quotas::default(), QUOTA).await;
        let killed = place.goes_on().await;
        eprintln!("another worker goes on {killed:.1?} after a kill (at most {GOES_ON:?})");
        let mut kept = killed <= GOES_ON && costs.iter().all(|cost| *cost <= costs[0] * DEARER);
        for targets in sizes(RATED) {
            let took = Place::new(Quotas::default(), QUOTA).await.revoke(targets).await;
            let sustained = took.counted as f64 / took.time.as_secs_f64() / f64::from(QUOTA);
            let throttled = took.tally.throttled as f64 / took.tally.calls as f64;
            eprintln!(
                "{targets} at {QUOTA} a second: {:.1?}, {:.1} % of the quota, {:.2} % throttled, {} MB early, {} MB late, {} MB at most",
                took.time,
                sustained * 100.0,
                throttled * 100.0,
                took.early,
                took.late,
                took.most
            );
            kept &= sustained >= SUSTAINED && throttled <= THROTTLED && took.late <= took.early + GROWN;
        }
        assert!(kept, "less than what is claimed");
    });
}
