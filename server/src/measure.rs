//! Metrics in Prometheus' text format. Who measures says so where it happens, with the macros of `metrics`; every name
//! is in the table of docs/OPERATING.md, which a test holds against what is measured.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::Timestamp;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The same of the trail's lag: CloudTrail delivers within minutes, and the first reading goes back for months.
const LAG: (&str, [f64; 8]) =
    ("countersign_trail_lag_seconds", [60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 86_400.0]);
/// How often what was measured is put together, so that it does not pile up when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// To be called once, by the `process` of this name, before anything is measured.
///
/// # Errors
/// It was called before.
pub fn start(
    process: &'static str,
    now: Timestamp,
    stop: CancellationToken,
) -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?;
    let handle =
        handle.set_buckets_for_metric(Matcher::Full(LAG.0.to_owned()), &LAG.1)?.install_recorder()?;
    let version = env!("CARGO_PKG_VERSION");
    gauge!("countersign_build_info", "version" => version, "process" => process).set(1.0);
    // The name that every Prometheus client gives it.
    gauge!("process_start_time_seconds").set(now.since(Timestamp::EPOCH));
    let kept = handle.clone();
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    }));
    Ok(handle)
}

/// A request was answered. `route`: the template that it matched.
pub fn answered(route: &str, method: &Method, status: StatusCode, took: Duration) {
    // A stranger chooses the method: each would be a series of its own.
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    };
    let route = route.to_owned();
    let status = status.as_u16().to_string();
    counter!("countersign_http_requests_total", "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    histogram!("countersign_http_request_duration_seconds", "route" => route, "method" => method)
        .record(took);
}
