//! Who and what is in it: a sandbox of its own, requests, and two workers.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use domain::Serial;
use domain::revocation::{Request, RequestId};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sandbox::pca::{Quotas, Tally};
use sandbox::{Description, Options, Sandbox};
use tokio::process::Child;

use super::{Size, configure};
use crate::child;
use crate::items::healthy;
use crate::own::{Own, unrecorded};
use crate::support::{Bench, authority, target};

/// How many certificates nobody asks to be revoked.
const SPARED: usize = 10;

pub struct Scene {
    pub bench: Bench,
    pub random: StdRng,
    pub main: RequestId,
    /// Small ones, to be carried out meanwhile.
    pub others: Vec<Request>,
    /// What may be revoked.
    pub approved: BTreeSet<Serial>,
    /// Nobody, or not everybody who must, has approved these.
    pub waiting: Vec<RequestId>,
    /// About what the CA was asked before.
    pub asked_before: BTreeSet<String>,
    pub workers: [Child; 2],
    pub description: &'static Description,
    rate: u32,
    _sandbox: Sandbox,
}

impl Scene {
    pub async fn set(size: &Size, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let sandbox = Sandbox::start(Options {
            reset: true,
            devices: 100,
            port: 0,
            report_interval: Duration::ZERO,
            report_delay: Duration::from_millis(50),
            issue_delay: Duration::from_millis(20),
            new_devices_per_minute: 0,
            quotas: Quotas::unlimited(),
            ..Options::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{}", size.targets)))
        });
        let sandbox = sandbox.await.unwrap();
        let description: &'static Description = Box::leak(Box::new(sandbox.description().clone()));
        let bench = Bench::of(description, |parts| configure(parts, size.rate)).await;
        let own = Own::first_of(description);
        let issued = own.issue_many(size.targets + 3 * size.halts + SPARED).await;
        let mut known = healthy(description).await;
        // Some of each request are in the inventory.
        let mut certificates: Vec<_> = issued.iter().map(unrecorded).collect();
        let mut take = |count: usize| {
            let recorded = known.split_off(known.len().saturating_sub((count / 4).clamp(1, 40)));
            let rest = certificates.split_off(certificates.len() - (count - recorded.len()));
            recorded.iter().map(target).chain(rest).collect::<Vec<_>>()
        };
        let arn = authority(description);
        let mut approved = BTreeSet::new();
        let mut requests = Vec::new();
        for targets in std::iter::once(size.targets).chain(std::iter::repeat_n(3, size.halts)) {
            let targets = take(targets);
            approved.extend(targets.iter().map(|target| target.serial));
            requests.push(bench.pending_of(arn.clone(), targets).await);
        }
        let waiting = [bench.pending_of(arn.clone(), take(3)).await, bench.pending_of(arn, take(3)).await];
        bench.approve(&waiting[1], "approver").await;
        let main = requests.remove(0);
        let rate = size.rate;
        let workers = [false, true].map(|ahead| child::start_in_chaos(&bench, description, rate, ahead));
        let mut scene = Self {
            bench,
            asked_before: BTreeSet::new(),
            main: main.id.clone(),
            others: requests,
            approved,
            waiting: waiting.map(|request| request.id).into(),
            workers,
            description,
            rate,
            _sandbox: sandbox,
            random: StdRng::seed_from_u64(random.random()),
        };
        scene.asked_before = scene.tally().await.certificates.into_keys().collect();
        let unanswered = size.unanswered;
        let seed: u32 = random.random();
        scene
            .trouble(format!(
                r#"{{"revoke":{{"seed":{seed},"throttled":5,"failed":3,"failed_late":3,"lost":5,"unanswered":{unanswered}}}}}"#
            ))
            .await;
        scene.agree(&main).await;
        scene
    }

    /// Two approve.
    pub async fn agree(&self, request: &Request) {
        for name in ["approver", "another"] {
            self.bench.approve(&self.bench.request(&request.id).await, name).await;
        }
    }

    /// One more in the place of this one.
    pub fn restart(&mut self, place: usize) {
        let ahead = self.random.random_bool(0.3);
        self.workers[place] = child::start_in_chaos(&self.bench, self.description, self.rate, ahead);
    }

    async fn trouble(&self, troubles: String) {
        let put =
            http().put(at_the_ca(self.description, "troubles")).header("content-type", "application/json");
        assert!(put.body(troubles).send().await.unwrap().status().is_success());
    }

    pub async fn tally(&self) -> Tally {
        tally(self.description).await
    }
}

fn at_the_ca(description: &Description, what: &str) -> String {
    format!("{}/{what}/{}", description.endpoints.acm_pca, authority(description).id())
}

/// What the first CA of a sandbox was asked, and what it has done.
pub async fn tally(description: &Description) -> Tally {
    let answer = http().get(at_the_ca(description, "revocations")).send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
