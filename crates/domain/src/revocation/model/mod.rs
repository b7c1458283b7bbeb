//! The protocol of decisions, leases and marks, tried in every order: three people of whom two must approve, of whom each may
//! halt, resume, retry and close, and two workers that are slow, silent, robbed of answers or dead at any moment. What is
//! decided, stepped in and marked upon are the functions that the console uses.
//!
//! Time is not in it. That a lease is taken over only after its holder has noticed that it is alone, whichever clocks they
//! have, is what `lease.rs` of the console sees to; here it is assumed, and a test shows what comes of it otherwise.

mod people;
mod workers;
mod world;

use stateright::{Checker, HasDiscoveries, Model, Property};

use super::{Request, RequestState, Step, Target};
use people::{PEOPLE, Words};
use workers::Move;
use world::{Stage, World, Wrong};

/// What can be left out of it, to see that it is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A mark is made whatever the state of the request.
    MarkUnseen,
    /// A mark is made whoever holds the lease.
    MarkUnleased,
    /// A lease is taken from a holder who is there.
    Robbed,
    /// Two processes that see a free lease both take it.
    BothTake,
    /// A decision is written over what was decided meanwhile.
    DecideBlindly,
    /// A call is made although the lease may be over.
    CallAlone,
}

const TWO_WINNERS: &str = "nobody takes a lease at the fence of another";
const NO_QUORUM: &str = "no call without a quorum";
const NO_LEASE: &str = "no mark and no call by whoever has lost the lease";
const HALTED: &str = "no mark unless it is being executed";
const LOST: &str = "no approval is lost";

struct Protocol {
    fault: Option<Fault>,
    request: Request,
    targets: Vec<Target>,
    /// Where it begins: before the decisions, or after them.
    begin: RequestState,
    workers: usize,
    /// How often a lease changes hands, and how often people step in, at most.
    most: (u64, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Reads(usize),
    Says(usize, Words),
    Works(usize, Move),
}

impl Protocol {
    fn new(fault: Option<Fault>, begin: RequestState, most: (u64, usize)) -> Self {
        let (request, targets) = super::fixture::request(2);
        let workers = if begin == RequestState::Pending { 1 } else { 2 };
        Self { fault, request, targets, begin, workers, most }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// A worker that nobody disturbs brings what is left to its end.
    fn settles(&self, world: &World) -> bool {
        let mut world = world.clone();
        for worker in 0..2 {
            world = self.moved(&world, worker, Move::Dies).unwrap_or(world);
        }
        let approver = 1;
        if world.state == RequestState::Halted {
            world.steps.clear();
            world = self.said(&world, approver, Words::Step(Step::Resume)).unwrap_or(world);
        }
        for _ in 0..12 {
            let next = Move::UNDISTURBED.into_iter().find_map(|one| self.moved(&world, 0, one));
            let Some(next) = next else { break };
            world = next;
        }
        world.item.is_none_or(|(stage, _, _)| stage != Stage::Calling)
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.begin)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.wrong.is_some() {
            return;
        }
        // After the decisions both approvers may do the same.
        let people = if world.state == RequestState::Pending { PEOPLE.len() } else { 2 };
        for person in 0..people {
            actions.push(Action::Reads(person));
            actions.extend(Words::ALL.map(|words| Action::Says(person, words)));
        }
        for worker in 0..self.workers {
            actions.extend(Move::ALL.map(|one| Action::Works(worker, one)));
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        match action {
            Action::Reads(person) => self.read(world, person),
            Action::Says(person, words) => self.said(world, person, words),
            Action::Works(worker, one) => self.moved(world, worker, one),
        }
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.fence <= self.most.0
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(TWO_WINNERS, |_, world: &World| world.wrong != Some(Wrong::TwoWinners)),
            Property::always(NO_QUORUM, |_, world: &World| world.wrong != Some(Wrong::NoQuorum)),
            Property::always(NO_LEASE, |_, world: &World| world.wrong != Some(Wrong::NoLease)),
            Property::always(HALTED, |_, world: &World| world.wrong != Some(Wrong::NotExecuting)),
            Property::always(LOST, |_, world: &World| {
                world.acknowledged.iter().all(|person| world.decisions.iter().any(|(by, _)| by == person))
            }),
            Property::always("it is recorded once that it is revoked", |_, world: &World| {
                world.recorded <= 1
            }),
            Property::always("what is marked can be settled", |protocol: &Self, world: &World| {
                let marked = world.item.is_some_and(|(stage, _, _)| stage == Stage::Calling);
                // What is closed is left as it is.
                !marked || world.state == RequestState::Closed || protocol.settles(world)
            }),
            Property::sometimes("called", |_, world: &World| world.revoked),
            Property::sometimes(
                "recorded by another than who has called",
                |protocol: &Self, world: &World| {
                    protocol.workers == 1 || (world.again && world.state == RequestState::Executed)
                },
            ),
        ]
    }
}

fn checked(protocol: Protocol) -> impl Checker<Protocol> {
    let begin = protocol.begin;
    let checker = protocol.checker().threads(2).spawn_bfs().join();
    eprintln!("{} states from {begin:?}", checker.unique_state_count());
    checker
}

#[test]
fn decisions_hold_in_every_order() {
    checked(Protocol::new(None, RequestState::Pending, (1, 0))).assert_properties();
}

#[test]
fn executions_hold_in_every_order() {
    checked(Protocol::new(None, RequestState::Approved, (2, 2))).assert_properties();
}

#[test]
fn without_one_of_its_conditions_it_does_not_hold() {
    use RequestState::{Approved, Pending};
    for (fault, begin, broken) in [
        (Fault::DecideBlindly, Pending, LOST),
        (Fault::MarkUnseen, Approved, HALTED),
        (Fault::MarkUnleased, Approved, NO_LEASE),
        (Fault::Robbed, Approved, NO_LEASE),
        (Fault::BothTake, Approved, TWO_WINNERS),
        (Fault::CallAlone, Approved, NO_LEASE),
    ] {
        let checker = Protocol::new(Some(fault), begin, (2, 1)).checker().threads(2);
        let finder = HasDiscoveries::AnyOf([broken].into());
        let checker = checker.finish_when(finder).spawn_bfs().join();
        assert!(checker.discovery(broken).is_some(), "{fault:?} breaks nothing");
    }
}
