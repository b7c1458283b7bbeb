//! What the console does by itself, over and over, until it is told to stop. A pass that fails or panics is logged and
//! tried again, later each time; the other loops do not notice.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Console, Error, alerts};

/// The least and the most time to wait after a failed pass; doubled with each further one.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How often orders of other replicas are looked for; those of this one wake the executor at once.
const ORDERS: Duration = Duration::from_secs(5);
/// How often runs are looked for that another replica left behind.
const RUNS: Duration = Duration::from_secs(5);
/// How often months of the trail are looked for that somebody asked for.
const MONTHS: Duration = Duration::from_secs(5);
/// How often requests are looked at that nobody decided on.
const EXPIRY: Duration = Duration::from_secs(30);

impl Console {
    /// Works until `shutdown`: keeps the records fresh, reads the trail, raises alerts, takes up runs, executes what is
    /// approved, proves what is executed, lets requests expire. Gives back when everything that was under way has come to a
    /// point from which it can go on.
    pub async fn work(self, shutdown: CancellationToken) {
        let mut loops = JoinSet::new();
        let mut work = |name, rhythm, pass: Pass| {
            let (console, stop) = (self.at_work(), shutdown.clone());
            let pass = move || pass(console.clone(), stop.clone());
            loops.spawn(supervise(name, rhythm, shutdown.clone(), pass));
        };
        let rhythm = Rhythm { interval: ORDERS, woken: self.orders.clone(), backoff: BACKOFF };
        work("executor", rhythm, |console, stop| async move { console.execute(&stop).await }.boxed());
        let rhythm = Rhythm::every(self.configuration.revocation.crl_interval);
        work("prover", rhythm, |console, stop| async move { console.prove(&stop).await }.boxed());
        let rhythm = Rhythm::every(self.configuration.reconcile.rescan);
        work("read model", rhythm, |console, stop| {
            async move { stop.run_until_cancelled(console.refresh()).await.unwrap_or(Ok(())) }.boxed()
        });
        if let Some(trail) = &self.configuration.trail {
            work("events", Rhythm::every(trail.interval), |console, stop| {
                async move { stop.run_until_cancelled(console.catch_up_events()).await.unwrap_or(Ok(())) }
                    .boxed()
            });
            let rhythm = Rhythm::every(trail.interval);
            work("trail", rhythm, |console, stop| async move { console.ingest(&stop).await }.boxed());
            work("months of the trail", Rhythm::every(MONTHS), |console, stop| {
                async move { console.load_months(&stop).await }.boxed()
            });
            let rhythm = Rhythm::every(alerts::INTERVAL);
            work("alerts", rhythm, |console, stop| async move { console.raise_alerts(&stop).await }.boxed());
        }
        work("runs", Rhythm::every(RUNS), |console, _| async move { console.resume_runs().await }.boxed());
        work("expiry", Rhythm::every(EXPIRY), |console, _| async move { console.expire().await }.boxed());
        while loops.join_next().await.is_some() {}
    }
}

/// One pass of a loop. Sees to it itself that it ends soon after it is told to stop.
type Pass = fn(Console, CancellationToken) -> BoxFuture<'static, Result<(), Error>>;

/// When the next pass is made.
struct Rhythm {
    interval: Duration,
    /// Cuts the interval short.
    woken: Arc<Notify>,
    /// The least and the most time to wait after a pass that failed.
    backoff: (Duration, Duration),
}

impl Rhythm {
    fn every(interval: Duration) -> Self {
        Self { interval, woken: Arc::default(), backoff: BACKOFF }
    }
}

/// Makes one pass after the other.
async fn supervise<P, F>(name: &'static str, rhythm: Rhythm, shutdown: CancellationToken, pass: P)
where
    P: Fn() -> F,
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (least, most) = rhythm.backoff;
    let mut backoff = least;
    while !shutdown.is_cancelled() {
        let failure = match tokio::spawn(pass()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.trace()),
            Err(error) => Some(error.to_string()),
        };
        let failed = failure.is_some();
        let wait = if failed { backoff } else { rhythm.interval };
        backoff = if failed { (backoff * 2).min(most) } else { least };
        if let Some(failure) = failure {
            tracing::error!(worker = name, retry_ms = wait.as_millis(), "the {name} failed: {failure}");
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
            () = rhythm.woken.notified(), if !failed => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Instant;

    use super::*;

    fn rhythm(interval: Duration) -> Rhythm {
        let backoff = (Duration::from_millis(100), Duration::from_secs(1));
        Rhythm { interval, woken: Arc::default(), backoff }
    }

    #[tokio::test]
    async fn a_pass_that_fails_or_panics_is_made_again_and_later_each_time() {
        let passes = Arc::new(AtomicU32::new(0));
        let shutdown = CancellationToken::new();
        let (counter, stop) = (passes.clone(), shutdown.clone());
        let started = Instant::now();
        supervise("test", rhythm(Duration::from_millis(400)), shutdown, move || {
            let (counter, stop) = (counter.clone(), stop.clone());
            async move {
                match counter.fetch_add(1, Ordering::SeqCst) {
                    0 => panic!("a bug"),
                    1 => return Err(Error::Conflict("bad luck".to_owned())),
                    2 => {}
                    _ => stop.cancel(),
                }
                Ok(())
            }
        })
        .await;
        assert_eq!(passes.load(Ordering::SeqCst), 4);
        assert!(started.elapsed() >= Duration::from_millis(100 + 200 + 400));
    }

    #[tokio::test]
    async fn a_wake_up_cuts_the_wait_short() {
        let shutdown = CancellationToken::new();
        let rhythm = rhythm(Duration::from_secs(3600));
        let (again, stop) = (rhythm.woken.clone(), shutdown.clone());
        let passes = AtomicU32::new(0);
        supervise("test", rhythm, shutdown, || {
            if passes.fetch_add(1, Ordering::SeqCst) == 1 {
                stop.cancel();
            }
            again.notify_one();
            async { Ok(()) }
        })
        .await;
        assert_eq!(passes.load(Ordering::SeqCst), 2);
    }
}
