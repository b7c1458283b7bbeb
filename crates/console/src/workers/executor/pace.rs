//! When the next call may be made: the bucket over all requests, and patience with whoever does not answer as hoped.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use domain::AuthorityArn;
use tokio::time::{Instant, sleep_until};

use crate::lock::lock;

/// The least and the most time to wait after something went wrong; doubled each time.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How much of the rate can be caught up on after a moment in which no call was ready. AWS's buckets hold a second's worth.
const CATCH_UP: Duration = Duration::from_millis(250);

/// The calls of all requests, spread evenly over time.
pub(super) struct Pace {
    period: Duration,
    /// When the last call that was granted is due.
    last: Mutex<Instant>,
    patience: Mutex<HashMap<AuthorityArn, Patience>>,
}

/// How long one waits for something that went wrong, maybe repeatedly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub until: Instant,
    wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { until: Instant::now(), wait: Duration::ZERO }
    }
}

impl Patience {
    /// It went wrong again. What was begun before the last wait was over says nothing new.
    pub fn wait_longer(&mut self, now: Instant) {
        if now < self.until {
            return;
        }
        self.wait = (self.wait * 2).clamp(WAITS.0, WAITS.1);
        self.until = now + self.wait;
    }

    /// Whether it has gone wrong again and again.
    pub fn is_at_its_end(&self) -> bool {
        self.wait == WAITS.1
    }
}

impl Pace {
    /// `rate`: calls a second.
    pub fn new(rate: u32) -> Self {
        let period = Duration::from_secs(1) / rate.max(1);
        Self { period, last: Mutex::new(Instant::now()), patience: Mutex::default() }
    }

    /// Waits until a call to this authority may be made. Requests take turns in the order in which they ask.
    pub async fn turn(&self, authority: &AuthorityArn) {
        while let Some(until) = self.waits(authority) {
            sleep_until(until).await;
        }
        let due = self.grant(Instant::now());
        sleep_until(due).await;
    }

    fn waits(&self, authority: &AuthorityArn) -> Option<Instant> {
        lock(&self.patience).get(authority).map(|one| one.until).filter(|until| *until > Instant::now())
    }

    fn grant(&self, now: Instant) -> Instant {
        let mut last = lock(&self.last);
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        *last = (*last).max(earliest) + self.period;
        *last
    }

    /// The authority has answered.
    pub fn well(&self, authority: &AuthorityArn) {
        lock(&self.patience).remove(authority);
    }

    /// It has not, or not as hoped. Gives back whether that has been so for long.
    pub fn slower(&self, authority: &AuthorityArn) -> bool {
        let mut patience = lock(&self.patience);
        let one = patience.entry(authority.clone()).or_default();
        one.wait_longer(Instant::now());
        one.is_at_its_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(id: u32) -> AuthorityArn {
        format!("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/{id}").parse().unwrap()
    }

    /// When the last of so many calls is granted that are asked for one after the other from `now` on.
    fn last(pace: &Pace, calls: u32, mut now: Instant) -> Instant {
        for _ in 0..calls {
            now = now.max(pace.grant(now));
        }
        now
    }

    #[test]
    fn the_rate_is_held_and_a_short_delay_caught_up_on() {
        let pace = Pace::new(20);
        let start = *lock(&pace.last);
        let after = |seconds: f64| start + Duration::from_secs_f64(seconds);
        assert_eq!(last(&pace, 100, start), after(5.0));
        assert_eq!(last(&pace, 100, after(5.2)), after(10.0), "a short delay is caught up on");
        assert_eq!(last(&pace, 100, after(60.0)), after(64.75), "a long one but little");
    }

    #[test]
    fn one_authority_waits_without_the_others_and_longer_each_time() {
        let pace = Pace::new(20);
        assert!(!pace.slower(&authority(1)));
        assert!(pace.waits(&authority(1)).is_some());
        assert!(pace.waits(&authority(2)).is_none());
        pace.well(&authority(1));
        assert!(pace.waits(&authority(1)).is_none());

        let (mut patience, start) = (Patience::default(), Instant::now());
        let (mut now, mut waits) = (start, Vec::new());
        while !patience.is_at_its_end() {
            patience.wait_longer(now);
            // Others that were under way fail with it: that is one failure.
            patience.wait_longer(now);
            waits.push(patience.until.duration_since(now).as_secs());
            now = patience.until;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30]);
    }
}
