//! Approving and rejecting: a sign-in whose nonce is bound to what is decided. The four-eyes rule is asked of the stored
//! request before and after it, and is the condition of the write.

use countersign_aws::Error as AwsError;
use domain::ledger::{Action, Object};
use domain::revocation::{
    Intent, Outcome, Pending, Proof, Refusal, Request, RequestId, Salt, Verdict, confirmed,
};
use domain::views::DecisionForm;
use domain::{Actor, Permission};
use rand::Rng;

use super::{TRIES, can_be_kept, with_role};
use crate::abort::{Point, abort_at};
use crate::{Console, Error};

impl Console {
    /// What `actor` is about to decide, as the form says. Nothing is decided until the identity provider has vouched for
    /// them with its nonce.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Conflict`] with the reason, which is in the ledger too; [`Error::Invalid`] for the
    /// comment, and for the number that confirms an approval.
    pub async fn intend(&self, actor: &Actor, id: &RequestId, form: DecisionForm) -> Result<Intent, Error> {
        let DecisionForm { verdict, seen, count, comment } = form;
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let request = self.aws.request(id).await?;
        let salt = Salt::new(rand::rng().random());
        let intent = request
            .pending(self.clock.now())
            .and_then(|pending| pending.intend(actor, verdict, comment, &seen, salt));
        let intent = self.not_refused(actor, id, verdict, intent).await?;
        let intent = Intent { acr: request.acr_values(&self.settings().policy), ..intent };
        if verdict == Verdict::Approve {
            confirmed(u64::from(request.target_count), count.as_deref())?;
        }
        Ok(intent)
    }

    /// Decides on a request as `actor`, whom the provider has just vouched for; `proof` is what it signed.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::SignInAgain`], [`Error::Conflict`] with the reason, which is in the ledger too.
    pub async fn decide(&self, actor: &Actor, intent: Intent, proof: &Proof) -> Result<Request, Error> {
        let (id, verdict) = (intent.request.clone(), intent.verdict);
        can_be_kept(proof)?;
        for _ in 0..TRIES {
            let request = self.aws.request(&id).await?;
            let now = self.clock.now();
            let policy = &self.settings().policy;
            if request.alone.is_some() && proof.role_seen_elsewhere {
                let unlisted =
                    "The ID token lists no groups, so that nothing proves that you may execute alone.";
                return Err(Error::Conflict(unlisted.to_owned()));
            }
            let decide = |pending: Pending<'_>| pending.decide(actor, intent.clone(), policy, now);
            let outcome = request.pending(now).and_then(decide);
            let outcome = self.not_refused(actor, &id, verdict, outcome).await?;
            match self.write_decision(actor, verdict, &outcome, proof).await {
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
        let refused = Error::Conflict(crowd.to_owned());
        Err(self.journal.refuse(actor, verdict.name(), Object::Request(id), refused).await)
    }

    /// What was not refused; what was is in the ledger, but for a comment that is too long.
    async fn not_refused<T>(
        &self,
        actor: &Actor,
        id: &RequestId,
        verdict: Verdict,
        outcome: Result<T, Refusal>,
    ) -> Result<T, Error> {
        match outcome {
            Ok(outcome) => Ok(outcome),
            Err(Refusal::Comment) => Err(Refusal::Comment.into()),
            Err(refusal) => {
                let object = Object::Request(id.clone());
                Err(self.journal.refuse(actor, verdict.name(), object, refusal.into()).await)
            }
        }
    }

    async fn write_decision(
        &self,
        actor: &Actor,
        verdict: Verdict,
        outcome: &Outcome,
        proof: &Proof,
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
        let body = match &request.alone {
            Some(alone) => body.with("break_glass", &alone.why),
            None => body,
        };
        let body = with_role(body, proof);
        self.journal.commit(self.aws.decide_request(outcome, proof)?, &body).await.map(drop)
    }
}
