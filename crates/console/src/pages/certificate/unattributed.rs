//! Why the trail does not say who had a certificate issued.

use domain::reconcile::vouches;
use domain::views::NoIssuance;
use domain::{AuthorityArn, Timestamp};

use crate::Console;

impl Console {
    /// For a certificate without an event of its issuance.
    pub(super) fn no_issuance(&self, authority: &AuthorityArn, issued_at: Option<Timestamp>) -> NoIssuance {
        let Some(trail) = &self.configuration.trail else { return NoIssuance::NoTrail };
        let Some(issued_at) = issued_at else { return NoIssuance::NotProven };
        let coverage = self.records.coverage_of(authority.account(), authority.region());
        let since = coverage.spans().first().map(|span| span.from);
        if self.clock.now().since(issued_at) < trail.delay {
            return NoIssuance::OnItsWay;
        }
        match since {
            Some(since) if issued_at < since => NoIssuance::Earlier { since },
            _ if vouches(&coverage, trail.delay, issued_at) => NoIssuance::Missing,
            _ => NoIssuance::NotProven,
        }
    }
}
