//! Trying again: what AWS may answer better the next time, and writes that somebody else was faster at.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use countersign_aws::{Error as AwsError, Thing};

/// How often a write is tried again that somebody else was faster at; each time after reading again.
const RACES: u32 = 8;

/// Makes a call that may be made again, until it is answered for good: six times, within about a minute.
pub(crate) async fn patiently<T, F>(call: impl FnMut() -> F) -> Result<T, AwsError>
where
    F: Future<Output = Result<T, AwsError>>,
{
    let waits = ExponentialBuilder::default().with_min_delay(Duration::from_secs(1)).with_max_times(6);
    call.retry(waits)
        .when(AwsError::is_transient)
        .notify(|error, wait| tracing::warn!(retry_ms = wait.as_millis(), "AWS is asked again: {error}"))
        .await
}

/// Reads, decides and writes again for as long as `raced` says that somebody else was faster; eight times at most.
///
/// # Errors
/// That of the last try.
pub(crate) async fn unless_raced<T, E, F>(
    raced: impl Fn(&E) -> bool,
    mut write: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut tries = 1;
    loop {
        match write().await {
            Err(error) if tries < RACES && raced(&error) => tries += 1,
            done => return done,
        }
    }
}

/// Somebody else has changed a finding meanwhile.
pub(crate) fn finding_changed(error: &AwsError) -> bool {
    matches!(error, AwsError::Conflict { what: Thing::Finding, .. })
}
