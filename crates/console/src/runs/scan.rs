//! The inventory, scanned into a table of the read model.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign_aws::inventory::UnreadableItem;
use domain::inventory::ReadItem;
use domain::run::Unreadable;
use domain::{AuthorityArn, Timestamp};
use futures::{StreamExt, pin_mut};
use tokio::sync::mpsc;

use super::Stop;
use crate::Console;
use crate::read_model::{InventoryLoad, InventoryTable};

/// How many parts of the table are read at once.
const SEGMENTS: u32 = 4;

/// One scan of the whole inventory, over all authorities.
pub(crate) struct Scan {
    pub table: Arc<InventoryTable>,
    /// Items that could be read, by authority.
    pub items: BTreeMap<AuthorityArn, u64>,
    pub unreadable: Unreadable,
    /// Attributes that could not be read, of items that could.
    pub unread: Unreadable,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
}

impl Console {
    /// Scans the inventory. `progress` is told the number of items read so far.
    pub(crate) async fn scan(&self, progress: impl Fn(u64) + Send + 'static) -> Result<Scan, Stop> {
        let started_at = self.clock.now();
        let (sender, mut pages) = mpsc::channel::<Vec<Result<ReadItem, UnreadableItem>>>(2);
        let loaded = self.read_model.blocking(move |database| {
            let mut load = InventoryLoad::begin(database)?;
            let (mut items, mut count) = (BTreeMap::new(), 0);
            let (mut unreadable, mut unread) = (Unreadable::default(), Unreadable::default());
            while let Some(page) = pages.blocking_recv() {
                for item in page {
                    match item {
                        Ok(ReadItem { item, unread: problems }) => {
                            for problem in problems {
                                unread.add(format!("device {}", item.device), problem);
                            }
                            *items.entry(item.authority.clone()).or_default() += 1;
                            load.add(item)?;
                        }
                        Err(bad) => {
                            load.add_unreadable(bad.certificate);
                            unreadable.add(bad.place, bad.problem);
                        }
                    }
                    count += 1;
                }
                progress(count);
            }
            Ok((Arc::new(load.finish(started_at)?), items, unreadable, unread))
        });
        let fed = async move {
            let scan = self.aws.scan_inventory(SEGMENTS);
            pin_mut!(scan);
            while let Some(page) = scan.next().await {
                if sender.send(page?).await.is_err() {
                    break;
                }
            }
            Ok::<_, Stop>(())
        };
        let (fed, loaded) = tokio::join!(fed, loaded);
        fed?;
        let (table, items, unreadable, unread) = loaded?;
        Ok(Scan { table, items, unreadable, unread, started_at, finished_at: self.clock.now() })
    }
}
