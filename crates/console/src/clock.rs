//! The one place that asks what time it is. Knows nothing of time zones or calendars: it hands out [`Timestamp`]s.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// The time now: the system's, or one that a test sets and moves. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Seconds since 1970; `None`: ask the system.
    set: Option<Arc<AtomicI64>>,
}

impl Clock {
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `now` until it is moved.
    pub fn standing_at(now: Timestamp) -> Self {
        Self { set: Some(Arc::new(AtomicI64::new(now.unix()))) }
    }

    /// Moves a standing clock forward; the system's clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Some(set) = &self.set {
            set.store(self.now().plus(by).unix(), Ordering::SeqCst);
        }
    }

    pub fn now(&self) -> Timestamp {
        let seconds = match &self.set {
            Some(set) => set.load(Ordering::SeqCst),
            None => system(),
        };
        Timestamp::from_unix(seconds).unwrap_or(Timestamp::EPOCH)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is told to ask")]
fn system() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_told_and_for_all_its_clones() {
        let clock = Clock::standing_at(Timestamp::from_unix(1_700_000_000).unwrap());
        let clone = clock.clone();
        clock.advance(Duration::from_secs(60));
        assert_eq!(clone.now().unix(), 1_700_000_060);
        let system = Clock::system();
        let before = system.now();
        system.advance(Duration::from_secs(3600));
        assert!(system.now().since(before) < Duration::from_secs(3600));
    }
}
