//! What the server itself writes into the ledger: who came and went, and what was refused before a verb was reached.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use console::Clock;
use console::journal::Refusals;
use countersign_aws::Aws;
use domain::ledger::{Action, Body, Object, Who};
use domain::{Actor, PersonId, Timestamp};

/// How many entries strangers can cause in a minute. The log has the others: a flood must not drown the ledger.
const STRANGERS: u32 = 30;
const WINDOW: Duration = Duration::from_secs(60);

/// Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    aws: Aws,
    clock: Clock,
    refusals: Refusals,
    strangers: Arc<Mutex<Budget>>,
}

impl Journal {
    pub fn new(aws: Aws, clock: Clock, refusals: Refusals) -> Self {
        Self { aws, clock, refusals, strangers: Arc::default() }
    }

    /// Records what somebody signed in was refused before a verb was reached.
    pub async fn refused(&self, actor: &Actor, route: Object, why: &str) {
        let body = Body::new(self.clock.now(), who(actor), Action::Refused, route);
        self.refusals.tell(body.with("detail", why)).await;
    }

    /// Records what somebody signed in did. `detail` may be empty.
    ///
    /// # Errors
    /// The ledger cannot be written: then what was asked for must not happen either.
    pub async fn person(
        &self,
        actor: &Actor,
        action: Action,
        object: Object,
        detail: &str,
    ) -> Result<(), countersign_aws::Error> {
        self.write(Body::new(self.clock.now(), who(actor), action, object), detail).await
    }

    /// Records what somebody unknown was refused, unless strangers have filled the ledger enough for the moment; the
    /// next entry then says how many are missing.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn stranger(
        &self,
        action: Action,
        object: Object,
        detail: &str,
    ) -> Result<(), countersign_aws::Error> {
        metrics::counter!("countersign_refusals_total", "by" => "stranger").increment(1);
        let now = self.clock.now();
        let granted = self.strangers.lock().unwrap_or_else(PoisonError::into_inner).take(now);
        let Some(missing) = granted else { return Ok(()) };
        let mut body = Body::new(now, Who::Stranger, action, object);
        if missing > 0 {
            body = body.with("left_out_before", missing);
        }
        self.write(body, detail).await
    }

    /// Records that the identity provider ended somebody's sessions.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn provider_signed_out(
        &self,
        person: &PersonId,
        sessions: usize,
    ) -> Result<(), countersign_aws::Error> {
        let who = Who::System { part: "identity provider".to_owned() };
        let body = Body::new(self.clock.now(), who, Action::SignedOut, Object::Session);
        self.write(body.with("person", person).with("sessions", sessions), "").await
    }

    async fn write(&self, body: Body, detail: &str) -> Result<(), countersign_aws::Error> {
        let body = if detail.is_empty() { body } else { body.with("detail", detail) };
        self.aws.commit(Vec::new(), &body).await.map(drop)
    }
}

fn who(actor: &Actor) -> Who {
    Who::Person { person: actor.person.clone(), roles: actor.roles.iter().copied().collect() }
}

/// Counts entries in a window of time.
#[derive(Default)]
struct Budget {
    since: Option<Timestamp>,
    taken: u32,
    missing: u64,
}

impl Budget {
    /// Takes one, and says how many were refused since the last. `None`: this one is refused too.
    fn take(&mut self, now: Timestamp) -> Option<u64> {
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
