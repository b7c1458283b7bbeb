//! Alerts: findings that an event or a digest of the trail opens at once, before any run.
//!
//! A reader of its own goes through the ingested files in their order. Where it is, what the rules remember, the findings,
//! their ledger entries and the notifications are written in one transaction: whenever the process dies, nothing is lost and
//! nothing is raised twice. No run closes an alert; people dismiss it.

mod holes;
mod raise;
mod watch;

use std::time::Duration;

use domain::alerts::{Rules, Watched};

pub(crate) use holes::Holes;

use crate::Console;

/// How often it is looked whether there is anything new in the table.
pub(crate) const INTERVAL: Duration = Duration::from_secs(2);

impl Console {
    /// What the configuration makes an alert. `None`: there is no trail.
    fn rules(&self) -> Option<Rules> {
        let configuration = &self.configuration;
        let trail = configuration.trail.as_ref()?;
        let watched = configuration
            .authorities
            .iter()
            .map(|one| Watched { arn: one.authority.arn.clone(), report_bucket: one.report_bucket.clone() });
        Some(Rules {
            issuers: configuration.issuers.clone(),
            watched: watched.collect(),
            denied: configuration.alerts.denied,
            denied_within: configuration.alerts.denied_within,
            delay: trail.delay,
        })
    }
}
