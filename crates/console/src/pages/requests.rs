//! The list of requests: those that wait come first, unless it is narrowed or paged.

use domain::ledger::Object;
use domain::revocation::{Request, RequestId, RequestState};
use domain::views::{Inbox, PAGE_SIZE, RequestList, RequestPage, RequestQuery};
use domain::{Actor, Permission, Timestamp};

use crate::{Console, Error};

/// How many requests are read at once where the table cannot narrow them, and for one page at most; the next page goes on
/// from there.
const CHUNK: u32 = 200;
const READ: usize = 4000;
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
        let page = self.request_page(actor, query, now).await?;
        let for_me = u64::try_from(for_me).unwrap_or(u64::MAX);
        Ok(RequestList { waiting, for_me, page, authorities: self.authorities() })
    }

    async fn request_page(
        &self,
        actor: &Actor,
        query: &RequestQuery,
        now: Timestamp,
    ) -> Result<RequestPage, Error> {
        let state = match query.inbox {
            Inbox::ForMe => Some(RequestState::Pending),
            Inbox::Mine | Inbox::All => query.state,
        };
        let waiting = self.aws.count_requests(RequestState::Pending).await?;
        let mut page = RequestPage { waiting, ..RequestPage::default() };
        let (mut before, mut read) = (query.before.clone(), 0);
        loop {
            let chunk = self.aws.requests(state, before.as_ref(), CHUNK).await?;
            let last = chunk.last().map(|request| request.id.clone());
            let is_last = chunk.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX);
            read += chunk.len();
            for request in chunk {
                if query.from.is_some_and(|from| request.requested_at < from) {
                    return Ok(page);
                }
                let request = request.expired(now).unwrap_or(request);
                if query.takes(&request, actor, now) {
                    if page.requests.len() == size() {
                        page.next = last_of(&page);
                        return Ok(page);
                    }
                    page.requests.push(request);
                }
            }
            if is_last {
                return Ok(page);
            }
            if read >= READ {
                page.next = last;
                return Ok(page);
            }
            before = last;
        }
    }
}

fn last_of(page: &RequestPage) -> Option<RequestId> {
    page.requests.last().map(|request: &Request| request.id.clone())
}

fn size() -> usize {
    usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX)
}
