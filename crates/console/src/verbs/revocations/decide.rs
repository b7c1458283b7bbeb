//! Approving and rejecting: a sign-in whose nonce is bound to what is decided. The four-eyes rule is asked of the stored
//! request before and after it, and is the condition of the write.

use countersign_aws::{Error as AwsError, Thing};
use domain::ledger::{Action, Body, Object};
use domain::revocation::{
    Intent, Outcome, Pending, Proof, Refusal, Request, RequestId, Salt, Verdict, confirmed,
};
use domain::views::DecisionForm;
use domain::{Actor, Permission};
use rand::Rng;

use super::{TRIES, can_be_kept, with_others, with_proof};
use crate::abort::{Point, abort_at};
use crate::{Console, Error};

impl Console {
    /// What `actor` is about to decide, as the form says, of the request and of all that was made with it and still waits for
    /// them. Nothing is decided until the identity provider has vouched for
    /// them with its nonce.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Conflict`] with the reason, which is in the ledger too; [`Error::Invalid`] for the
    /// comment, and for the number that confirms an approval.
    pub async fn intend(&self, actor: &Actor, id: &RequestId, form: DecisionForm) -> Result<Intent, Error> {
        let DecisionForm { verdict, seen, count, comment } = form;
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let now = self.clock.now();
        let request = self.aws.request(id).await?;
        let mut others = self.made_with(&request, now).await?;
        others.retain(|other| other.waits_for(actor, now));
        let salt = Salt::new(rand::rng().random());
        let intent = request.pending(now).and_then(|pending| {
            let intent = pending.intend(actor, verdict, comment, &request.hash, salt)?;
            let all = Request::seen(std::iter::once(&request).chain(&others));
            (all == seen).then_some(()).ok_or(Refusal::OtherHash)?;
            others.iter().try_for_each(|other| {
                let open = other.pending(now).and_then(|pending| pending.open_to(actor));
                open.map_err(|why| self.of_other(other, why))
            })?;
            Ok(intent.and(&others))
        });
        let intent = self.not_refused(actor, id, verdict, intent).await?;
        let intent = Intent { acr: request.acr_values(&self.settings().policy), ..intent };
        if verdict == Verdict::Approve {
            let all = std::iter::once(&request).chain(&others);
            confirmed(all.map(|one| u64::from(one.target_count)).sum(), count.as_deref())?;
        }
        Ok(intent)
    }

    /// Decides on a request, and on what is decided with it, as `actor`, whom the provider has just vouched for; `proof` is what
    /// it signed. Gives the first of them. All are decided, or none: where one of them has moved on meanwhile, what was shown
    /// holds no more.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::SignInAgain`], [`Error::Conflict`] with the reason, which is in the ledger too.
    pub async fn decide(&self, actor: &Actor, intent: Intent, proof: &Proof) -> Result<Request, Error> {
        let verdict = intent.verdict;
        can_be_kept(proof)?;
        for _ in 0..TRIES {
            let (mut outcomes, now) = (Vec::new(), self.clock.now());
            for id in intent.requests() {
                let request = self.aws.request(id).await?;
                let policy = &self.settings().policy;
                if request.alone.is_some() && proof.role_seen_elsewhere {
                    let unlisted =
                        "The ID token lists no groups, so that nothing proves that you may execute alone.";
                    return Err(Error::Conflict(unlisted.to_owned()));
                }
                let decide = |pending: Pending<'_>| pending.decide(actor, intent.clone(), policy, now);
                let outcome = request.pending(now).and_then(decide);
                let outcome = outcome.map_err(|why| match *id == intent.request {
                    true => why,
                    false => self.of_other(&request, why),
                });
                outcomes.push(self.not_refused(actor, id, verdict, outcome).await?);
            }
            match self.write_decisions(actor, verdict, &outcomes, proof).await {
                // Somebody was faster: what they made of it decides what is left to decide.
                Err(AwsError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Approved(_))) {
                        abort_at(Point::AfterApproval);
                    }
                    let first = outcomes.first().map(|outcome| outcome.request().clone());
                    return first.ok_or(Error::NotFound(Thing::Request.name()));
                }
            }
        }
        let crowd = "Others are deciding on this request at the same time. Read it again.";
        let (refused, object) = (Error::Conflict(crowd.to_owned()), Object::Request(intent.request));
        Err(self.journal.refuse(actor, verdict.name(), object, refused).await)
    }

    /// Why nothing is decided: for what is said of another request.
    pub(crate) fn of_other(&self, other: &Request, why: Refusal) -> Refusal {
        Refusal::Together { authority: self.named(&other.authority).name, why: Box::new(why) }
    }

    /// What was not refused; what was is in the ledger, but for a comment that is too long or missing.
    async fn not_refused<T>(
        &self,
        actor: &Actor,
        id: &RequestId,
        verdict: Verdict,
        outcome: Result<T, Refusal>,
    ) -> Result<T, Error> {
        match outcome {
            Ok(outcome) => Ok(outcome),
            Err(of_the_form @ (Refusal::Comment(_) | Refusal::NoReason)) => Err(of_the_form.into()),
            Err(refusal) => {
                let object = Object::Request(id.clone());
                Err(self.journal.refuse(actor, verdict.name(), object, refusal.into()).await)
            }
        }
    }

    async fn write_decisions(
        &self,
        actor: &Actor,
        verdict: Verdict,
        outcomes: &[Outcome],
        proof: &Proof,
    ) -> Result<(), AwsError> {
        let ids: Vec<&RequestId> = outcomes.iter().map(|outcome| &outcome.request().id).collect();
        let body = |outcome: &Outcome| {
            let body = self.decided(actor, verdict, outcome.request());
            let others = ids.iter().copied().filter(|id| **id != outcome.request().id);
            with_proof(with_others(body, others), proof)
        };
        let bodies: Vec<Body> = outcomes.iter().map(body).collect();
        self.journal.commit_all(self.aws.decide_requests(outcomes, proof)?, &bodies).await
    }

    /// What the ledger says of the newest decision on it.
    fn decided(&self, actor: &Actor, verdict: Verdict, request: &Request) -> Body {
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
        match &request.alone {
            Some(alone) => body.with("break_glass", &alone.why),
            None => body,
        }
    }
}
