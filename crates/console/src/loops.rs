//! Loops that run beside each other, all supervised alike: a pass that fails or panics is logged and tried again, later each
//! time; the other loops do not notice.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_aws::Aws;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::lease::Pass;
use crate::pulse::Pulse;

/// The least and the most time to wait after a failed pass; doubled with each further one.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How often it is looked whether a process has written something that others look for.
const NEWS: Duration = Duration::from_secs(1);
/// So long after the last news everything goes at its own interval.
const LIVELY: Duration = Duration::from_secs(20);
/// After that, what only news can have changed is looked at this often.
const RARELY: Duration = Duration::from_secs(10);

/// Loops that run beside each other, all supervised alike.
pub(crate) struct Loops {
    tasks: JoinSet<()>,
    pulse: Arc<Pulse>,
    news: watch::Sender<News>,
    shutdown: CancellationToken,
}

/// What was last heard.
#[derive(Clone, Copy)]
struct News {
    revision: u64,
    at: Instant,
}

impl Loops {
    /// With a loop that listens for news.
    pub fn new(aws: Aws, pulse: Arc<Pulse>, shutdown: CancellationToken) -> Self {
        let news = watch::Sender::new(News { revision: 0, at: Instant::now() });
        let mut loops = Self { tasks: JoinSet::new(), pulse, news: news.clone(), shutdown };
        loops.add("orders", Rhythm::steady(NEWS), move |_| {
            let (aws, news) = (aws.clone(), news.clone());
            async move {
                let revision = aws.wake_revision().await?;
                news.send_if_modified(|heard| {
                    let is_new = heard.revision != revision;
                    if is_new {
                        *heard = News { revision, at: Instant::now() };
                    }
                    is_new
                });
                Ok(())
            }
        });
        loops
    }

    /// One pass after the other. A pass sees to it itself that it ends soon after it is told to stop.
    pub fn add<P, F, T>(&mut self, name: &'static str, rhythm: impl Into<Rhythm>, pass: P)
    where
        P: Fn(CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
        T: Into<Pass> + Send + 'static,
    {
        let (stop, pulse) = (self.shutdown.clone(), self.pulse.clone());
        let (rhythm, news) = (rhythm.into(), self.news.subscribe());
        pulse.expects(name, rhythm.rarely);
        self.tasks.spawn(async move {
            supervise(name, rhythm, news, &pulse, stop.clone(), || pass(stop.clone())).await;
        });
    }

    pub async fn ended(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// How often a loop makes a pass: an interval, and more rarely while there is no news.
pub(crate) struct Rhythm {
    interval: Duration,
    /// The interval while there is no news.
    rarely: Duration,
    /// News is a reason for a pass by itself.
    at_once: bool,
    bell: Option<watch::Receiver<u64>>,
    /// The least and the most time to wait after a pass that failed.
    backoff: (Duration, Duration),
}

impl From<Duration> for Rhythm {
    fn from(interval: Duration) -> Self {
        Self { interval, rarely: interval.max(RARELY), at_once: false, bell: None, backoff: BACKOFF }
    }
}

impl Rhythm {
    /// A pass at once when there is news.
    pub fn woken(interval: Duration) -> Self {
        Self { at_once: true, ..interval.into() }
    }

    /// Whether there is news or not: what is looked for is not written by Countersign, or is the time.
    pub fn steady(interval: Duration) -> Self {
        Self { rarely: interval, ..interval.into() }
    }

    /// A pass at once when another loop of this process says that there is something to do.
    pub fn rung(interval: Duration, bell: watch::Receiver<u64>) -> Self {
        Self { bell: Some(bell), ..interval.into() }
    }

    /// Comes back when the next pass is due: `wait` after now, or when the interval is over.
    async fn due(&mut self, news: &mut watch::Receiver<News>, wait: Option<Duration>) {
        let since = Instant::now();
        loop {
            let is_lively = news.borrow().at.elapsed() < LIVELY;
            let wait = wait.unwrap_or(if is_lively { self.interval } else { self.rarely });
            tokio::select! {
                () = tokio::time::sleep_until(since + wait) => return,
                () = changed(Some(news)) => if self.at_once { return },
                () = changed(self.bell.as_mut()) => return,
            }
        }
    }
}

/// Comes back when there is another value; never without one.
async fn changed<T>(watched: Option<&mut watch::Receiver<T>>) {
    let is_other = match watched {
        Some(watched) => watched.changed().await.is_ok(),
        None => false,
    };
    if !is_other {
        std::future::pending().await
    }
}

/// Makes one pass after the other.
async fn supervise<P, F, T>(
    name: &'static str,
    mut rhythm: Rhythm,
    mut news: watch::Receiver<News>,
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
        let wait = match outcome {
            Ok(Pass::Done) => None,
            // Whoever holds it may die: another waits for that.
            Ok(Pass::Waiting) => Some(rhythm.interval),
            Err(_) => Some(backoff),
        };
        backoff = if outcome.is_err() { (backoff * 2).min(most) } else { least };
        if let Err(failure) = &outcome {
            tracing::error!(
                worker = name,
                retry_ms = wait.map(|wait| wait.as_millis()),
                "the {name} failed: {failure}"
            );
        }
        pulse.passed(name, outcome);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = rhythm.due(&mut news, wait) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn heard(at: Instant) -> watch::Sender<News> {
        watch::Sender::new(News { revision: 0, at })
    }

    #[tokio::test]
    async fn a_pass_that_fails_or_panics_is_made_again_and_later_each_time() {
        let passes = Arc::new(AtomicU32::new(0));
        let shutdown = CancellationToken::new();
        let (counter, stop) = (passes.clone(), shutdown.clone());
        let started = Instant::now();
        let pulse = Pulse::silent();
        let (backoff, news) = ((Duration::from_millis(100), Duration::from_secs(1)), heard(started));
        let rhythm = Rhythm { backoff, ..Duration::from_millis(400).into() };
        supervise("test", rhythm, news.subscribe(), &pulse, shutdown, move || {
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

    #[tokio::test]
    async fn what_only_news_can_have_changed_is_looked_at_rarely_until_there_is_some() {
        const INTERVAL: Duration = Duration::from_millis(50);
        const RARELY: Duration = Duration::from_secs(600);
        let news = heard(Instant::now());
        let (mut rhythm, mut hears) = (Rhythm { rarely: RARELY, ..INTERVAL.into() }, news.subscribe());
        let begun = Instant::now();
        rhythm.due(&mut hears, None).await;
        assert!(begun.elapsed() < RARELY, "news a moment ago");

        news.send_replace(News { revision: 1, at: Instant::now() - LIVELY });
        hears.mark_unchanged();
        rhythm.due(&mut hears, Some(INTERVAL)).await;
        assert!(begun.elapsed() < RARELY, "what another does is watched as ever");

        let quiet = rhythm.due(&mut hears, None);
        assert!(tokio::time::timeout(INTERVAL * 4, quiet).await.is_err(), "no news for long");
        let begun = Instant::now();
        tokio::spawn(async move {
            tokio::time::sleep(INTERVAL * 4).await;
            news.send_replace(News { revision: 2, at: Instant::now() });
            // The bell is there as long as the loops are.
            std::future::pending::<()>().await;
        });
        rhythm.due(&mut hears, None).await;
        assert!((INTERVAL * 4..RARELY).contains(&begun.elapsed()), "news in the middle");
    }
}
