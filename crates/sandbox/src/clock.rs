//! The sandbox's one source of time. Everything else takes a `Clock`, so that a test can move it, and so that
//! a fleet that is made in seconds can have been issued over months.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;

/// The system's time in UTC, plus what it was moved by. Clones move together.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    shift_millis: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows the system's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// Now, in UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock of the sandbox")]
    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + time::Duration::milliseconds(self.shift_millis.load(Ordering::Relaxed))
    }

    /// Moves this clock, and every clone of it, forward.
    pub fn advance(&self, by: Duration) {
        self.shift_millis.fetch_add(millis(by), Ordering::Relaxed);
    }

    /// Moves this clock, and every clone of it, back.
    pub(crate) fn rewind(&self, by: Duration) {
        self.shift_millis.fetch_sub(millis(by), Ordering::Relaxed);
    }
}

/// ISO 8601 in UTC, to the second, as the inventory and the trail have it.
pub(crate) fn iso(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // Formatting a date in memory fails for no date that a certificate can have.
    time.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
