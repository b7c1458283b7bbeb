//! Stepping in on an approved request: halting it, letting it go on, trying the failed ones again, closing it. What is less
//! than was approved one person may do; whatever leads to more calls needs an approval that still holds.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::decision::Verdict;
use super::execution::ProgressCounts;
use super::intervention::{Intervention, Step};
use super::request::Request;
use super::state::RequestState;
use crate::people::{Actor, Permission};
use crate::timestamp::Timestamp;

/// Why somebody may not step in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum CannotStepIn {
    /// To halt takes the role of an operator or of an approver.
    #[error("Only an operator or an approver can halt a request.")]
    NotHalter,
    /// To try again takes the role of an operator.
    #[error("Only an operator can have the failed ones tried again.")]
    NotOperator,
    /// To let it go on and to close it take the role of an approver.
    #[error("Only an approver can do this.")]
    NotApprover,
    /// The requester does not let their own request go on, or close it.
    #[error("You made this request; another approver must do this.")]
    OwnRequest,
    /// Its state does not allow the step; which state it is, in words.
    #[error("The request is {0}.")]
    State(String),
    /// The step is about failed certificates, and there is none.
    #[error("None of its certificates has failed.")]
    NothingFailed,
    /// Its approval could be acted upon anew until then, and no longer: as long after the last one as it could have waited for it.
    #[error("Its approval held until {0}. Ask for a new one.")]
    ApprovalOver(String),
    /// What is said about it is too long, or, to close it, too short. Holds how long it is, in characters.
    #[error("Say why in 10 to 2,000 characters. These are {0}.")]
    Why(usize),
}

impl Request {
    /// How often the failed ones were to be tried again.
    pub fn round(&self) -> u32 {
        let retries = self.interventions.iter().filter(|one| one.step == Step::Retry).count();
        u32::try_from(retries).unwrap_or(u32::MAX)
    }

    /// Until when its approval can be acted upon anew: as long after the last one as it could have waited for it.
    fn approval_ends(&self) -> Timestamp {
        let approvals = self.decisions.iter().filter(|decision| decision.verdict == Verdict::Approve);
        let last = approvals.map(|decision| decision.at).max().unwrap_or(self.requested_at);
        last.plus(self.expires_at.since(self.requested_at))
    }

    /// Whether `actor` may take this step now, whatever they say about it. `counts`: what came of its certificates.
    pub fn open_to(
        &self,
        step: Step,
        actor: &Actor,
        counts: &ProgressCounts,
        now: Timestamp,
    ) -> Result<(), CannotStepIn> {
        use RequestState::{Approved, Executing, Halted, Overdue, PartlyFailed};
        let allowed = match step {
            Step::Halt => actor.may(Permission::StepIn).then_some(()).ok_or(CannotStepIn::NotHalter),
            Step::Retry => actor.may(Permission::Operate).then_some(()).ok_or(CannotStepIn::NotOperator),
            Step::Resume | Step::Close if actor.person.id == self.requester.id => {
                Err(CannotStepIn::OwnRequest)
            }
            Step::Resume | Step::Close => {
                actor.may(Permission::Approve).then_some(()).ok_or(CannotStepIn::NotApprover)
            }
        };
        let failed = matches!(self.state, PartlyFailed | Overdue);
        let in_place = match step {
            Step::Halt => matches!(self.state, Approved | Executing),
            Step::Resume => self.state == Halted,
            Step::Retry => failed,
            Step::Close => failed || self.state == Halted,
        };
        if !in_place {
            return Err(CannotStepIn::State(self.state.label().to_lowercase()));
        }
        if failed && counts.failed == 0 {
            return Err(CannotStepIn::NothingFailed);
        }
        allowed?;
        if matches!(step, Step::Resume | Step::Retry) && self.approval_ends() < now {
            return Err(CannotStepIn::ApprovalOver(self.approval_ends().absolute()));
        }
        Ok(())
    }

    /// The steps that its state allows, each with why `actor` may not take it.
    pub fn steps(
        &self,
        actor: &Actor,
        counts: &ProgressCounts,
        now: Timestamp,
    ) -> Vec<(Step, Option<CannotStepIn>)> {
        let steps = Step::VARIANTS.iter();
        let steps = steps.map(|step| (*step, self.open_to(*step, actor, counts, now).err()));
        let is_there = |cannot: &Option<CannotStepIn>| {
            !matches!(cannot, Some(CannotStepIn::State(_) | CannotStepIn::NothingFailed))
        };
        steps.filter(|(_, cannot)| is_there(cannot)).collect()
    }

