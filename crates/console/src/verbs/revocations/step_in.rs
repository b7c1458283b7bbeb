//! Stepping in on a request that is past approval: halting it, letting it go on, trying the failed ones again, closing it.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::revocation::{ProgressCounts, Request, RequestId, Step};
use domain::{Actor, Permission};

use super::TRIES;
use crate::{Console, Error};

impl Console {
    /// Takes `step` with a request. Its executor is stopped or woken by what is written: no new call is begun once a halt
    /// is.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::Conflict`] with the reason, which is in the ledger too; [`Error::Invalid`] for
    /// what is said about it.
    pub async fn step_in(
        &self,
        actor: &Actor,
        id: &RequestId,
        step: Step,
        why: Option<&str>,
    ) -> Result<Request, Error> {
        let object = Object::Request(id.clone());
        self.allowed(actor, Permission::Read, object.clone()).await?;
        for _ in 0..TRIES {
            let request = self.aws.request(id).await?;
            // A halt waits for nothing.
            let counts = match step {
                Step::Halt => ProgressCounts::default(),
                _ => self.aws.execution_counts(id).await?,
            };
            let next = match request.stepped_in(step, actor, why, &counts, self.clock.now()) {
                Ok(next) => next,
                Err(refusal) => {
                    return Err(self.journal.refuse(actor, step.name(), object, refusal.into()).await);
                }
            };
            let body = self
                .told(actor, action(step), object.clone())
                .with("hash", &next.hash)
                .with("why", next.interventions.last().and_then(|last| last.why.as_deref()).unwrap_or("-"));
            match self.journal.commit(self.aws.step_in(&next, &request)?, &body).await {
                // It went on meanwhile: what it is now decides what can be done.
                Err(AwsError::Conflict { .. }) => {}
                other => return other.map(|_| next).map_err(Error::from),
            }
        }
        let busy = "The request is changing all the time. Read it again.";
        Err(self.journal.refuse(actor, step.name(), object, Error::Conflict(busy.to_owned())).await)
    }
}

fn action(step: Step) -> Action {
    match step {
        Step::Halt => Action::RevocationHalted,
        Step::Resume => Action::RevocationResumed,
        Step::Retry => Action::RevocationRetried,
        Step::Close => Action::RevocationClosed,
    }
}
