//! The outbox: approved requests that a worker has yet to carry out. One is put with the approval, in its transaction.

use domain::revocation::{Request, RequestId};
use futures::TryStreamExt;

use super::AUTHORITY;
use crate::item::{Item, s, text};
use crate::{Aws, Change, Error, Thing, keys};

pub(super) fn put(request: &Request) -> Change {
    let attributes = [(AUTHORITY, s(request.authority.id().as_str()))];
    Change::put(Thing::Outbox, request.id.as_str(), keys::outbox_item(&request.id), attributes).when_absent()
}

impl Aws {
    /// What is to be carried out, the oldest request first.
    pub async fn outbox(&self) -> Result<Vec<RequestId>, Error> {
        let items: Vec<Item> = self.all(self.partition(keys::outbox(), "")).try_collect().await?;
        items.iter().map(request_id).collect()
    }

    /// Nothing is left to be done at the CA for this request. Fails the commit if another worker said so before.
    pub fn empty_outbox(&self, id: &RequestId) -> Change {
        let delete = Change::delete(Thing::Outbox, id.as_str(), keys::outbox_item(id));
        delete.when("attribute_exists(pk)", [])
    }
}

fn request_id(item: &Item) -> Result<RequestId, Error> {
    let id = text(Thing::Outbox, item, keys::SK)?;
    id.parse().map_err(|error| Error::invalid("reading", format!("the outbox item {id}"), error))
}
