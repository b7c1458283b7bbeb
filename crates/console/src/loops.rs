//! Loops that run beside each other, all supervised alike: a pass that fails or panics is logged and tried again, later each
//! time; the other loops do not notice.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::lease::Pass;
use crate::pulse::Pulse;

/// The least and the most time to wait after a failed pass; doubled with each further one.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Loops that run beside each other, all supervised alike.
pub(crate) struct Loops {
    tasks: JoinSet<()>,
    pulse: Arc<Pulse>,
    pub woken: Arc<Orders>,
    shutdown: CancellationToken,
}

impl Loops {
    pub fn new(pulse: Arc<Pulse>, shutdown: CancellationToken) -> Self {
        Self { tasks: JoinSet::new(), pulse, woken: Arc::default(), shutdown }
    }

    /// One pass after the other, `interval` apart. A pass sees to it itself that it ends soon after it is told to stop.
    pub fn add<P, F, T>(&mut self, name: &'static str, interval: Duration, pass: P)
    where
        P: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Into<Pass> + Send + 'static,
    {
        self.spawn(name, Rhythm { interval, woken: None, backoff: BACKOFF }, pass);
    }

    /// The same, and at once when something is ordered.
    pub fn add_woken<P, F, T>(&mut self, name: &'static str, interval: Duration, pass: P)
    where
        P: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Into<Pass> + Send + 'static,
    {
        let woken = Some(self.woken.revision.subscribe());
        self.spawn(name, Rhythm { interval, woken, backoff: BACKOFF }, pass);
    }

    /// The same, and at once when another loop of this process says that there is something to do.
    pub fn add_rung<P, F, T>(
        &mut self,
        name: &'static str,
        interval: Duration,
        bell: watch::Receiver<u64>,
        pass: P,
    ) where
        P: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Into<Pass> + Send + 'static,
    {
        self.spawn(name, Rhythm { interval, woken: Some(bell), backoff: BACKOFF }, pass);
    }

    fn spawn<P, F, T>(&mut self, name: &'static str, rhythm: Rhythm, pass: P)
    where
        P: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Into<Pass> + Send + 'static,
    {
        let (stop, pulse) = (self.shutdown.clone(), self.pulse.clone());
        pulse.expects(name, rhythm.interval);
        self.tasks
            .spawn(async move { supervise(name, rhythm, &pulse, stop.clone(), || pass(stop.clone())).await });
    }

    pub async fn ended(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// The counter of orders, as it was last seen.
pub(crate) struct Orders {
    revision: watch::Sender<u64>,
}

impl Default for Orders {
    fn default() -> Self {
        Self { revision: watch::Sender::new(0) }
    }
}

impl Orders {
    /// Looks whether something was ordered since.
    pub async fn look(&self, aws: &Aws) -> Result<(), Error> {
        let revision = aws.wake_revision().await?;
        self.revision.send_if_modified(|seen| std::mem::replace(seen, revision) != revision);
        Ok(())
    }
}

/// When the next pass is made.
struct Rhythm {
    interval: Duration,
    /// Cuts the interval short.
    woken: Option<watch::Receiver<u64>>,
    /// The least and the most time to wait after a pass that failed.
    backoff: (Duration, Duration),
}

impl Rhythm {
    /// Comes back when something is ordered; never without orders.
    async fn woken(&mut self) {
        let is_woken = match &mut self.woken {
            Some(woken) => woken.changed().await.is_ok(),
            None => false,
        };
        if !is_woken {
            std::future::pending().await
        }
    }
}

/// Makes one pass after the other.
async fn supervise<P, F, T>(
    name: &'static str,
    mut rhythm: Rhythm,
    pulse: &Pulse,
    shutdown: CancellationToken,
    pass: P,
) where
    P: Fn() -> F,
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Into<Pass> + Send + 'static,
{
    let (least, most) = rhythm.backoff;
    let mut backoff = least;
    while !shutdown.is_cancelled() {
        let outcome = match tokio::spawn(pass()).await {
            Ok(Ok(done)) => Ok(done.into()),
            Ok(Err(error)) => Err(error.trace()),
            Err(error) => Err(error.to_string()),
        };
        let failed = outcome.is_err();
        let wait = if failed { backoff } else { rhythm.interval };
        backoff = if failed { (backoff * 2).min(most) } else { least };
        if let Err(failure) = &outcome {
            tracing::error!(worker = name, retry_ms = wait.as_millis(), "the {name} failed: {failure}");
        }
        pulse.passed(name, outcome);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
            () = rhythm.woken() => {}
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
        Rhythm { interval, woken: None, backoff }
    }

    #[tokio::test]
    async fn a_pass_that_fails_or_panics_is_made_again_and_later_each_time() {
        let passes = Arc::new(AtomicU32::new(0));
        let shutdown = CancellationToken::new();
        let (counter, stop) = (passes.clone(), shutdown.clone());
        let started = Instant::now();
        let pulse = Pulse::silent();
        supervise("test", rhythm(Duration::from_millis(400)), &pulse, shutdown, move || {
            let (counter, stop) = (counter.clone(), stop.clone());
            async move {
                match counter.fetch_add(1, Ordering::SeqCst) {
                    0 => panic!("a bug"),
                    1 => return Err(Error::Conflict("bad luck".to_owned())),
                    2 => {}
                    _ => stop.cancel(),
                }
                Ok(Pass::Done)
            }
        })
        .await;
        assert_eq!(passes.load(Ordering::SeqCst), 4);
        assert!(started.elapsed() >= Duration::from_millis(100 + 200 + 400));
    }
}
