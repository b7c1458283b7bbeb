//! Reading requests: in lists, and one with everything that an approver must see.

mod timeline;

use domain::ledger::Object;
use domain::revocation::{Refusal, RequestId, RequestState};
use domain::views::{PAGE_SIZE, RequestPage, RequestView};
use domain::{Actor, Permission};

use crate::{Console, Error};
use timeline::timeline;

impl Console {
    /// One page of requests, newest first: those before `before`, or the newest.
    pub async fn requests(
        &self,
        actor: &Actor,
        state: Option<RequestState>,
        before: Option<&RequestId>,
    ) -> Result<RequestPage, Error> {
        self.allowed(actor, Permission::Read, Object::Route("requests".to_owned())).await?;
        let now = self.clock.now();
        let mut requests = self.aws.requests(state, before, PAGE_SIZE + 1).await?;
        let page = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        let next = match requests.len() > page {
            true => requests.get(page - 1).map(|request| request.id.clone()),
            false => None,
        };
        requests.truncate(page);
        let waiting = self.aws.count_requests(RequestState::Pending).await?;
        let requests = requests.into_iter().map(|request| request.expired(now).unwrap_or(request));
        let requests = requests.filter(|request| state.is_none_or(|state| request.state == state)).collect();
        Ok(RequestPage { requests, next, waiting })
    }

    /// One request.
    pub async fn request(&self, actor: &Actor, id: &RequestId) -> Result<RequestView, Error> {
        self.allowed(actor, Permission::Read, Object::Request(id.clone())).await?;
        let now = self.clock.now();
        let request = self.aws.request(id).await?;
        let targets = self.aws.request_targets(id).await?;
        let execution = self.aws.execution(id, &targets).await?;
        let request = request.expired(now).unwrap_or(request);
        let policy = &self.settings().policy;
        let intact = match request.hash_of(&targets) == request.hash {
            true => Ok(()),
            false => Err(Refusal::OtherHash),
        };
        let decidable = request.pending(now).and_then(|pending| pending.open_to(actor, policy, now));
        Ok(RequestView {
            authority: self.named(&request.authority),
            state: request.state,
            dry_run: self.foretell_again(&request, &targets).await?,
            timeline: timeline(&request, &execution, self.configuration.revocation.crl_deadline),
            cannot_decide: decidable.and(intact).err(),
            cannot_cancel: request.cancel(actor, now).err(),
            mode: request.mode,
            request,
            targets,
            execution,
        })
    }
}
