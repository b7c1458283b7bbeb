//! What becomes of one notice at one channel.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// After a failure it is waited so long, and twice as long after each further one, up to the second.
const WAITS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3600));
/// A delivery is given up so long after it was first due.
pub const GIVEN_UP: Duration = Duration::from_secs(24 * 3600);

/// What became of telling a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The channel's name.
    pub channel: String,
    /// Its host: never the whole address.
    pub to: String,
    /// When it is first to be delivered: at once, or with the next digest.
    pub due_at: Timestamp,
    /// It goes with others, in one message.
    pub digest: bool,
    /// How often it was tried to deliver it, also without success.
    pub attempts: u32,
    /// When the channel took it; `None`: not yet.
    pub delivered_at: Option<Timestamp>,
    /// When it is tried next; `None`: it is delivered, or given up.
    pub next_attempt: Option<Timestamp>,
    /// What went wrong the last time.
    pub problem: Option<String>,
}

impl Delivery {
    /// One that is tried at `due_at` first.
    pub fn new(channel: &str, to: &str, due_at: Timestamp, digest: bool) -> Self {
        Self {
            channel: channel.to_owned(),
            to: to.to_owned(),
            due_at,
            digest,
            attempts: 0,
            delivered_at: None,
            next_attempt: Some(due_at),
            problem: None,
        }
    }

    /// After an attempt with this outcome.
    #[must_use]
    pub fn after(mut self, outcome: Result<(), String>, now: Timestamp) -> Self {
        let wait = WAITS.0.saturating_mul(2_u32.saturating_pow(self.attempts)).min(WAITS.1);
        self.attempts = self.attempts.saturating_add(1);
        (self.delivered_at, self.next_attempt, self.problem) = match outcome {
            Ok(()) => (Some(now), None, None),
            Err(problem) => {
                let next = now.plus(wait);
                (None, (next.since(self.due_at) < GIVEN_UP).then_some(next), Some(problem))
            }
        };
        self
    }

    /// Whether it was not taken, and is not tried any more.
    pub fn is_given_up(&self) -> bool {
        self.delivered_at.is_none() && self.next_attempt.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_after_a_day_it_is_given_up() {
        let start = Timestamp::from_unix(1_700_000_000).unwrap();
        let mut delivery = Delivery::new("on-call", "hooks.example.com", start, false);
        let (mut now, mut longest) = (start, 0);
        while let Some(next) = delivery.next_attempt {
            longest = longest.max(next.since(now).as_secs());
            now = next;
            delivery = delivery.after(Err("No.".to_owned()), now);
        }
        assert_eq!(longest, 3600);
        let given_up = now.since(start).as_secs();
        assert!((23 * 3600..24 * 3600).contains(&given_up), "{given_up}");
        assert!(delivery.is_given_up());
        assert!((20..50).contains(&delivery.attempts), "{}", delivery.attempts);
        let taken = Delivery::new("on-call", "h", start, false).after(Ok(()), now);
        assert!(!taken.is_given_up() && taken.delivered_at == Some(now));
    }
}
