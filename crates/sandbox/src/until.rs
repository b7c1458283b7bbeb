//! Waiting for what others do.

use std::time::{Duration, Instant};

/// Between two looks.
const POLL: Duration = Duration::from_millis(50);

/// Asks again and again until there is something, and gives it.
///
/// # Panics
/// `what` did not come about within that time.
pub async fn until<T>(what: &str, within: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < within, "{what}: not within {} s", within.as_secs());
        tokio::time::sleep(POLL).await;
    }
}
