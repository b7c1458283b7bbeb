//! The list of requests: those that wait come first, unless it is narrowed or paged.

use domain::ledger::Object;
use domain::revocation::{RequestId, RequestState};
use domain::views::{PAGE_SIZE, RequestList, RequestPage};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// One page of requests in `state`, or of all, newest first: those before `before`, or the newest.
    pub async fn requests(
        &self,
        actor: &Actor,
        state: Option<RequestState>,
        before: Option<&RequestId>,
    ) -> Result<RequestList, Error> {
        self.allowed(actor, Permission::Read, Object::Route("requests".to_owned())).await?;
        let waiting = match (state, before) {
            (None, None) => self.request_page(Some(RequestState::Pending), None).await?.requests,
            _ => Vec::new(),
        };
        let page = self.request_page(state, before).await?;
        Ok(RequestList { waiting, page, authorities: self.authorities() })
    }

    async fn request_page(
        &self,
        state: Option<RequestState>,
        before: Option<&RequestId>,
    ) -> Result<RequestPage, Error> {
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
}
