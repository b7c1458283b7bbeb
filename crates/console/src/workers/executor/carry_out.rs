//! One request, from where it is to its end: call after call, as many at once as the quota allows, until nothing is left or
//! something is in the way.

use countersign_aws::certificates::UNDER_WAY;
use countersign_aws::{Error as AwsError, Lease, Thing};
use domain::ledger::{Action, Body, Object};
use domain::revocation::{ItemProgress, ItemState, Mode, NotExecutable, Request, RequestId, RequestState};
use tokio::task::JoinSet;

use super::pace::Pace;
use super::revoke::Answer;
use super::take_on::{Left, Taken};
use super::{BATCH, Executor, Turn, lease_name, measure};
use crate::Error;
use crate::abort::{Point, abort_at};
use crate::journal::system;
use crate::lease::{Guard, Pass};

/// How many calls of a request may be under way at once at least: the rate is held even if the CA takes its time.
const AT_ONCE: u32 = 8;
/// Why a request waits that the configuration keeps from being carried out.
const REHEARSING: &str =
    "the configuration allows nothing but drills since (dry-run); it goes on when it says live";
const PAUSED: &str = "the configuration says that everything is paused; it goes on when it does not any more";

/// The calls of a request that are under way.
type Calls = JoinSet<(Left, Result<Answer, AwsError>)>;

/// Why a request is not carried on with for now.
enum Stop {
    /// It was halted, or taken over: whoever did so knows.
    Changed,
    /// Somebody has to see to something. The text is AWS's.
    Denied(String),
    /// Its approvals are not proven any more.
    NotApproved(NotExecutable),
    Failed(Error),
}

impl From<AwsError> for Stop {
    fn from(error: AwsError) -> Self {
        match error {
            AwsError::Conflict { what: Thing::Request | Thing::ExecutionItem | Thing::Lease, .. } => {
                Self::Changed
            }
            error => Self::Failed(error.into()),
        }
    }
}

impl Executor {
    /// Goes on with a request as far as possible. What is under way when its lease is lost is dropped with it.
    pub(super) async fn carry_out(&self, id: &RequestId, turn: &Turn) -> Result<Pass, Error> {
        let Some(guard) = self.leases.take(&lease_name(id)).await? else { return Ok(Pass::Waiting) };
        let done = tokio::select! {
            done = self.carry_out_leased(id, &guard, turn) => done.map(Pass::from),
            () = guard.lost() => Ok(Pass::Waiting),
        };
        guard.give_back().await;
        done
    }

