//! What keeps a process's copy of the records fresh.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::TrailSettings;
use crate::loops::{Loops, Rhythm};
use crate::pulse::Pulse;
use crate::records::{Records, months};

/// How often the ledger is read on.
const LEDGER: Duration = Duration::from_secs(2);
/// How often findings that were written elsewhere, and workers, are looked for.
const FINDINGS: Duration = Duration::from_secs(1);
const WORKERS: Duration = Duration::from_secs(3);
/// How often the inventory's stream is read on.
const STREAM: Duration = Duration::from_secs(2);
/// How often reports are looked for that runs elsewhere have read.
const REPORTS: Duration = Duration::from_secs(2);

/// Keeps the records of the process that serves pages fresh.
pub(crate) async fn keep(
    records: &Records,
    trail: Option<&TrailSettings>,
    rescan: Duration,
    crl_interval: Duration,
    shutdown: CancellationToken,
) {
    let mut loops = Loops::new(records.aws.clone(), Arc::new(Pulse::silent()), shutdown);
    keep_with(&mut loops, records, rescan, trail);
    let workers = records.clone();
    loops.add("workers", WORKERS, move |_| {
        let records = workers.clone();
        async move { records.sight_workers().await }
    });
    let crls = records.clone();
    loops.add("crls", crl_interval, move |stop| {
        let records = crls.clone();
        async move { stop.run_until_cancelled(records.read_crls()).await.unwrap_or(Ok(())) }
    });
    let told = records.clone();
    loops.add("ledger", LEDGER, move |stop| {
        let records = told.clone();
        async move { stop.run_until_cancelled(records.keep_told()).await.unwrap_or(Ok(())) }
    });
    if trail.is_some() {
        let months = records.clone();
        loops.add("trail_months", months::INTERVAL, move |stop| {
            let records = months.clone();
            async move { stop.run_until_cancelled(records.keep_months()).await.unwrap_or(Ok(())) }
        });
    }
    loops.ended().await;
}

/// The same among the loops of a worker.
pub(crate) fn keep_with(
    loops: &mut Loops,
    records: &Records,
    rescan: Duration,
    trail: Option<&TrailSettings>,
) {
    let inventory = records.clone();
    loops.add("inventory", rescan, move |stop| {
        let records = inventory.clone();
        async move { stop.run_until_cancelled(records.refresh(rescan)).await.unwrap_or(Ok(())) }
    });
    let stream = records.clone();
    loops.add("stream", STREAM, move |stop| {
        let records = stream.clone();
        async move { stop.run_until_cancelled(records.follow()).await.unwrap_or(Ok(())) }
    });
    let reports = records.clone();
    loops.add("reports", REPORTS, move |stop| {
        let records = reports.clone();
        async move { stop.run_until_cancelled(records.catch_up_with_runs()).await.unwrap_or(Ok(())) }
    });
    let findings = records.clone();
    loops.add("findings", FINDINGS, move |stop| {
        let records = findings.clone();
        async move { stop.run_until_cancelled(records.keep_findings()).await.unwrap_or(Ok(())) }
    });
    if let Some(trail) = trail {
        let events = records.clone();
        loops.add("events", Rhythm::steady(trail.interval), move |stop| {
            let records = events.clone();
            async move { stop.run_until_cancelled(records.catch_up()).await.unwrap_or(Ok(())) }
        });
    }
}
