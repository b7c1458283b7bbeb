//! The list of requests: those that wait come first, unless it is narrowed or paged.

use domain::ledger::Object;
use domain::revocation::{Request, RequestId, RequestState};
use domain::views::{Inbox, PAGE_SIZE, RequestList, RequestPage, RequestQuery};
use domain::{Actor, Permission, Timestamp};

use super::Piece;
use crate::{Console, Error};

/// How many requests are read at once where the table cannot narrow them, and for one page at most; the next page goes on
/// from there.
const CHUNK: u32 = 200;
const READ: usize = 4000;
/// How many lines of a file are made at a time.
const TOGETHER: usize = 1000;
/// More than wait at any time.
const WAITING: u32 = 1000;

impl Console {
    /// One page of the requests that `query` names, newest first.
    pub async fn requests(&self, actor: &Actor, query: &RequestQuery) -> Result<RequestList, Error> {
        self.allowed(actor, Permission::Read, Object::Route("requests".to_owned())).await?;
        let now = self.clock.now();
        let mut waiting = self.aws.requests(Some(RequestState::Pending), None, WAITING).await?;
        waiting.retain(|request| request.pending(now).is_ok());
        let mine = RequestQuery { inbox: Inbox::ForMe, ..RequestQuery::default() };
        let for_me = waiting.iter().filter(|request| mine.takes(request, actor, now)).count();
        waiting.truncate(match *query == RequestQuery::default() {
            true => size(),
            false => 0,
        });
        let (requests, next) = self.request_page(actor, query, size(), now).await?;
        let page =
            RequestPage { requests, next, waiting: self.aws.count_requests(RequestState::Pending).await? };
        let for_me = u64::try_from(for_me).unwrap_or(u64::MAX);
        Ok(RequestList { waiting, for_me, page, authorities: self.authorities() })
    }

    /// The requests that this person can decide on, the oldest first.
    pub(crate) async fn requests_for(&self, actor: &Actor) -> Result<Vec<Request>, Error> {
        if !actor.may(Permission::Approve) {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let mine = RequestQuery { inbox: Inbox::ForMe, ..RequestQuery::default() };
        let mut waiting = self.aws.requests(Some(RequestState::Pending), None, WAITING).await?;
        waiting.retain(|request| request.pending(now).is_ok() && mine.takes(request, actor, now));
        waiting.reverse();
        Ok(waiting)
    }

    /// As many of them as a file is made of at a time, from the place of `query` on.
    pub async fn requests_for_a_file(
        &self,
        actor: &Actor,
        query: &RequestQuery,
    ) -> Result<Piece<Request, RequestId>, Error> {
        self.allowed(actor, Permission::Read, Object::Route("requests".to_owned())).await?;
        let now = self.clock.now();
        let (lines, next) = self.request_page(actor, query, TOGETHER, now).await?;
        Ok(Piece { lines, next, now, as_of: Some(now) })
    }

    /// At most `size` of them, and where the others begin.
    async fn request_page(
        &self,
        actor: &Actor,
        query: &RequestQuery,
        size: usize,
        now: Timestamp,
    ) -> Result<(Vec<Request>, Option<RequestId>), Error> {
        let state = match query.inbox {
            Inbox::ForMe => Some(RequestState::Pending),
            Inbox::Mine | Inbox::All => query.state,
        };
        let (mut requests, mut before, mut read) = (Vec::new(), query.before.clone(), 0);
        loop {
            let chunk = self.aws.requests(state, before.as_ref(), CHUNK).await?;
            let last = chunk.last().map(|request| request.id.clone());
            let is_last = chunk.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
            read += chunk.len();
            for request in chunk {
                if query.from.is_some_and(|from| request.requested_at < from) {
                    return Ok((requests, None));
                }
                let request = request.expired(now).unwrap_or(request);
                if query.takes(&request, actor, now) {
                    if requests.len() == size {
                        let next = last_of(&requests);
                        return Ok((requests, next));
                    }
                    requests.push(request);
                }
            }
            if is_last {
                return Ok((requests, None));
            }
            if read >= READ {
                return Ok((requests, last));
            }
            before = last;
        }
    }
}

fn last_of(requests: &[Request]) -> Option<RequestId> {
    requests.last().map(|request| request.id.clone())
}

fn size() -> usize {
    usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX)
}
