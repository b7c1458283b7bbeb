//! What the records know of single certificates and devices.

use std::collections::{BTreeMap, BTreeSet};

use domain::certificate::CertificateLine;
use domain::dry_run::{InForce, Known, SameKey};
use domain::revocation::Target;
use domain::{AuthorityArn, AuthorityId, DeviceId, InventoryItem, ReportRow, Serial, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use super::lines::REVOKED;
use super::listed::{self, Listed};
use super::model::ReadModel;
use super::revoked::revoked_since;
use super::rows;
use super::snapshot::Snapshot;
use crate::Error;

/// Both sides of one certificate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub report: Option<ReportRow>,
    pub items: Vec<InventoryItem>,
}

/// What a dry run is made from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knowledge {
    /// What is known of each serial number, in the order asked.
    pub known: Vec<Known>,
    /// The certificates in force of the devices that they belong to.
    pub in_force: InForce,
    /// The others in force that have a public key of theirs.
    pub same_key: Vec<SameKey>,
    /// `None`: the inventory was never read.
    pub as_of: Option<Timestamp>,
}

impl ReadModel {
    /// Both sides of one certificate.
    pub async fn found(&self, authority: &AuthorityArn, serial: Serial) -> Result<Found, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| snapshot.found(connection, &authority, serial)).await
    }

    /// What a CRL of the authority says of a certificate, the first that had it.
    pub async fn listed(&self, authority: &AuthorityArn, serial: Serial) -> Result<Option<Listed>, Error> {
        let authority = authority.clone();
        self.read(move |_, connection| listed::of(connection, &authority, serial)).await
    }

    /// What is known of these certificates and their devices, for a dry run.
    pub async fn knowledge(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
        now: Timestamp,
    ) -> Result<Knowledge, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| snapshot.knowledge(connection, &authority, &serials, now)).await
    }

    /// The others in force of the authority that have a public key of one of these.
    pub async fn with_keys_of(
        &self,
        authority: &AuthorityArn,
        serials: Vec<Serial>,
        now: Timestamp,
    ) -> Result<Vec<Serial>, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| {
            let _together = connection.unchecked_transaction()?;
            let keys = snapshot.keys(connection, &authority, &serials)?;
            let others = snapshot.same_key(connection, &authority, &serials, &keys, now)?;
            Ok(others.into_iter().map(|other| other.serial).collect())
        })
        .await
    }

    /// Of `serials`, those that the newest report shows as revoked, with the time it says.
    pub async fn revoked_in_report(
        &self,
        authority: &AuthorityId,
        serials: Vec<Serial>,
    ) -> Result<BTreeMap<Serial, Timestamp>, Error> {
        let authority = authority.clone();
        self.read(move |snapshot, connection| snapshot.revoked_in_report(connection, &authority, &serials))
            .await
    }
}

impl Snapshot {
    pub(crate) fn found(
        &self,
        connection: &Connection,
        authority: &AuthorityArn,
        serial: Serial,
    ) -> Result<Found, rusqlite::Error> {
        let mut found = Found::default();
        if let Some(report) = self.reports.get(&authority.id()) {
            let select = format!("SELECT * FROM {} WHERE serial = ?", report.table.name());
            let mut statement = connection.prepare_cached(&select)?;
            found.report =
                statement.query_row([serial.as_bytes()], |row| rows::report(row, authority)).optional()?;
        }
        let inventory = self.inventory.as_ref();
        let number = inventory.and_then(|inventory| Some((inventory, inventory.authorities.get(authority)?)));
        if let Some((inventory, number)) = number {
            let select =
                format!("SELECT * FROM {} WHERE authority = ? AND serial = ?", inventory.table.name());
            let mut statement = connection.prepare_cached(&select)?;
            let items = statement.query_map((number, serial.as_bytes()), |row| rows::item(row, authority))?;
            found.items = items.collect::<Result<_, _>>()?;
        }
        Ok(found)
    }

    pub(crate) fn knowledge(
        &self,
        connection: &Connection,
        authority: &AuthorityArn,
        serials: &[Serial],
        now: Timestamp,
    ) -> Result<Knowledge, rusqlite::Error> {
        // Many small questions: alone, each would take locks of its own and lose the pages read before to any write between.
        let _together = connection.unchecked_transaction()?;
        let mut knowledge = Knowledge { as_of: self.as_of(), ..Knowledge::default() };
        let mut devices = BTreeSet::new();
        for serial in serials {
            let found = self.found(connection, authority, *serial)?;
            devices.extend(found.items.iter().map(|item| item.device.clone()));
            let is_known = found.report.is_some() || !found.items.is_empty();
            let is_of_another = !is_known && self.is_known_elsewhere(connection, *serial)?;
            let is_in_report = found.report.is_some();
            let mut known = known(*serial, found, is_of_another);
            if known.revoked_at.is_none() {
                let made = self.report_as_of(&authority.id()).filter(|_| is_in_report);
                known.revoked_at = revoked_since(connection, authority, *serial, made)?;
            }
            knowledge.known.push(known);
        }
        let keys = self.keys(connection, authority, serials)?;
        knowledge.same_key = self.same_key(connection, authority, serials, &keys, now)?;
        knowledge.known.iter_mut().zip(keys).for_each(|(known, key)| known.key = key);
        for device in devices {
            let in_force = self.in_force(connection, &device, now)?;
            knowledge.in_force.insert(device, in_force);
        }
        Ok(knowledge)
    }

