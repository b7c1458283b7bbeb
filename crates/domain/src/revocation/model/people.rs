//! What people do: they read the request, and later say something about what they have read.

use super::super::fixture::{actor, now, policy};
use super::super::{
    Decision, Intervention, Outcome, ProgressCounts, Request, RequestState, Salt, Step, Verdict,
};
use super::world::{Page, World};
use super::{Fault, Protocol};
use crate::Role;
use crate::people::Actor;

/// The first has asked for it. Each has every role.
pub(super) const PEOPLE: [&str; 3] = ["operator", "one", "other"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Decide(Verdict),
    Step(Step),
}

impl Words {
    pub const ALL: [Self; 6] = [
        Self::Decide(Verdict::Approve),
        Self::Decide(Verdict::Reject),
        Self::Step(Step::Halt),
        Self::Step(Step::Resume),
        Self::Step(Step::Retry),
        Self::Step(Step::Close),
    ];
}

fn person(number: usize) -> Actor {
    actor(PEOPLE[number], &[Role::Operator, Role::Approver])
}

impl Protocol {
    /// The request as the rules know it.
    pub(super) fn request(&self, page: &Page) -> Request {
        let decision = |(by, verdict): &(usize, Verdict)| Decision {
            groups: Vec::new(),
            by: person(*by).person,
            at: now(),
            verdict: *verdict,
            comment: None,
            hash: self.request.hash.clone(),
            signed_in_at: now(),
        };
        let step = |(step, by): &(Step, usize)| Intervention {
            step: *step,
            by: person(*by).person,
            at: now(),
            why: None,
        };
        Request {
            state: page.state,
            decisions: page.decisions.iter().map(decision).collect(),
            interventions: page.steps.iter().map(step).collect(),
            ..self.request.clone()
        }
    }

    pub(super) fn read(&self, world: &World, person: usize) -> Option<World> {
        if world.state != RequestState::Pending {
            return None;
        }
        // What is the same again is no news.
        let page = Some(world.page());
        (world.pages[person] != page).then(|| {
            let mut next = world.clone();
            next.pages[person] = page;
            next
        })
    }

    /// `None`: the rules, or the store, refuse it.
    pub(super) fn said(&self, world: &World, who: usize, words: Words) -> Option<World> {
        let mut next = world.clone();
        match words {
            Words::Decide(verdict) => {
                let page = next.pages[who].take()?;
                self.decide(&mut next, &page, who, verdict)?;
            }
            Words::Step(step) => self.step_in(&mut next, who, step)?,
        }
        Some(next)
    }

    fn decide(&self, next: &mut World, page: &Page, who: usize, verdict: Verdict) -> Option<()> {
        if page.state != RequestState::Pending {
            return None;
        }
        let (request, actor) = (self.request(page), person(who));
        let pending = request.pending(now()).ok()?;
        let intent = pending
            .intend(&actor, verdict, Some("Seen.".to_owned()), &request.hash, Salt::new([7; 32]))
            .ok()?;
        let outcome = pending.decide(&actor, intent, &policy(2), now()).ok()?;
        // The store's own condition, on what is stored.
        let open = next.state == RequestState::Pending
            && who != 0
            && next.decisions.len() == page.decisions.len()
            && !next.decisions.iter().any(|(by, _)| *by == who);
        if !open && !self.is(Fault::DecideBlindly) {
            return None;
        }
        next.decisions = page.decisions.iter().copied().chain([(who, verdict)]).collect();
        next.state = match outcome {
            Outcome::Pending(request) | Outcome::Approved(request) | Outcome::Rejected(request) => {
                request.state
            }
        };
        if verdict == Verdict::Approve {
            next.acknowledged.push(who);
        }
        Some(())
    }

    /// At once upon what is stored: the store holds it to the state that was read.
    fn step_in(&self, next: &mut World, who: usize, step: Step) -> Option<()> {
        let page = next.page();
        if page.state == RequestState::Pending || page.steps.len() >= self.most.1 {
            return None;
        }
        let counts = ProgressCounts { failed: page.failed.into(), ..ProgressCounts::default() };
        let why = Some("A good enough reason");
        let stepped = self.request(&page).stepped_in(step, &person(who), why, &counts, now()).ok()?;
        next.state = stepped.state;
        next.steps.push((step, who));
        Some(())
    }
}
