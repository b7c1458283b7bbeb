//! What happens to the workers, in an order that is drawn.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use countersign_aws::Taking;
use domain::revocation::{ItemState, RequestState, Step};
use rand::Rng;
use rand::seq::SliceRandom;
use sandbox::until;
use tokio::process::Child;
use tokio::time::{Instant, timeout};

use super::Size;
use super::scene::Scene;

/// Longer than a lease lasts that nobody renews.
const FROZEN: Duration = Duration::from_secs(8);
/// How long progress is waited for: nobody takes over sooner than in six seconds.
const STANDSTILL: Duration = Duration::from_secs(10);

#[derive(Clone, Copy)]
enum Act {
    Kill,
    Freeze,
    Rob,
    Halt,
}

impl Scene {
    pub async fn unrest(&mut self, size: &Size) {
        let mut acts = Vec::new();
        for (act, count) in [
            (Act::Kill, size.kills),
            (Act::Freeze, size.freezes),
            (Act::Rob, size.robberies),
            (Act::Halt, size.halts),
        ] {
            acts.extend(std::iter::repeat_n(act, count));
        }
        acts.shuffle(&mut self.random);
        let pause = size.targets / acts.len();
        let begun = Instant::now();
        for (number, act) in acts.into_iter().enumerate() {
            if number > 0 && number.is_multiple_of(20) {
                let settled = self.bench.aws.execution_counts(&self.main).await.unwrap().revoked;
                eprintln!("{number} acts and {settled} revocations after {:.0?}", begun.elapsed());
            }
            self.progress(pause).await;
            match act {
                Act::Kill => self.kill().await,
                Act::Freeze => self.freeze().await,
                Act::Rob => self.rob().await,
                Act::Halt => self.halt().await,
            }
        }
    }

    /// Waits until at most so many certificates more are settled, or nothing more happens for now.
    async fn progress(&mut self, most: usize) {
        let seq = async || self.bench.written().await;
        let goal = seq().await + self.random.random_range(0..=u64::try_from(most).unwrap());
        let reached = until("progress", async || (seq().await >= goal).then_some(()));
        drop(timeout(STANDSTILL, reached).await);
    }

    async fn kill(&mut self) {
        let place = self.random.random_range(0..2);
        self.workers[place].kill().await.unwrap();
        self.restart(place);
    }

    /// One sleeps while the other takes over, and goes on where it was.
    async fn freeze(&mut self) {
        let place = self.random.random_range(0..2);
        signal(&self.workers[place], "-STOP");
        // time passes: without this worker.
        tokio::time::sleep(FROZEN).await;
        signal(&self.workers[place], "-CONT");
    }

    /// Somebody takes a lease who may not, and leaves it silent or gives it back.
    async fn rob(&mut self) {
        let name = match self.random.random_bool(0.5) {
            true => "executor".to_owned(),
            false => format!("execute/{}", self.main),
        };
        let aws = &self.bench.aws;
        let Some(held) = aws.lease_holder(&name).await.unwrap() else { return };
        if let Taking::Taken(lease) = aws.acquire_lease(&name, "robber", Some(&held)).await.unwrap()
            && self.random.random_bool(0.5)
        {
            aws.release_lease(&lease).await.unwrap();
        }
    }

    /// No call is begun from a halt on, while the workers are at others; then it goes on.
    async fn halt(&mut self) {
        let (operator, approver) = (self.bench.operator().await, self.bench.approver().await);
        let step = async |actor, step| self.bench.console.step_in(actor, &self.main, step, None).await;
        let other = self.others.pop().unwrap();
        let under_way = [RequestState::Approved, RequestState::Executing];
        if under_way.contains(&self.bench.request(&self.main).await.state) {
            until("a halt", async || step(&operator, Step::Halt).await.ok()).await;
        }
        let execution = self.bench.execution(&self.main).await;
        let marked = execution.items.iter().filter(|item| item.item != ItemState::Waiting);
        let marked: BTreeSet<String> = marked.map(|item| plain(&item.serial.to_string())).collect();
        let main: BTreeSet<String> =
            execution.items.iter().map(|item| plain(&item.serial.to_string())).collect();
        until("what was begun at an end", async || {
            let lease = format!("execute/{}", self.main);
            self.bench.aws.lease_holder(&lease).await.unwrap().is_none().then_some(())
        })
        .await;
        let before = self.calls(&main).await;
        self.agree(&other).await;
        self.bench.until(&other.id, &[RequestState::Executed, RequestState::Proven]).await;
        let after = self.calls(&main).await;
        assert_eq!(before, after, "a call was begun after the halt");
        let called: BTreeSet<_> = after.into_keys().collect();
        assert!(called.is_subset(&marked), "{:?} were not marked", called.difference(&marked));
        if self.bench.request(&self.main).await.state == RequestState::Halted {
            until("a resumption", async || step(&approver, Step::Resume).await.ok()).await;
        }
    }

    /// How often the CA was asked about each of these.
    async fn calls(&self, these: &BTreeSet<String>) -> std::collections::BTreeMap<String, u64> {
        let certificates = self.tally().await.certificates.into_iter();
        let these = certificates.filter(|(serial, asked)| these.contains(serial) && asked.calls > 0);
        these.map(|(serial, asked)| (serial, asked.calls)).collect()
    }
}

/// As the CA writes it.
pub fn plain(serial: &str) -> String {
    serial.replace(':', "").trim_start_matches('0').to_lowercase()
}

fn signal(worker: &Child, signal: &str) {
    let id = worker.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}
