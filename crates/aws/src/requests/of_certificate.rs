//! The requests that have a certificate among their targets.

use domain::revocation::{Request, RequestId};
use domain::{AuthorityId, Serial};
use futures::TryStreamExt;

use crate::item::{Item, body, text};
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// All of them, newest first.
    pub async fn requests_of(&self, authority: &AuthorityId, serial: Serial) -> Result<Vec<Request>, Error> {
        let query = self.partition(keys::requests_of(authority, serial), keys::REQUEST_OF);
        let index: Vec<Item> = self.all(query).try_collect().await?;
        let keys: Result<Vec<_>, Error> = index.iter().map(|item| Ok(keys::request(&id(item)?))).collect();
        let items = self.items(keys?).await?;
        let mut requests: Vec<Request> =
            items.iter().map(|item| body(Thing::Request, item)).collect::<Result<_, _>>()?;
        requests.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(requests)
    }
}

fn id(item: &Item) -> Result<RequestId, Error> {
    let id = text(Thing::Request, item, keys::SK)?.trim_start_matches(keys::REQUEST_OF);
    id.parse().map_err(|error| Error::invalid("reading", format!("the index entry {id}"), error))
}
