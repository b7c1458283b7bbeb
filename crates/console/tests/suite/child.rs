//! A console in a process of its own, which dies where it is told to: the same test binary, started again.

use std::process::Stdio;
use std::time::Duration;

use console::{Console, Parts, Work};
use countersign_aws::{Aws, Process, Settings};
use domain::Actor;
use domain::revocation::{Intent, Proof, Verdict};
use sandbox::Description;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::signed::{ISSUER, issuer, keys, proof};
use crate::support::{Bench, aws_settings, description, parts, person, says, test};
use crate::trail;

const TABLE: &str = "COUNTERSIGN_TEST_TABLE";
const DESCRIPTION: &str = "COUNTERSIGN_TEST_SANDBOX";
const APPROVE: &str = "COUNTERSIGN_TEST_APPROVE";
const TRAIL: &str = "COUNTERSIGN_TEST_TRAIL";
const ALERTS: &str = "COUNTERSIGN_TEST_ALERTS";
const LEDGER: &str = "COUNTERSIGN_TEST_LEDGER";
const SELDOM: &str = "seldom";
const SCHEDULE: &str = "COUNTERSIGN_TEST_SCHEDULE";
const NOTIFY: &str = "COUNTERSIGN_TEST_NOTIFY";
const CHAOS: &str = "COUNTERSIGN_TEST_CHAOS";

/// Starts a process that works on the table of `bench`, and that first approves `approve` if there is one.
pub async fn start(bench: &Bench, abort_at: &str, approve: Option<&domain::revocation::Request>) -> Child {
    let mut command = command(description().await, &bench.table, abort_at);
    if let Some(request) = approve {
        let approver = person("approver", &[domain::Role::Approver]).await;
        let form = says(Verdict::Approve, &request.hash);
        let intent = bench.console.intend(&approver, &request.id, form).await.unwrap();
        let signed = proof(&approver, &intent);
        command.env(APPROVE, serde_json::to_string(&(approver, intent, signed)).unwrap());
    }
    command.spawn().unwrap()
}

/// Starts a process that reads the trail in this bucket.
pub fn start_reading(bench: &Bench, description: &Description, bucket: &str, abort_at: &str) -> Child {
    command(description, &bench.table, abort_at).env(TRAIL, bucket).spawn().unwrap()
}

/// Starts one that looks for alerts.
pub async fn start_alerting(bench: &Bench, abort_at: &str) -> Child {
    command(description().await, &bench.table, abort_at).env(ALERTS, "").spawn().unwrap()
}

/// Starts one that makes the log with this prefix, and signs it with this key.
pub async fn start_sequencing(bench: &Bench, abort_at: &str, (prefix, key): (&str, &str)) -> Child {
    let ledger = serde_json::to_string(&(prefix, key)).unwrap();
    command(description().await, &bench.table, abort_at).env(LEDGER, ledger).spawn().unwrap()
}

/// Starts one that makes runs by schedule, of the authority of `bench`.
pub async fn start_scheduling(bench: &Bench, abort_at: &str) -> Child {
    let authority = bench.parts.authorities[0].authority.arn.as_str();
    command(description().await, &bench.table, abort_at).env(SCHEDULE, authority).spawn().unwrap()
}

/// The same, which works on, takes this for the sandbox, and scans the inventory only when it has to.
pub fn start_alerting_on(bench: &Bench, sandbox: &Description) -> Child {
    command(sandbox, &bench.table, "").env(ALERTS, SELDOM).spawn().unwrap()
}

/// Starts one that is one of several in a chaos. `ahead`: its clock is, and goes on jumping.
pub fn start_in_chaos(bench: &Bench, sandbox: &Description, rate: u32, ahead: bool) -> Child {
    command(sandbox, &bench.table, "")
        .env(CHAOS, serde_json::to_string(&(rate, ahead)).unwrap())
        .spawn()
        .unwrap()
}

/// Starts one that tells a channel with this address.
pub async fn start_telling(bench: &Bench, abort_at: &str, address: &str) -> Child {
    command(description().await, &bench.table, abort_at).env(NOTIFY, address).spawn().unwrap()
}

fn command(description: &Description, table: &str, abort_at: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child::works_until_it_dies", "--ignored", "--nocapture"])
        .envs(&description.env)
        .env(ISSUER, issuer())
        .env(TABLE, table)
        .env(DESCRIPTION, serde_json::to_string(description).unwrap())
        .env("COUNTERSIGN_ABORT_AT", abort_at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

#[test]
#[ignore = "a part of the tests of crashes, which start it in a process of its own"]
fn works_until_it_dies() {
    test(async {
        let description: Description = serde_json::from_str(&std::env::var(DESCRIPTION).unwrap()).unwrap();
        let settings = aws_settings(&description, &std::env::var(TABLE).unwrap());
        let web = Aws::load(Settings { process: Process::Web, ..settings.clone() }).await;
        let mut parts = parts(&description, web);
        parts.trail = std::env::var(TRAIL).ok().map(|bucket| trail::settings(&bucket, trail::PREFIX));
        if let Ok(how) = std::env::var(ALERTS) {
            crate::alerts::configure(&mut parts, &description.buckets.trail);
            if how == SELDOM {
                parts.reconcile.rescan = Duration::from_secs(3600);
            }
        }
        if let Ok(ledger) = std::env::var(LEDGER) {
            let (prefix, key): (String, String) = serde_json::from_str(&ledger).unwrap();
            parts.ledger = Some(crate::sequencer::settings(&description, &prefix, &key.parse().unwrap()));
        }
        if let Ok(authority) = std::env::var(SCHEDULE) {
            parts.authorities[0].authority.arn = authority.parse().unwrap();
            parts.schedules = crate::schedule::hourly();
        }
        if let Ok(address) = std::env::var(NOTIFY) {
            parts.notify.channels.push(crate::notify::channel("all", &address));
        }
        if let Ok(chaos) = std::env::var(CHAOS) {
            let (rate, ahead): (u32, bool) = serde_json::from_str(&chaos).unwrap();
            crate::chaos::configure(&mut parts, rate);
            if ahead {
                parts.clock = crate::chaos::jumping();
            }
        }
        let work = Work::new(Parts { aws: Aws::load(settings).await, ..parts.clone() }, keys()).unwrap();
        if let Ok(approve) = std::env::var(APPROVE) {
            let (approver, intent, proof): (Actor, Intent, Proof) = serde_json::from_str(&approve).unwrap();
            Console::new(&parts).decide(&approver, intent, &proof).await.unwrap();
        }
        work.run(CancellationToken::new()).await;
    });
}
