//! A counter that says that there is news: raised after what others look for was written, read by all processes. Whoever
//! sees it stand still may look for news more rarely; one that was not raised makes others late, nothing more.

use crate::item::number;
use crate::{Aws, Change, Error, Thing, keys};

const REVISION: &str = "revision";

impl Aws {
    /// Raises the counter. By itself, after the transaction that wrote the news: writers that share an item would wait for each
    /// other.
    pub(crate) async fn wake(&self) {
        if !self.raised.is_due() {
            return;
        }
        // Where another raises it at the same moment, it is raised.
        let change = Change::add(Thing::Wake, "of news", keys::wake(), REVISION);
        if let Err(error) = self.transact(&[change]).await {
            tracing::debug!("others hear later that there is news: {error}");
        }
    }

    /// The counter as it is now; another one than before says that there is news. One small read.
    pub async fn wake_revision(&self) -> Result<u64, Error> {
        let item = self.item(Thing::Wake, &keys::wake()).await?;
        item.map_or(Ok(0), |item| number(Thing::Wake, &item, REVISION))
    }
}
