//! What workers do, line by line: at each of them they may be overtaken, fall silent or die.

use super::super::fixture::{policy, proven};
use super::super::marking::{Mark, Stored};
use super::super::{ItemState, RequestState, Step, Verdict};
use super::world::{At, Stage, Task, Worker, World, Wrong};
use super::{Fault, Protocol};
use crate::revocation::fixture::now;

const NAMES: [&str; 2] = ["first", "second"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Looks,
    TakesLease,
    Reads,
    Starts,
    Marks,
    /// The CA does it and says so.
    Calls,
    /// The CA does it, and its answer is lost.
    CallsInVain,
    /// The CA refuses it for good.
    IsRefused,
    Records,
    Finishes,
    FallsSilent,
    GivesBack,
    Dies,
}

impl Move {
    pub const ALL: [Self; 13] = [
        Self::Looks,
        Self::TakesLease,
        Self::Reads,
        Self::Starts,
        Self::Marks,
        Self::Calls,
        Self::CallsInVain,
        Self::IsRefused,
        Self::Records,
        Self::Finishes,
        Self::FallsSilent,
        Self::GivesBack,
        Self::Dies,
    ];
    /// One that nothing happens to.
    pub const UNDISTURBED: [Self; 8] = [
        Self::Looks,
        Self::TakesLease,
        Self::Reads,
        Self::Starts,
        Self::Marks,
        Self::Calls,
        Self::Records,
        Self::Finishes,
    ];
}

fn stored(stage: Stage) -> ItemState {
    match stage {
        Stage::Waiting => ItemState::Waiting,
        Stage::Calling => ItemState::Calling { since: now() },
        Stage::Revoked => ItemState::Revoked { at: now(), before: false },
        Stage::Failed => ItemState::Failed { at: now(), error: String::new(), unsure: None },
    }
}

impl Task {
    /// Something is left to do.
    fn is_left(&self) -> bool {
        let item = super::super::ItemProgress {
            round: self.seen_round,
            item: stored(self.stage),
            ..super::super::ItemProgress::waiting("0a".parse().unwrap())
        };
        item.is_left(self.round)
    }
}

impl Protocol {
    /// `None`: it is not at that, or nothing changes.
    pub(super) fn moved(&self, world: &World, worker: usize, one: Move) -> Option<World> {
        let mut next = world.clone();
        match (&world.workers[worker], one) {
            (Worker::Idle, Move::Looks) => next.workers[worker] = Worker::Watching(world.fence),
            (Worker::Watching(fence), Move::TakesLease) => self.take_lease(&mut next, worker, *fence)?,
            (Worker::Watching(_), Move::Dies) => next.workers[worker] = Worker::Idle,
            (Worker::Holding(task), one) => {
                let mut task = task.clone();
                let stays = self.work(&mut next, &mut task, worker, one)?;
                next.workers[worker] = if stays { Worker::Holding(task) } else { Worker::Idle };
            }
            _ => return None,
        }
        Some(next)
    }

    fn take_lease(&self, next: &mut World, worker: usize, seen: u64) -> Option<()> {
        let held = next.holder.and_then(|holder| match &next.workers[holder] {
            Worker::Holding(task) if task.fence == next.fence => Some(task.alone),
            // It has died.
            _ => None,
        });
        if held == Some(false) && !self.is(Fault::Robbed) {
            return None;
        }
        if seen != next.fence && !self.is(Fault::BothTake) {
            next.workers[worker] = Worker::Idle;
            return Some(());
        }
        if seen != next.fence {
            next.wrong = Some(Wrong::TwoWinners);
        }
        next.fence = seen + 1;
        next.holder = Some(worker);
        let task = Task {
            fence: next.fence,
            alone: false,
            at: At::Begin,
            stage: Stage::Waiting,
            round: 0,
            seen_round: 0,
        };
        next.workers[worker] = Worker::Holding(task);
        Some(())
    }