    /// The line of one certificate; the first one where there are several.
    pub fn line(
        &self,
        connection: &Connection,
        authority: &AuthorityArn,
        serial: Serial,
    ) -> Result<Option<CertificateLine>, rusqlite::Error> {
        let Some(lines) = &self.lines else { return Ok(None) };
        let select = format!("SELECT * FROM {} WHERE serial = ? AND authority = ? LIMIT 1", lines.name());
        let number = lines.number(&authority.id()).unwrap_or(-1);
        let mut statement = connection.prepare_cached(&select)?;
        statement.query_row((serial.as_bytes(), number), |row| lines.line(row)).optional()
    }

    fn is_known_elsewhere(&self, connection: &Connection, serial: Serial) -> Result<bool, rusqlite::Error> {
        let Some(lines) = &self.lines else { return Ok(false) };
        let select = format!("SELECT 1 FROM {} WHERE serial = ? LIMIT 1", lines.name());
        let mut statement = connection.prepare_cached(&select)?;
        statement.exists([serial.as_bytes()])
    }

    fn in_force(
        &self,
        connection: &Connection,
        device: &DeviceId,
        now: Timestamp,
    ) -> Result<BTreeMap<(AuthorityId, Serial), Option<Timestamp>>, rusqlite::Error> {
        let Some(lines) = &self.lines else { return Ok(BTreeMap::new()) };
        let select = format!(
            "SELECT * FROM {0} INDEXED BY {0}_device WHERE in_inventory = 1 AND device = ?1 AND device = ?1 COLLATE BINARY \
             AND standing > ?2 AND standing < ?3",
            lines.name()
        );
        let mut statement = connection.prepare_cached(&select)?;
        let found = statement.query_map((device.as_str(), now.unix(), REVOKED), |row| lines.line(row))?;
        found.map(|line| line.map(|line| ((line.authority.id(), line.serial), line.issued_at))).collect()
    }

    /// The certificates in force that the authority issued to the device of this name; `None`: the inventory has no such device.
    pub(crate) fn of_device(
        &self,
        connection: &Connection,
        authority: &AuthorityId,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<Serial>>, rusqlite::Error> {
        let (Some(lines), Ok(device)) = (&self.lines, name.parse::<DeviceId>()) else { return Ok(None) };
        let select = format!(
            "SELECT 1 FROM {0} INDEXED BY {0}_device WHERE in_inventory = 1 AND device = ?1 AND device = ?1 COLLATE BINARY LIMIT 1",
            lines.name()
        );
        if !connection.prepare_cached(&select)?.exists([device.as_str()])? {
            return Ok(None);
        }
        let in_force = self.in_force(connection, &device, now)?;
        let ours = in_force.into_keys().filter(|(of, _)| of == authority);
        Ok(Some(ours.map(|(_, serial)| serial).collect()))
    }

    /// Of `serials`, those that the newest report of the authority shows as revoked, with the time it says.
    pub(crate) fn revoked_in_report(
        &self,
        connection: &Connection,
        authority: &AuthorityId,
        serials: &[Serial],
    ) -> Result<BTreeMap<Serial, Timestamp>, rusqlite::Error> {
        let mut revoked = BTreeMap::new();
        let Some(report) = self.reports.get(authority) else { return Ok(revoked) };
        let select = format!("SELECT revoked_at FROM {} WHERE serial = ?", report.table.name());
        let mut statement = connection.prepare_cached(&select)?;
        for serial in serials {
            let at = statement.query_row([serial.as_bytes()], |row| rows::moment(row, 0)).optional()?;
            if let Some(at) = at.flatten() {
                revoked.insert(*serial, at);
            }
        }
        Ok(revoked)
    }
}

fn known(serial: Serial, found: Found, is_of_another: bool) -> Known {
    let Found { report, items } = found;
    let item = items.first();
    let subject = report.as_ref().and_then(|row| row.subject.clone());
    Known {
        is_known: report.is_some() || item.is_some(),
        is_of_another,
        is_root: report.as_ref().is_some_and(ReportRow::is_root),
        revoked_at: report.as_ref().and_then(|row| row.revoked_at),
        revoked_for: report
            .as_ref()
            .filter(|row| row.revoked_at.is_some())
            .and_then(|row| row.revocation_reason.clone()),
        caller: None,
        key: None,
        target: Target {
            serial,
            device: item.map(|item| item.device.clone()),
            serial_key: item.map(|item| item.serial_key.clone()),
            subject: subject.or_else(|| item.and_then(|item| item.subject.clone())),
            expires_at: report
                .as_ref()
                .map(|row| row.not_after)
                .or_else(|| item.and_then(|item| item.expires_at)),
            fingerprint: None,
        },
    }
}
