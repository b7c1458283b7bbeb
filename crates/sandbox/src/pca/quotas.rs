//! Requests a second for each operation, held by one token bucket each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::error::ApiError;
use super::stamp::Stamp;

/// Requests a second for each operation of the account and Region. The default is what AWS grants
/// (Service Quotas, August 2022); a bucket holds one second's worth.
#[derive(Clone, Debug)]
pub struct Quotas {
    rates: HashMap<String, u32>,
    /// For operations without a rate of their own. `None`: no limit.
    other: Option<u32>,
}

const AWS_RATES: [(&str, u32); 9] = [
    ("CreateCertificateAuthority", 1),
    ("CreateCertificateAuthorityAuditReport", 1),
    ("GetCertificate", 75),
    ("GetCertificateAuthorityCsr", 10),
    ("GetPolicy", 5),
    ("ImportCertificateAuthorityCertificate", 10),
    ("IssueCertificate", 25),
    ("ListPermissions", 5),
    ("UpdateCertificateAuthority", 10),
];

/// Most reading operations, and RevokeCertificate.
const AWS_OTHER: u32 = 20;

impl Default for Quotas {
    fn default() -> Self {
        let rates = AWS_RATES.iter().map(|(name, rate)| ((*name).to_owned(), *rate)).collect();
        Self { rates, other: Some(AWS_OTHER) }
    }
}

impl Quotas {
    /// No throttling at all.
    pub fn unlimited() -> Self {
        Self { rates: HashMap::new(), other: None }
    }

    /// The same, with another rate for one operation.
    #[must_use]
    pub fn with(mut self, operation: &str, per_second: u32) -> Self {
        self.rates.insert(operation.to_owned(), per_second);
        self
    }

    fn rate(&self, operation: &str) -> Option<u32> {
        self.rates.get(operation).copied().or(self.other)
    }
}

/// The state of throttling; lost at a restart, as nobody could tell.
pub struct Buckets(Mutex<State>);

struct State {
    quotas: Quotas,
    /// What is left, and when it was counted, by operation.
    left: HashMap<String, (f64, Stamp)>,
}

impl Buckets {
    pub fn new(quotas: Quotas) -> Self {
        Self(Mutex::new(State { quotas, left: HashMap::new() }))
    }

    pub fn set(&self, quotas: Quotas) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State { quotas, left: HashMap::new() };
    }

    /// Takes one request out of the operation's bucket, or refuses.
    pub fn take(&self, operation: &str, now: Stamp) -> Result<(), ApiError> {
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(rate) = state.quotas.rate(operation).map(f64::from) else { return Ok(()) };
        let (left, counted) = state.left.entry(operation.to_owned()).or_insert((rate, now));
        *left = (*left + now.since(*counted).as_secs_f64() * rate).min(rate);
        *counted = now;
        if *left < 1.0 {
            return Err(ApiError::throttled("Rate exceeded"));
        }
        *left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_holds_one_second_and_refills() {
        let buckets = Buckets::new(Quotas::default());
        let start = Stamp::from(time::macros::datetime!(2026-01-01 0:00 UTC));
        let granted = |at| (0..100).filter(|_| buckets.take("RevokeCertificate", at).is_ok()).count();
        assert_eq!(granted(start), 20);
        let later = start.plus(Duration::from_millis(250));
        assert_eq!(granted(later), 5);
        assert_eq!(granted(later.plus(Duration::from_secs(60))), 20, "no more than one second's worth");
    }

    #[test]
    fn operations_do_not_share_a_bucket_and_rates_can_change() {
        let buckets = Buckets::new(Quotas::default());
        let now = Stamp::from(time::macros::datetime!(2026-01-01 0:00 UTC));
        let granted = |name: &str| (0..3000).filter(|_| buckets.take(name, now).is_ok()).count();
        assert_eq!(granted("IssueCertificate"), 25);
        assert_eq!(granted("GetCertificate"), 75);
        buckets.set(Quotas::default().with("IssueCertificate", 2000));
        assert_eq!(granted("IssueCertificate"), 2000);
        buckets.set(Quotas::unlimited());
        assert_eq!(granted("IssueCertificate"), 3000);
    }
}
