//! What happens without being asked: reports are written and CRLs published when their time has come.
//!
//! Both loops look at the state, not at messages, so a restart or a moved clock changes nothing for them.

mod crls;
mod report;
mod reports;
mod upload;

use std::time::Duration;

use super::Pca;

/// The least and the most time that a due task may go unnoticed.
const LOOK: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Between two attempts to reach an S3 endpoint that does not answer.
const REST: Duration = Duration::from_secs(1);

/// Writes each report that is due, one after another, for ever.
pub async fn write_reports(pca: Pca) {
    loop {
        let rest = match reports::write_due(&pca).await {
            Ok(()) => look(pca.options().report_delay),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "an audit report has to wait");
                REST
            }
        };
        tokio::time::sleep(rest).await;
    }
}

/// Publishes each CRL that is due, one after another, for ever.
pub async fn publish_crls(pca: Pca) {
    loop {
        let rest = match crls::publish_due(&pca).await {
            Ok(()) => look(pca.options().crl_delay),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "CRLs have to wait");
                REST
            }
        };
        pca.0.looks.send_modify(|looks| *looks += 1);
        tokio::time::sleep(rest).await;
    }
}

/// How long to rest between two looks: little of the time that the thing itself takes, so that idleness costs little.
fn look(delay: Duration) -> Duration {
    (delay / 10).clamp(LOOK.0, LOOK.1)
}

/// Runs `work`, which signs or reads SQLite, on a thread that may block.
async fn blocking<T: Send + 'static>(
    pca: &Pca,
    work: impl FnOnce(&Pca) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let pca = pca.clone();
    tokio::task::spawn_blocking(move || work(&pca)).await?
}
