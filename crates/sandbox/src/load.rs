//! The bulk of a large fleet: written into the stores of Private CA and DynamoDB as issuance would have left them, without
//! asking either. It is older than the trail, which tells nothing of it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::{Context, anyhow};
use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use time::{Duration, OffsetDateTime};

use crate::authorities::Authority;
use crate::fleet::{self, Device};
use crate::keys::Role;
use crate::pca::{Past, Pca};
use crate::provisioning::inventory::attributes;
use crate::provisioning::{Certificate, dns_name};
use crate::{schedule, trail};

/// How many certificates are written together.
const TOGETHER: usize = 5_000;
/// How much older than the trail they are.
const BEFORE: Duration = Duration::DAY;

/// Where to, and for whom.
pub(crate) struct Load {
    pub(crate) pca: Pca,
    pub(crate) database: Database,
    /// The inventory.
    pub(crate) table: String,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) now: OffsetDateTime,
}

type Row = (Device, Certificate);

impl Load {
    /// Loads what a fleet of `devices` has beyond those that are issued to. Both stores are written at once.
    ///
    /// # Errors
    /// One of them cannot be written.
    pub(crate) fn run(&self, seed: u64, devices: u32) -> anyhow::Result<()> {
        let Some(count) = devices.checked_sub(fleet::LIVE).filter(|count| *count > 0) else { return Ok(()) };
        let from = self.now - schedule::HISTORY;
        let every = (schedule::HISTORY - trail::HISTORY - BEFORE) / count;
        let fleet = (0..count).zip(fleet::loaded(seed, devices));
        let mut rows = fleet.map(|(nth, device)| {
            let at = (from + every * nth).truncate_to_second();
            let certificate = Certificate::unsigned(&device, &self.authorities[device.authority], at);
            (device, certificate)
        });
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel::<Arc<Vec<Row>>>(1);
            let authority = scope.spawn(move || self.issued(&receiver));
            loop {
                let together: Vec<Row> = rows.by_ref().take(TOGETHER).collect();
                if together.is_empty() {
                    break;
                }
                let together = Arc::new(together);
                // Nobody receives any more when writing has failed, and its error is the one to tell.
                if sender.send(together.clone()).is_err() {
                    break;
                }
                self.recorded(&together)?;
            }
            drop(sender);
            authority.join().map_err(|_| anyhow!("loading Private CA panicked"))?
        })
    }

    /// Writes what the authorities know.
    fn issued(&self, chunks: &Receiver<Arc<Vec<Row>>>) -> anyhow::Result<()> {
        let principal = Role::Provisioning.identity().arn();
        for rows in chunks {
            let mut past: Vec<Vec<Past>> = self.authorities.iter().map(|_| Vec::new()).collect();
            for (device, certificate) in rows.iter() {
                let serial = hex::decode(&certificate.serial)?;
                past[device.authority].push(Past {
                    serial: serial.try_into().ok().context("a serial number has sixteen octets")?,
                    subject: certificate.subject.clone(),
                    dns_name: dns_name(device),
                    issued_at: certificate.issued_at,
                    not_after: certificate.expires_at,
                });
            }
            for (authority, past) in self.authorities.iter().zip(past) {
                self.pca.load(&authority.arn, &principal, &past)?;
            }
        }
        Ok(())
    }

    /// Writes what the inventory knows.
    fn recorded(&self, rows: &[Row]) -> anyhow::Result<()> {
        let item = |(device, certificate): &Row| -> Item {
            let attributes = attributes(device, &self.authorities[device.authority], certificate);
            attributes.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).collect()
        };
        let items = rows.iter().map(item).collect();
        let imported = self.database.import_items(&self.table, items, ImportOptions::default());
        imported.map(|_| ()).map_err(|error| anyhow!("the inventory cannot be loaded: {error}"))
    }
}
