//! The tasks of the endpoints: started together, watched together, stopped together.

use std::future::Future;
use std::time::Duration;

use anyhow::anyhow;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long the endpoints may take to finish the requests they are answering.
const PATIENCE: Duration = Duration::from_secs(10);

/// The running endpoints. Dropping them cuts all connections.
#[derive(Default)]
pub(crate) struct Servers {
    tasks: JoinSet<anyhow::Result<()>>,
    stop: CancellationToken,
}

impl Servers {
    /// Tells an endpoint when to stop.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs an endpoint.
    pub(crate) fn spawn(&mut self, endpoint: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        self.tasks.spawn(endpoint);
    }

    /// Waits until an endpoint ends, which none should before it is told to.
    pub(crate) async fn failure(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok(Err(error))) => error,
            other => anyhow!("an endpoint stopped by itself: {other:?}"),
        }
    }

    /// Stops all endpoints.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(PATIENCE, finished).await.is_err() {
            tracing::warn!("connections that are still open are cut");
            self.tasks.shutdown().await;
        }
    }
}
