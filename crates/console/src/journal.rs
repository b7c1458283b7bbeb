//! The only writer of ledger entries: what people, the system and strangers did, together with the changes that they tell
//! of.

mod budget;
mod fold;
mod subjects;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use budget::Budget;
use countersign_aws::{Aws, Change, Error as AwsError, Part, With};
use domain::ledger::{Action, Body, Object, Who};
use domain::{Actor, PersonId};
use tokio_util::sync::CancellationToken;

use crate::lock::lock;
use crate::{Clock, Error};
use fold::Fold;
pub(crate) use subjects::with_subjects;

/// How often is looked for minutes of refusals that are over.
const INTERVAL: Duration = Duration::from_secs(5);

/// Writes into the ledger. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    aws: Aws,
    clock: Clock,
    strangers: Arc<Mutex<Budget>>,
    /// The refusals of people who are signed in, folded by person and minute.
    refusals: Arc<Mutex<Fold>>,
}

impl Journal {
    pub fn new(aws: Aws, clock: Clock) -> Self {
        Self { aws, clock, strangers: Arc::default(), refusals: Arc::default() }
    }

    /// The beginning of an entry: somebody does something now.
    pub(crate) fn told(&self, who: Who, action: Action, object: Object) -> Body {
        Body::new(self.clock.now(), who, action, object)
    }

    /// Does all changes and appends the entry, or does nothing.
    ///
    /// # Errors
    /// [`AwsError::Conflict`] names the first change whose condition does not hold.
    pub(crate) async fn commit(&self, changes: Vec<Change>, body: &Body) -> Result<(), AwsError> {
        self.aws.commit(changes, body).await
    }

    /// The same with an entry for each of `bodies`.
    ///
    /// # Errors
    /// As [`Journal::commit`].
    pub(crate) async fn commit_all(&self, changes: Vec<Change>, bodies: &[Body]) -> Result<(), AwsError> {
        match bodies.split_first() {
            Some((body, more)) => self.aws.commit_all(changes, body, more).await,
            None => self.pass_over(&changes).await,
        }
    }

    /// Does all changes, of which there is nothing to tell, or none.
    ///
    /// # Errors
    /// As [`Journal::commit`].
    pub(crate) async fn pass_over(&self, changes: &[Change]) -> Result<(), AwsError> {
        self.aws.apply(changes).await
    }

    /// The same in as many transactions as the parts need: see [`Aws::commit_parts`].
    pub(crate) async fn commit_parts<T: Send + Sync>(
        &self,
        parts: Vec<Part<T>>,
        with: &With,
        body: &(impl Fn(&[Part<T>]) -> Body + Sync),
        instead: &(impl Fn(&T) -> Result<Part<T>, AwsError> + Sync),
        done: impl FnMut(Vec<Part<T>>) + Send,
    ) -> Result<(), AwsError> {
        self.aws.commit_parts(parts, with, body, instead, done).await
    }

    /// Records that `actor` was refused `attempt` on `object`, and gives the error back. An entry that cannot be
    /// written changes nothing about the refusal.
    pub(crate) async fn refuse(&self, actor: &Actor, attempt: &str, object: Object, error: Error) -> Error {
        tracing::warn!(person = %actor.person.id, attempt, "refused: {error}");
        let body = self.told(who(actor), Action::Refused, object);
        self.fold(body.with("attempt", attempt).with("why", &error)).await;
        error
    }

    /// Records what somebody signed in was refused before a verb was reached.
    pub async fn refused(&self, actor: &Actor, route: Object, why: &str) {
        self.fold(self.told(who(actor), Action::Refused, route).with("detail", why)).await;
    }

    /// Writes what was only counted, minute by minute, until `stop`. [`Journal::finish`] writes the rest.
    pub async fn keep(&self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            let entries = lock(&self.refusals).over(self.clock.now());
            self.write_all(entries).await;
        }
    }

    /// Writes what was counted and not told yet: after the last request.
    pub async fn finish(&self) {
        let entries = lock(&self.refusals).rest(self.clock.now());
        self.write_all(entries).await;
    }

    async fn fold(&self, refusal: Body) {
        metrics::counter!("countersign_refusals_total", "by" => "person").increment(1);
        let entries = lock(&self.refusals).take(refusal);
        self.write_all(entries).await;
    }

    async fn write_all(&self, entries: Vec<Body>) {
        for entry in entries {
            if let Err(error) = self.commit(Vec::new(), &entry).await {
                tracing::error!(%error, ?entry, "a refusal is not in the ledger: {error}");
            }
        }
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
    ) -> Result<(), AwsError> {
        self.write(self.told(who(actor), action, object), detail).await
    }

    /// Records what somebody unknown was refused, unless strangers have filled the ledger enough for the moment; the
    /// next entry then says how many are missing.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn stranger(&self, action: Action, object: Object, detail: &str) -> Result<(), AwsError> {
        metrics::counter!("countersign_refusals_total", "by" => "stranger").increment(1);
        let now = self.clock.now();
        let Some(missing) = lock(&self.strangers).take(now) else { return Ok(()) };
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
    pub async fn provider_signed_out(&self, person: &PersonId, sessions: usize) -> Result<(), AwsError> {
        let body = self.told(system("identity provider"), Action::SignedOut, Object::Session);
        self.write(body.with("person", person).with("sessions", sessions), "").await
    }

    async fn write(&self, body: Body, detail: &str) -> Result<(), AwsError> {
        let body = if detail.is_empty() { body } else { body.with("detail", detail) };
        self.commit(Vec::new(), &body).await
    }
}

/// The actor as the ledger names them, with the roles they acted in.
pub(crate) fn who(actor: &Actor) -> Who {
    Who::Person { person: actor.person.clone(), roles: actor.roles.iter().copied().collect() }
}

/// A part of Countersign as the ledger names it.
pub(crate) fn system(part: &str) -> Who {
    Who::System { part: part.to_owned() }
}
