//! Approving and rejecting: the four-eyes rule is asked of the stored request, and is the condition of the write.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::revocation::{Outcome, Refusal, Request, RequestId, Verdict, confirmed};
use domain::views::DecisionForm;
use domain::{Actor, Permission};

use super::TRIES;
use crate::abort::{Point, abort_at};
use crate::{Console, Error};

impl Console {
    /// Decides on a request as `actor`, as the form says.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::SignInAgain`], [`Error::Conflict`] with the reason, which is in the ledger too;
    /// [`Error::Invalid`] for the comment, and for the number that confirms an approval.
    pub async fn decide(&self, actor: &Actor, id: &RequestId, form: DecisionForm) -> Result<Request, Error> {
        let DecisionForm { verdict, seen, count, comment } = form;
        let object = Object::Request(id.clone());
        self.allowed(actor, Permission::Read, object.clone()).await?;
        let attempt = match verdict {
            Verdict::Approve => "approve",
            Verdict::Reject => "reject",
        };
        for _ in 0..TRIES {
            let request = self.aws.request(id).await?;
            let now = self.clock.now();
            let policy = &self.settings().policy;
            let decided = request
                .pending(now)
                .and_then(|pending| pending.decide(actor, verdict, comment.clone(), &seen, policy, now));
            let outcome = match decided {
                Ok(outcome) => outcome,
                Err(Refusal::Comment) => return Err(Refusal::Comment.into()),
                Err(refusal) => {
                    return Err(self.journal.refuse(actor, attempt, object, refusal.into()).await);
                }
            };
            if verdict == Verdict::Approve {
                confirmed(u64::from(request.target_count), count.as_deref())?;
            }
            match self.write_decision(actor, verdict, &outcome).await {
                // Somebody was faster: what they made of it decides what is left to decide.
                Err(AwsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    if let Outcome::Approved(_) = outcome {
                        abort_at(Point::AfterApproval);
                    }
                    return Ok(outcome.request().clone());
                }
            }
        }
        let crowd = "Others are deciding on this request at the same time. Read it again.";
        Err(self.journal.refuse(actor, attempt, object, Error::Conflict(crowd.to_owned())).await)
    }

    async fn write_decision(
        &self,
        actor: &Actor,
        verdict: Verdict,
        outcome: &Outcome,
    ) -> Result<(), AwsError> {
        let request = outcome.request();
        let action = match verdict {
            Verdict::Approve => Action::RevocationApproved,
            Verdict::Reject => Action::RevocationRejected,
        };
        let comment = request.decisions.last().and_then(|decision| decision.comment.as_deref());
        let body = self
            .told(actor, action, Object::Request(request.id.clone()))
            .with("hash", &request.hash)
            .with("approvals", format!("{} of {}", request.approvals(), request.approvals_needed))
            .with("signed_in_at", actor.signed_in_at)
            .with("comment", comment.unwrap_or("-"));
        self.journal.commit(self.aws.decide_request(outcome)?, &body).await.map(drop)
    }
}
