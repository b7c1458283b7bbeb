//! A counter that says that there is something to do: raised by what people order, polled by the workers.

use crate::item::number;
use crate::{Aws, Change, Error, Process, Thing, keys};

const REVISION: &str = "revision";

impl Aws {
    /// Raises the counter, in the transaction that gives the workers something to do. `None` from a worker: it is awake,
    /// and all workers would line up for this one item.
    pub(crate) fn wake(&self) -> Option<Change> {
        let web = self.settings.process == Process::Web;
        web.then(|| Change::add(Thing::Wake, "for the workers", keys::wake(), REVISION))
    }

    /// The counter as it is now; another one than before says that there is something to do. One small read.
    pub async fn wake_revision(&self) -> Result<u64, Error> {
        let item = self.item(Thing::Wake, &keys::wake()).await?;
        item.map_or(Ok(0), |item| number(Thing::Wake, &item, REVISION))
    }
}
