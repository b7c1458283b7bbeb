//! Older months that somebody asked to be loaded.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::trail::MonthLoad;
use futures::TryStreamExt;

use crate::item::{Item, body, json, s};
use crate::{Aws, Change, Error, Lease, Thing, keys};

const STATE: &str = "item_state";

impl Aws {
    /// All loads, the newest month first.
    pub async fn month_loads(&self) -> Result<Vec<MonthLoad>, Error> {
        let query = self.partition(keys::trail_months(), "").scan_index_forward(false);
        let items: Vec<Item> = self.all(query).try_collect().await?;
        items.iter().map(|item| body(Thing::MonthLoad, item)).collect()
    }

    /// A new load, or another one after one that failed. Fails the commit while one is under way or done.
    pub fn start_month_load(&self, load: &MonthLoad) -> Result<Change, Error> {
        let put =
            Change::put(Thing::MonthLoad, &load.month, keys::trail_month(&load.month), attributes(load)?);
        Ok(put.when("attribute_not_exists(pk) OR item_state = :failed", [(":failed", s("failed"))]))
    }

    /// How far it is. The ledger is not told.
    ///
    /// # Errors
    /// [`Error::Conflict`]: `lease` is lost, or the load has ended.
    pub async fn save_month_load(&self, load: &MonthLoad, lease: &Lease) -> Result<(), Error> {
        let put =
            Change::put(Thing::MonthLoad, &load.month, keys::trail_month(&load.month), attributes(load)?);
        let put = put.when("item_state = :running", [(":running", s("running"))]);
        self.apply(&[self.holds_lease(lease), put]).await
    }
}

fn attributes(load: &MonthLoad) -> Result<Vec<(&'static str, AttributeValue)>, Error> {
    let state = match (&load.failure, load.finished) {
        (Some(_), _) => "failed",
        (None, true) => "finished",
        (None, false) => "running",
    };
    Ok(vec![(keys::BODY, json(Thing::MonthLoad, load)?), (STATE, s(state))])
}