    /// Whether it goes on with its task.
    fn work(&self, next: &mut World, task: &mut Task, worker: usize, one: Move) -> Option<bool> {
        let stays = match (one, task.at) {
            (Move::Reads, At::Begin) => self.take_on(next, task),
            (Move::Starts, At::Read(RequestState::Executing)) => {
                task.at = At::Ready;
                true
            }
            (Move::Starts, At::Read(_)) => {
                task.at = At::Ready;
                self.save(next, task, RequestState::Approved, RequestState::Executing)
            }
            (Move::Marks, At::Ready) if task.is_left() => self.mark(next, task, worker),
            (Move::Calls, At::Marked) if self.may_call(task) => {
                self.call(next, task);
                task.at = At::Answered(Stage::Revoked);
                true
            }
            (Move::CallsInVain, At::Marked) if self.may_call(task) => {
                self.call(next, task);
                task.at = At::Ready;
                true
            }
            (Move::IsRefused, At::Marked) if self.may_call(task) && !next.revoked => {
                task.at = At::Answered(Stage::Failed);
                true
            }
            (Move::Records, At::Answered(stage)) => {
                let refused = next.item.is_some_and(|(_, _, fence)| fence > task.fence);
                if !refused {
                    next.recorded += u32::from(stage == Stage::Revoked);
                    next.item = Some((stage, task.round, task.fence));
                    (task.stage, task.seen_round, task.at) = (stage, task.round, At::Ready);
                }
                !refused
            }
            (Move::Finishes, At::Ready) if !task.is_left() => {
                let done = match task.stage {
                    Stage::Failed => RequestState::PartlyFailed,
                    _ => RequestState::Executed,
                };
                self.save(next, task, RequestState::Executing, done);
                false
            }
            (Move::FallsSilent, _) if !task.alone => {
                task.alone = true;
                true
            }
            (Move::GivesBack, _) => false,
            (Move::Dies, _) => return Some(false),
            _ => return None,
        };
        if !stays && next.fence == task.fence {
            next.holder = None;
        }
        Some(stays)
    }

    /// Reads the request and what came of its certificate.
    fn take_on(&self, next: &World, task: &mut Task) -> bool {
        let mut page = next.page();
        if !matches!(page.state, RequestState::Approved | RequestState::Executing) {
            return false;
        }
        task.round =
            u32::try_from(page.steps.iter().filter(|(step, _)| *step == Step::Retry).count()).unwrap();
        page.decisions.retain(|(_, verdict)| *verdict == Verdict::Approve);
        let request = self.request(&page);
        let proven = proven(&request);
        if request.approved(&self.targets, None, proven, &policy(2), now()).is_err() {
            return false;
        }
        if let Some((stage, round, _)) = next.item {
            (task.stage, task.seen_round) = (stage, round);
        }
        task.at = At::Read(page.state);
        true
    }

    /// Writes the request if it is as it was. Whether it was.
    fn save(&self, next: &mut World, task: &Task, from: RequestState, to: RequestState) -> bool {
        let holds = next.state == from && next.request_fence <= task.fence;
        if holds {
            (next.state, next.request_fence) = (to, task.fence);
        }
        holds
    }

    fn mark(&self, next: &mut World, task: &mut Task, worker: usize) -> bool {
        let before = stored(task.stage);
        let item = next.item.map(|(stage, _, fence)| (stored(stage), fence));
        let mine = (NAMES[worker], task.fence);
        let mark = Mark { lease: mine, hash: &self.request.hash, before: &before };
        let lease = match self.is(Fault::MarkUnleased) {
            true => mine,
            false => (next.holder.map_or("", |holder| NAMES[holder]), next.fence),
        };
        let state = if self.is(Fault::MarkUnseen) { RequestState::Executing } else { next.state };
        let item = item.as_ref().map(|(item, fence)| (item, *fence));
        if mark.on(Stored { lease, state, hash: &self.request.hash, item }).is_err() {
            return false;
        }
        if next.fence != task.fence {
            next.wrong = Some(Wrong::NoLease);
        }
        if next.state != RequestState::Executing {
            next.wrong = Some(Wrong::NotExecuting);
        }
        next.item = Some((Stage::Calling, task.round, task.fence));
        (task.stage, task.seen_round, task.at) = (Stage::Calling, task.round, At::Marked);
        true
    }

    fn may_call(&self, task: &Task) -> bool {
        !task.alone || self.is(Fault::CallAlone)
    }

    fn call(&self, next: &mut World, task: &Task) {
        if next.fence != task.fence {
            next.wrong = Some(Wrong::NoLease);
        }
        if next.approvals() < 2 {
            next.wrong = Some(Wrong::NoQuorum);
        }
        next.again |= next.revoked;
        next.revoked = true;
    }
}
