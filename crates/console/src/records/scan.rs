//! The inventory, scanned into a table of the read model.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use countersign_aws::inventory::UnreadableItem;
use domain::Timestamp;
use domain::inventory::ReadItem;
use domain::run::Unreadable;
use futures::{StreamExt, pin_mut};
use tokio::sync::mpsc;

use super::load::InventoryLoad;
use super::scanning::{Flight, Scan};
use super::{Records, Unread};

/// How many parts of the table are read at once.
const SEGMENTS: u32 = 4;

impl Records {
    /// A scan of the inventory that began after `since`, shared with all who want one at the same time. `progress` is told
    /// the number of items read so far.
    pub async fn scan(&self, since: Timestamp, progress: impl Fn(u64) + Sync) -> Result<Arc<Scan>, Unread> {
        let start = || {
            let (flight, told) = Flight::new(self.clock.now());
            let (records, part) = (self.clone(), flight.clone());
            // A task of its own: whoever stops waiting for it stops nobody else's.
            tokio::spawn(async move {
                let outcome = records.scan_now(&part).await.map(Arc::new);
                told.send_replace(Some(outcome.map_err(|unread| unread.0)));
            });
            flight
        };
        self.scanning.after(since, start, progress).await.map_err(Unread)
    }

    async fn scan_now(&self, flight: &Flight) -> Result<Scan, Unread> {
        let started_at = self.clock.now();
        let (sender, mut pages) = mpsc::channel::<Vec<Result<ReadItem, UnreadableItem>>>(2);
        let counter = flight.items.clone();
        let loaded = self.model.blocking(move |database| {
            let mut load = InventoryLoad::begin(database)?;
            let mut items = BTreeMap::new();
            let (mut unreadable, mut unread) = (Unreadable::default(), Unreadable::default());
            while let Some(page) = pages.blocking_recv() {
                counter.fetch_add(u64::try_from(page.len()).unwrap_or(0), Ordering::Relaxed);
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
                }
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
            Ok::<_, Unread>(())
        };
        let (fed, loaded) = tokio::join!(fed, loaded);
        fed?;
        let (table, items, unreadable, unread) = loaded?;
        Ok(Scan { table, items, unreadable, unread, started_at, finished_at: self.clock.now() })
    }
}
