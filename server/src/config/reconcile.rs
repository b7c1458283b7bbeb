//! `[reconcile]`: how records are compared, and how fresh they must be.

use std::time::Duration;

use super::section::Section;
use super::value::duration;

/// `[reconcile]`.
#[derive(Clone, Copy, Debug)]
pub struct Reconcile {
    /// Younger certificates are not judged: the two sides may not have met yet.
    pub grace: Duration,
    /// What expired longer ago and is not in the inventory is left out; `None`: nothing is.
    pub expired_after: Option<Duration>,
    /// A report younger than this is read again.
    pub report_max_age: Duration,
    /// Between two scans of the inventory.
    pub rescan: Duration,
}

/// How long a certificate may be on its way into the inventory, if nobody says otherwise.
pub const GRACE: Duration = Duration::from_secs(15 * 60);

pub(super) fn reconcile(section: Section<'_>) -> Reconcile {
    let day = Duration::from_secs(86_400);
    let read = |key: &'static str, remedy: &str, default: Duration| {
        let least = if key == "rescan" { Duration::from_secs(1) } else { Duration::ZERO };
        section.optional(key, remedy, duration(least..=day)).unwrap_or(default)
    };
    let reconcile = Reconcile {
        grace: read(
            "grace",
            "Write how long a certificate may be on its way into the inventory, such as \"15m\".",
            GRACE,
        ),
        expired_after: section.optional(
            "expired_after",
            "Write for how long a certificate may have expired to be still missed in the inventory, such as \"90d\".",
            duration(Duration::ZERO..=day * 36_500),
        ),
        report_max_age: read(
            "report_max_age",
            "Write how old a report may be to be read again, such as \"30m\"; AWS makes one in 30 minutes.",
            Duration::from_secs(30 * 60),
        ),
        rescan: read(
            "rescan",
            "Write how often the inventory is scanned, such as \"15m\".",
            Duration::from_secs(15 * 60),
        ),
    };
    section.finish();
    reconcile
}
