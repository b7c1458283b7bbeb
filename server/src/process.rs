//! What `serve` and `work` share: how a process starts, and how it ends when it is asked to.

use std::time::Duration;

use anyhow::Context;
use console::Clock;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use countersign_aws::Aws;

use crate::config::Config;
use crate::measure;

/// How long requests and work that are under way may take after the program was asked to stop. Whatever is not done
/// then is taken up at the next start.
const STOP: Duration = Duration::from_secs(8);

/// Which of the two it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Serve,
    Work,
}

impl Kind {
    /// The command's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Work => "work",
        }
    }
}

/// What both are made of.
pub struct Process {
    pub config: Config,
    pub clock: Clock,
    pub metrics: PrometheusHandle,
    /// Cancelled when the process is asked to stop.
    pub stop: CancellationToken,
}

impl Process {
    /// # Errors
    /// Something is not there that it needs on this machine; AWS is not asked.
    pub fn start(config: Config, kind: Kind) -> anyhow::Result<Self> {
        let stop = stop_when_asked()?;
        let clock = Clock::system();
        let metrics = measure::start(kind.name(), clock.now(), stop.clone())?;
        Ok(Self { config, clock, metrics, stop })
    }

    /// Has the ledger tell what this start has changed. `kind`: the command.
    pub fn tell_configuration(&self, aws: Aws, kind: Kind) {
        let (config, clock, stop) = (self.config.clone(), self.clock.clone(), self.stop.clone());
        tokio::spawn(async move {
            let what = (&config.policy, &config.roles, config.revocation.mode, &config.issuers);
            console::tell_configuration(aws, clock, kind.name(), what, stop).await;
        });
    }

    /// Does `all` to its end, or to the moment when the process has been asked to stop long enough.
    pub async fn until_stopped(&self, all: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
        let overdue = async {
            self.stop.cancelled().await;
            tokio::time::sleep(STOP).await;
        };
        tokio::select! {
            ended = all => return ended,
            () = overdue => tracing::warn!("stopped with work under way; the next start takes it up"),
        }
        Ok(())
    }
}

/// A line that programs which start this one wait for.
pub fn say(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Cancelled when the process is asked to stop, from the moment this returns: whoever is told that the program is ready
/// may end it at once.
fn stop_when_asked() -> anyhow::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to stop");
        asked.cancel();
    });
    Ok(stop)
}
