//! Waiting for what others do.

use std::time::{Duration, Instant};

/// Between two looks.
const POLL: Duration = Duration::from_millis(50);

/// As long as a test waits for anything: far longer than it takes on a busy machine of two cores, for what is waited for is never its speed.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// Asks again and again until there is something, and gives it.
///
/// # Panics
/// `what` did not come about within [`PATIENCE`].
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    until_within(what, PATIENCE, ask).await
}

/// The same for what takes longer.
///
/// # Panics
/// `what` did not come about within that time.
pub async fn until_within<T>(what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < within, "{what}: not within {} s", within.as_secs());
        tokio::time::sleep(POLL).await;
    }
}
