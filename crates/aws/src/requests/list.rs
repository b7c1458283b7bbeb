//! Requests, newest first, and how many are in a state.

use domain::Timestamp;
use domain::revocation::{Request, RequestId, RequestState};
use futures::{Stream, StreamExt, TryStreamExt, future};

use crate::item::{body, s};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// At most `limit` requests made before `before` (from the newest on without it), newest first. Those in `state`
    /// are listed as they were a moment ago, all of them as they are now.
    pub async fn requests(
        &self,
        state: Option<RequestState>,
        before: Option<&RequestId>,
        limit: u32,
    ) -> Result<Vec<Request>, Error> {
        let (query, condition) = match state {
            None => (self.partition(keys::requests(), ""), "pk = :pk AND sk < :before"),
            Some(state) => (self.list(keys::requests_list(state), ""), "list_pk = :pk AND list_sk < :before"),
        };
        let query = query.scan_index_forward(false);
        let query = match before {
            None => query,
            Some(before) => query
                .key_condition_expression(condition)
                .expression_attribute_values(":before", s(before.as_str())),
        };
        self.first(query, limit).await?.iter().map(|item| body(Thing::Request, item)).collect()
    }

    /// Those made after `since`, newest first, as they are now.
    pub fn requests_since(&self, since: Timestamp) -> impl Stream<Item = Result<Request, Error>> + use<> {
        let query = self.partition(keys::requests(), "").scan_index_forward(false);
        let requests = self.all(query).map(|item| body::<Request>(Thing::Request, &item?));
        requests.try_take_while(move |request| future::ready(Ok(request.requested_at > since)))
    }

    /// How many requests are in `state`, as of a moment ago.
    pub async fn count_requests(&self, state: RequestState) -> Result<u64, Error> {
        self.count(self.list(keys::requests_list(state), "")).await
    }
}
