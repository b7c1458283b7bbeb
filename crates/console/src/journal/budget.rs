//! How much of the ledger strangers may fill: a flood must not drown it. The log has the rest.

use std::time::Duration;

use domain::Timestamp;

/// How many entries strangers can cause in a minute.
const STRANGERS: u32 = 30;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts entries in a window of time.
#[derive(Default)]
pub(super) struct Budget {
    since: Option<Timestamp>,
    taken: u32,
    missing: u64,
}

impl Budget {
    /// Takes one, and says how many were refused since the last. `None`: this one is refused too.
    pub fn take(&mut self, now: Timestamp) -> Option<u64> {
        if self.since.is_none_or(|since| now.since(since) >= WINDOW) {
            (self.since, self.taken) = (Some(now), 0);
        }
        if self.taken >= STRANGERS {
            self.missing += 1;
            return None;
        }
        self.taken += 1;
        Some(std::mem::take(&mut self.missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_leaves_room_and_is_counted() {
        let mut budget = Budget::default();
        let start = Timestamp::from_unix(1_700_000_000).unwrap();
        let granted = (0..100).filter(|_| budget.take(start).is_some()).count();
        assert_eq!(granted, 30);
        assert_eq!(budget.take(start.plus(Duration::from_secs(59))), None);
        assert_eq!(budget.take(start.plus(WINDOW)), Some(71));
        assert_eq!(budget.take(start.plus(WINDOW)), Some(0));
    }
}