    /// The request after `actor` has stepped in. Closing needs a reason.
    pub fn stepped_in(
        &self,
        step: Step,
        actor: &Actor,
        why: Option<&str>,
        counts: &ProgressCounts,
        now: Timestamp,
    ) -> Result<Self, CannotStepIn> {
        self.open_to(step, actor, counts, now)?;
        let why = why.map(str::trim).filter(|text| !text.is_empty());
        let least = if step == Step::Close { 10 } else { 0 };
        let length = why.map_or(0, |text| text.chars().count());
        if !(least..=2000).contains(&length) {
            return Err(CannotStepIn::Why(length));
        }
        let state = match step {
            Step::Halt => RequestState::Halted,
            Step::Resume | Step::Retry => RequestState::Approved,
            Step::Close => RequestState::Closed,
        };
        let why = why.map(str::to_owned);
        let intervention = Intervention { step, by: actor.person.clone(), at: now, why };
        // What was revoked when it is halted is counted later: calls are under way.
        let unproven = if step == Step::Halt { self.unproven } else { counts.unproven + counts.unsure };
        let mut next = Self { state, problem: None, unproven, ..self.clone() };
        next.interventions.push(intervention);
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Role;
    use crate::revocation::fixture::{actor, now, policy, request};
    use crate::revocation::{Outcome, Salt, Verdict};

    fn approved() -> Request {
        let (request, _) = request(1);
        let (approver, seen) = (actor("approver", &[Role::Approver]), request.hash.clone());
        let pending = request.pending(now()).unwrap();
        let intent = pending.intend(&approver, Verdict::Approve, None, &seen, Salt::new([7; 32])).unwrap();
        match pending.decide(&approver, intent, &policy(1), now()).unwrap() {
            Outcome::Approved(approved) => approved,
            other => panic!("{other:?}"),
        }
    }

    fn step(
        request: &Request,
        step: Step,
        name: &str,
        role: Role,
        counts: &ProgressCounts,
    ) -> Result<Request, CannotStepIn> {
        request.stepped_in(step, &actor(name, &[role]), Some("A good enough reason"), counts, now())
    }

    #[test]
    fn one_person_halts_and_another_lets_it_go_on() {
        let (request, counts) = (approved(), ProgressCounts::default());
        assert_eq!(
            step(&request, Step::Halt, "a", Role::Auditor, &counts).unwrap_err(),
            CannotStepIn::NotHalter
        );
        let halted = step(&request, Step::Halt, "operator", Role::Operator, &counts).unwrap();
        assert_eq!(halted.state, RequestState::Halted);
        step(&request, Step::Halt, "b", Role::Approver, &counts).unwrap();
        let halted_twice = step(&halted, Step::Halt, "b", Role::Approver, &counts).unwrap_err();
        assert_eq!(halted_twice, CannotStepIn::State("halted".to_owned()));

        for next in [Step::Resume, Step::Close] {
            let refused = |name, role| step(&halted, next, name, role, &counts).unwrap_err();
            assert_eq!(refused("b", Role::Operator), CannotStepIn::NotApprover);
            assert_eq!(refused("operator", Role::Approver), CannotStepIn::OwnRequest);
        }
        let resumed = step(&halted, Step::Resume, "b", Role::Approver, &counts).unwrap();
        assert_eq!((resumed.state, resumed.round()), (RequestState::Approved, 0));
        assert_eq!(resumed.interventions.len(), 2);
        let closed = step(&halted, Step::Close, "b", Role::Approver, &counts).unwrap();
        assert_eq!(closed.state, RequestState::Closed);
        for next in [Step::Halt, Step::Resume, Step::Retry, Step::Close] {
            assert!(step(&closed, next, "b", Role::Approver, &counts).is_err(), "{next:?}");
        }
        let wordless = halted.stepped_in(Step::Close, &actor("b", &[Role::Approver]), None, &counts, now());
        assert!(matches!(wordless, Err(CannotStepIn::Why(_))), "{wordless:?}");
    }

    #[test]
    fn the_failed_ones_are_tried_again_as_long_as_the_approval_holds() {
        let request = Request { state: RequestState::PartlyFailed, ..approved() };
        let failed = ProgressCounts { failed: 1, ..ProgressCounts::default() };
        let again = step(&request, Step::Retry, "operator", Role::Operator, &failed).unwrap();
        assert_eq!((again.state, again.round()), (RequestState::Approved, 1));
        assert_eq!(again.hash, request.hash);
        let nothing = step(&request, Step::Retry, "operator", Role::Operator, &ProgressCounts::default());
        assert_eq!(nothing.unwrap_err(), CannotStepIn::NothingFailed);
        let approver = step(&request, Step::Retry, "b", Role::Approver, &failed);
        assert_eq!(approver.unwrap_err(), CannotStepIn::NotOperator);
        let late = request.approval_ends().plus(Duration::from_secs(1));
        let refused = request.open_to(Step::Retry, &actor("operator", &[Role::Operator]), &failed, late);
        assert!(matches!(refused, Err(CannotStepIn::ApprovalOver(_))), "{refused:?}");
    }
}