    async fn carry_out_leased(&self, id: &RequestId, guard: &Guard, turn: &Turn) -> Result<(), Error> {
        let lease = guard.lease();
        let request = self.aws.request(id).await?;
        if let Some(why) = self.held_back(request.mode) {
            return Ok(self.tell_interrupted(&request, &mut request.problem.clone(), why, lease).await?);
        }
        let Some(mut taken) = self.take_on(request, guard).await? else { return Ok(()) };
        let stopped = match taken.approved.request().mode {
            Mode::Live => self.revoke_all(&mut taken, guard, turn).await,
            Mode::Drill => self.rehearse_all(&mut taken, guard, turn).await,
        };
        match stopped {
            Err(Stop::Changed) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::NotApproved(why)) => self.give_up(taken.approved.request(), &why, guard).await,
            Err(Stop::Denied(why)) => {
                self.tell_interrupted(taken.approved.request(), &mut taken.problem, &why, lease).await?;
                Err(Error::Unavailable(why.into()))
            }
            Ok(()) if taken.left.is_empty() => Ok(self.finish(&taken, lease).await?),
            Ok(()) => Ok(()),
        }
    }

    fn held_back(&self, approved: Mode) -> Option<&'static str> {
        match (approved, self.mode) {
            _ if self.paused => Some(PAUSED),
            // What was approved is not made a drill instead: part of it may be done already.
            (Mode::Live, Mode::Drill) => Some(REHEARSING),
            _ => None,
        }
    }

    /// Revokes what is left. After an error, and after the stop, what was begun is brought to its end.
    async fn revoke_all(&self, taken: &mut Taken, guard: &Guard, turn: &Turn) -> Result<(), Stop> {
        let at_once = usize::try_from(self.rate.max(AT_ONCE)).unwrap_or(usize::MAX);
        let mut calls: Calls = JoinSet::new();
        let mut stopped = Ok(());
        loop {
            let goes_on = stopped.is_ok() && !turn.stop.is_cancelled() && calls.len() < at_once;
            let ended = match taken.left.pop_front_if(|_| goes_on) {
                Some(left) => {
                    stopped = self.begin(left, taken, &mut calls, guard, turn).await;
                    calls.try_join_next()
                }
                None => match calls.join_next().await {
                    None => return stopped,
                    ended => ended,
                },
            };
            let noted = match ended {
                None => Ok(()),
                Some(Ok((left, answer))) => self.note(left, answer, taken, guard.lease(), turn).await,
                Some(Err(panicked)) => Err(Stop::Failed(Error::internal(panicked))),
            };
            stopped = stopped.and(noted);
        }
    }

    /// Waits for the turn of this certificate, marks it, and calls. From the mark on the call may have been made; the mark
    /// itself is refused to whoever has lost the lease, and when the request was halted.
    async fn begin(
        &self,
        left: Left,
        taken: &mut Taken,
        calls: &mut Calls,
        guard: &Guard,
        turn: &Turn,
    ) -> Result<(), Stop> {
        if turn.stop.run_until_cancelled(turn.pace.turn(taken.authority())).await.is_none() {
            taken.left.push_front(left);
            return Ok(());
        }
        if taken.proven_for == 0 {
            let approved = self.proofs.again(taken.approved.clone()).await.map_err(Stop::Failed)?;
            taken.approved = approved.map_err(Stop::NotApproved)?;
            taken.proven_for = BATCH;
        }
        taken.proven_for -= 1;
        let request = taken.approved.request();
        let before = left.item.item.clone();
        let earlier = left.item.called();
        let since = earlier.unwrap_or_else(|| self.clock.now());
        let calling =
            ItemProgress { item: ItemState::Calling { since }, round: request.round(), ..left.item.clone() };
        let first = earlier.is_none();
        self.aws.mark(request, &[(calling.clone(), before)], guard.lease()).await?;
        abort_at(Point::BeforeRevokeCall);
        // The mark may have taken long: a call that could still be on its way when another worker goes on is not made.
        for guard in [guard, &turn.executor] {
            guard.held_for(UNDER_WAY).map_err(Stop::Failed)?;
        }
        let (executor, approved, lease) = (self.clone(), taken.approved.clone(), guard.lease().clone());
        let marked = Left { item: calling, ..left };
        calls.spawn(async move { executor.call(&approved, marked, first, &lease).await });
        Ok(())
    }

    /// Takes in what came of a call. What could not be recorded is looked up when the request is taken on again.
    async fn note(
        &self,
        left: Left,
        answer: Result<Answer, AwsError>,
        taken: &mut Taken,
        lease: &Lease,
        turn: &Turn,
    ) -> Result<(), Stop> {
        let authority = taken.authority().clone();
        match answer? {
            Answer::Settled(item) => {
                turn.pace.well(&authority);
                taken.counts.add(&item);
                Ok(self.goes_on(taken, lease).await?)
            }
            Answer::Again => {
                taken.left.push_back(left);
                Ok(())
            }
            Answer::Later(why) => {
                taken.left.push_back(left);
                match turn.pace.slower(&authority) {
                    true => {
                        let request = taken.approved.request();
                        Ok(self.tell_interrupted(request, &mut taken.problem, &why, lease).await?)
                    }
                    false => Ok(()),
                }
            }
            Answer::Denied(why) => {
                taken.left.push_back(left);
                Err(Stop::Denied(why))
            }
        }
    }

    /// Plays what is left, and says of it that it would have been revoked: at the rate of calls, so that it takes as long, but
    /// from a bucket of its own, so that no revocation waits for it.
    async fn rehearse_all(&self, taken: &mut Taken, guard: &Guard, turn: &Turn) -> Result<(), Stop> {
        let (request, pace) = (taken.approved.request().clone(), Pace::new(self.rate));
        let second = usize::try_from(self.rate.max(1)).unwrap_or(BATCH).min(BATCH);
        while !taken.left.is_empty() && !turn.stop.is_cancelled() {
            let mut some = Vec::new();
            for left in taken.left.drain(..taken.left.len().min(second)) {
                pace.turn(&request.authority).await;
                let rehearsed = ItemState::Rehearsed { at: self.clock.now() };
                some.push((ItemProgress { item: rehearsed, ..left.item.clone() }, left.item.item));
            }
            self.aws.mark(&request, &some, guard.lease()).await?;
            some.iter().for_each(|(item, _)| taken.counts.add(item));
        }
        Ok(())
    }

    /// The request waits for somebody who sees to it; said once. `known`: what was said last.
    pub(super) async fn tell_interrupted(
        &self,
        request: &Request,
        known: &mut Option<String>,
        why: &str,
        lease: &Lease,
    ) -> Result<(), AwsError> {
        if known.as_deref() == Some(why) {
            return Ok(());
        }
        let body =
            self.told_of(request, Action::RevocationFailed).with("error", why).with("tried_again", "yes");
        self.save_problem(request, Some(why.to_owned()), &body, lease).await?;
        *known = Some(why.to_owned());
        measure("interrupted");
        Ok(())
    }

    /// What was in the way is not any more.
    async fn goes_on(&self, taken: &mut Taken, lease: &Lease) -> Result<(), AwsError> {
        let Some(problem) = &taken.problem else { return Ok(()) };
        let request = taken.approved.request();
        let body = self.told_of(request, Action::ExecutionStarted).with("after", problem);
        self.save_problem(request, None, &body, lease).await?;
        taken.problem = None;
        Ok(())
    }

    async fn save_problem(
        &self,
        request: &Request,
        problem: Option<String>,
        body: &Body,
        lease: &Lease,
    ) -> Result<(), AwsError> {
        let next = Request { problem, ..request.clone() };
        let change = self.aws.save_request(&next, request.state, lease)?;
        self.journal.commit(vec![change], body).await?;
        Ok(())
    }

    fn told_of(&self, request: &Request, action: Action) -> Body {
        self.journal.told(system("executor"), action, Object::Request(request.id.clone()))
    }

    /// Nothing is left to be done at the CA.
    async fn finish(&self, taken: &Taken, lease: &Lease) -> Result<(), AwsError> {
        let (request, counts) = (taken.approved.request(), &taken.counts);
        let finished = Request {
            state: counts.state(false),
            executed_at: Some(self.clock.now()),
            unproven: counts.unproven + counts.unsure,
            problem: None,
            ..request.clone()
        };
        let changes = vec![
            self.aws.save_request(&finished, RequestState::Executing, lease)?,
            self.aws.empty_outbox(&request.id),
        ];
        let body = self
            .told_of(request, Action::ExecutionFinished)
            .with("mode", request.mode.name())
            .with("revoked", counts.revoked)
            .with("failed", counts.failed)
            .with("rehearsed", counts.rehearsed);
        self.journal.commit(changes, &body).await?;
        measure(finished.state.name());
        Ok(())
    }
}
