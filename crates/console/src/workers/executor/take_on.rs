//! Taking a request on: everything that it is executed upon is read and verified once, and what is left to do is kept in
//! memory for as long as its lease is held. Nobody else writes about it meanwhile, or gets into the way of the next mark.

use std::collections::VecDeque;

use domain::ledger::{Action, Object};
use domain::revocation::{
    Approved, ItemProgress, ItemState, NotExecutable, ProgressCounts, Request, RequestState, Target,
};
use domain::{AuthorityArn, DeviceId, Serial, Timestamp};
use tokio::time::Instant;

use super::{BATCH, Executor, measure};
use crate::Error;
use crate::journal::system;
use crate::lease::Guard;

/// A request that may be executed, and what is left of it.
pub(super) struct Taken {
    pub approved: Approved,
    /// How many calls may be begun until the approvals are proven again.
    pub proven_for: usize,
    pub left: VecDeque<Left>,
    /// What came of the others.
    pub counts: ProgressCounts,
    /// What was in the way last, as it is stored.
    pub problem: Option<String>,
}

/// A certificate that is to be revoked.
#[derive(Clone, Debug)]
pub(super) struct Left {
    /// As it is stored.
    pub item: ItemProgress,
    /// Where the inventory has it: the device, and the serial number as its key holds it.
    pub inventory: Option<(DeviceId, String)>,
    /// When this worker first called, by its own clock.
    pub called: Option<Instant>,
}

impl Taken {
    pub fn authority(&self) -> &AuthorityArn {
        &self.approved.request().authority
    }
}

impl Left {
    pub fn serial(&self) -> Serial {
        self.item.serial
    }
}

impl Executor {
    /// `None`: it is not to be executed, or not any more.
    pub(super) async fn take_on(&self, request: Request, guard: &Guard) -> Result<Option<Taken>, Error> {
        let id = &request.id;
        let under_way = matches!(request.state, RequestState::Approved | RequestState::Executing);
        if request.state.is_countersigned() && !under_way {
            // It was taken out of the outbox a moment ago.
            return Ok(None);
        }
        let targets = self.aws.request_targets(id).await?;
        let items = self.aws.execution(id, &targets).await?.items;
        let begun = items.iter().any(|item| item.item != ItemState::Waiting);
        let approved = match self.approved(request.clone(), &targets, begun, guard).await? {
            Ok(approved) => approved,
            Err(why) => return self.give_up(&request, &why, guard).await.map(|()| None),
        };
        let round = request.round();
        let (mut left, mut counts) = (VecDeque::new(), ProgressCounts::default());
        for (item, target) in items.into_iter().zip(targets) {
            match item.is_left(round) {
                true => left.push_back(Left {
                    item,
                    inventory: target.device.zip(target.serial_key),
                    called: None,
                }),
                false => counts.add(&item),
            }
        }
        let problem = approved.request().problem.clone();
        Ok(Some(Taken { approved, proven_for: BATCH, left, counts, problem }))
    }

    /// The request as one that may be executed now: hash and approvals are proven, and the roles of the people as long as
    /// no call was made. `Ok(Err(_))`: it may not.
    async fn approved(
        &self,
        request: Request,
        targets: &[Target],
        begun: bool,
        guard: &Guard,
    ) -> Result<Result<Approved, NotExecutable>, Error> {
        let first = request.state == RequestState::Approved;
        let approved = match self.proofs.approved(request, targets).await? {
            Ok(approved) => approved,
            Err(why) => return Ok(Err(why)),
        };
        if !begun && let Err(why) = approved.still_backed(&self.aws.roles_of(&approved.people()).await?) {
            return Ok(Err(why));
        }
        // Its state is a row that others than workers write. What was begun by a worker is not.
        if first || !begun {
            if !self.is_published(&approved).await? {
                return Ok(Err(NotExecutable::NotPublished));
            }
            if let Some(alert) = approved.glass_broken() {
                self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &[], Vec::new()).await?;
            }
        }
        if !first {
            return Ok(Ok(approved));
        }
        let approved = approved.executing();
        let executing = approved.request();
        let change = self.aws.save_request(executing, RequestState::Approved, guard.lease())?;
        let body = self
            .journal
            .told(system("executor"), Action::ExecutionStarted, Object::Request(executing.id.clone()))
            .with("mode", executing.mode.name())
            .with("targets", executing.target_count)
            .with("hash", &executing.hash);
        self.journal.commit(vec![change], &body).await?;
        Ok(Ok(approved))
    }

    /// The request is not carried out, or not yet.
    pub(super) async fn give_up(
        &self,
        request: &Request,
        why: &NotExecutable,
        guard: &Guard,
    ) -> Result<(), Error> {
        match why {
            // Not even a word: what is written would lack what this version does not know.
            NotExecutable::Newer => Ok(()),
            why if why.may_pass() => {
                let mut known = request.problem.clone();
                Ok(self.tell_interrupted(request, &mut known, &why.to_string(), guard.lease()).await?)
            }
            why => self.call_off(request, why, guard).await,
        }
    }

    /// An approved request that must not be executed ends here.
    async fn call_off(&self, request: &Request, why: &NotExecutable, guard: &Guard) -> Result<(), Error> {
        let id = &request.id;
        tracing::error!(request = %id, "request {id} is not executed: {why}");
        if let Some(alert) = why.alert(request, self.clock.now()) {
            self.raiser.raise(vec![alert.into()], Timestamp::EPOCH, &[], Vec::new()).await?;
        }
        let mut changes = vec![self.aws.empty_outbox(id)];
        let mut action = Action::Refused;
        if !matches!(why, NotExecutable::State(_)) {
            action = Action::RevocationCancelled;
            let cancelled = Request {
                state: RequestState::Cancelled,
                cancelled_at: Some(self.clock.now()),
                problem: Some(why.to_string()),
                ..request.clone()
            };
            changes.push(self.aws.save_request(&cancelled, request.state, guard.lease())?);
        }
        let body = self
            .journal
            .told(system("executor"), action, Object::Request(id.clone()))
            .with("attempt", "execute")
            .with("why", why);
        self.journal.commit(changes, &body).await?;
        measure("cancelled");
        Ok(())
    }
}
