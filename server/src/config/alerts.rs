//! `[alerts]`: what is worth an alert.

use std::time::Duration;

use super::section::Section;
use super::value::{duration, number};

/// `[alerts]`.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// So many refused issuances by one identity…
    pub denied: u32,
    /// …within this time are an alert.
    pub denied_within: Duration,
    /// So many certificates issued for one identity…
    pub burst: u32,
    /// …within this time are an alert.
    pub burst_within: Duration,
}

pub(super) fn alerts(section: Section<'_>) -> Alerts {
    const DENIED: &str = "Write how many refused issuances are an alert, between 1 and 1000.";
    const BURST: &str = "Write how many certificates for one identity are an alert, between 2 and 200.";
    const WITHIN: &str = "Write within what time, such as \"10m\".";
    let minute = Duration::from_secs(60);
    let denied = section.optional("denied", DENIED, number(1..=1000));
    let within = section.optional("denied_within", WITHIN, duration(minute..=1440 * minute));
    let burst = section.optional("burst", BURST, number(2..=200));
    let burst_within = section.optional("burst_within", WITHIN, duration(minute..=1440 * minute));
    section.finish();
    Alerts {
        denied: denied.unwrap_or(5),
        denied_within: within.unwrap_or(10 * minute),
        burst: burst.unwrap_or(100),
        burst_within: burst_within.unwrap_or(10 * minute),
    }
}
