//! Taking in what the inventory's stream says: the items that changed, and the lines of their certificates.

use std::collections::BTreeSet;
use std::time::Duration;

use countersign_aws::inventory::ItemChange;
use domain::certificate::CertificateLine;
use domain::reconcile::Sides;
use domain::{AuthorityArn, Serial, Timestamp};
use rusqlite::Connection;

use super::lines::{Extra, Inserting, LineTable, fold};
use super::revoked::revoked_since;
use super::snapshot::Snapshot;
use crate::Clock;
use crate::lock::lock;

/// Changes that a scan may lack: as old as it, or a little older, as a scan may read what was just overwritten.
const OVERLAP: Duration = Duration::from_secs(60);
/// How often it is noted how far it is, while nothing is written.
const NOTED: Duration = Duration::from_secs(60);
/// How many changes are kept for the next scan; then the older half goes.
const KEPT: usize = 100_000;

/// How far a stream has been followed.
#[derive(Debug)]
pub(super) struct Following {
    /// Who follows, and what: another program, or another stream, knows nothing of what this one did.
    pub source: String,
    /// Since when all that is written is told of.
    since: Timestamp,
    /// Until when it was.
    until: Timestamp,
    /// What was told of lately, and when; all of it that was told later than `forgotten`.
    changes: Vec<(Timestamp, ItemChange)>,
    forgotten: Option<Timestamp>,
    /// Something could not be taken in: until a scan that began later than this.
    lost: Option<Timestamp>,
    /// The last time that `until` was noted.
    noted: Timestamp,
}

impl Following {
    pub fn new(source: String, since: Timestamp) -> Self {
        Self { source, since, until: since, changes: Vec::new(), forgotten: None, lost: None, noted: since }
    }

    /// Goes on where an earlier start was, which knew all until then of an inventory whose scan began at `scanned`.
    pub fn resumed(source: String, scanned: Timestamp, until: Timestamp) -> Self {
        Self { until, noted: until, ..Self::new(source, scanned) }
    }

    /// Whether `until` is to be noted, now that it is `now`.
    pub fn is_due(&mut self, now: Timestamp, has_changes: bool) -> bool {
        let is_due = has_changes || now >= self.noted.plus(NOTED);
        if is_due {
            self.noted = now;
        }
        is_due
    }

    /// Until when an inventory is known whose scan began then; `None`: something that was written since may be missing.
    pub fn knows(&self, scanned: Timestamp) -> Option<Timestamp> {
        let whole = self.since <= scanned && self.lost.is_none_or(|lost| lost < scanned);
        whole.then_some(self.until)
    }

    pub fn add(&mut self, changes: Vec<ItemChange>, now: Timestamp) {
        self.until = now;
        self.changes.extend(changes.into_iter().map(|change| (now, change)));
        if self.changes.len() > KEPT {
            self.forgotten = self.changes.drain(..KEPT / 2).next_back().map(|(at, _)| at);
        }
    }

    pub fn lose(&mut self, now: Timestamp) {
        self.lost = Some(now);
    }

    /// What a scan that began then may lack. If not all of that is known any more, the scan is no younger than its beginning.
    pub fn since(&mut self, scanned: Timestamp) -> Vec<ItemChange> {
        let from = scanned.minus(OVERLAP);
        if self.forgotten.is_some_and(|forgotten| forgotten >= from) {
            self.lose(scanned);
        }
        self.changes.iter().filter(|(at, _)| *at >= from).map(|(_, change)| change.clone()).collect()
    }
}

impl Snapshot {
    /// Takes in these changes. False: only a scan can say what one of them means.
    pub(super) fn take_in(
        &self,
        connection: &Connection,
        changes: &[ItemChange],
    ) -> Result<bool, rusqlite::Error> {
        let Some(inventory) = &self.inventory else { return Ok(true) };
        let (mut touched, mut all) = (BTreeSet::new(), true);
        for change in changes {
            match inventory.change(connection, change)? {
                Some(certificates) => touched.extend(certificates),
                None => all = false,
            }
        }
        let Some(lines) = &self.lines else { return Ok(all) };
        for (number, serial) in touched {
            let authority = inventory.authorities.iter().find(|(_, known)| **known == number);
            if let Some((authority, _)) = authority {
                let found = self.found(connection, authority, serial)?;
                let sides = Sides { report: found.report, inventory: found.items, ..Sides::default() };
                let made = self.report_as_of(&authority.id());
                lines.fold_anew(connection, authority, serial, &sides, made)?;
            }
        }
        Ok(all)
    }
}

impl LineTable {
    /// The lines of one certificate, made again.
    fn fold_anew(
        &self,
        connection: &Connection,
        authority: &AuthorityArn,
        serial: Serial,
        sides: &Sides,
        made: Option<Timestamp>,
    ) -> Result<(), rusqlite::Error> {
        let Some(number) = self.authorities.iter().position(|known| known == authority) else {
            return Ok(());
        };
        let mut lines = Vec::new();
        if sides.report.is_some() || !sides.inventory.is_empty() {
            fold(authority, serial, sides, made, Clock::system().now(), |line| lines.push(line));
        }
        let in_report = made.filter(|_| sides.report.is_some());
        for line in lines.iter_mut().filter(|line| line.revoked_at.is_none()) {
            line.revoked_at = revoked_since(connection, authority, serial, in_report)?;
        }
        let old = self.remove(connection, number, serial)?;
        let mut inserting = Inserting::new(connection, self.name(), &self.words)?;
        let extra = Extra::of(sides);
        lines.iter().try_for_each(|line| inserting.insert(number, line, &extra))?;
        let device = |line: &CertificateLine| {
            line.device.as_ref().filter(|_| line.in_inventory).map(|device| device.as_str().to_owned())
        };
        let new: Vec<_> = lines.iter().map(device).collect();
        self.recount(connection, &old, &new)
    }

    /// Gives the devices of the inventory that they were of.
    fn remove(
        &self,
        connection: &Connection,
        number: usize,
        serial: Serial,
    ) -> Result<Vec<Option<String>>, rusqlite::Error> {
        let (name, which) = (self.name(), "WHERE serial = ? AND authority = ?");
        let select = format!("SELECT CASE in_inventory WHEN 1 THEN device END FROM {name} {which}");
        let mut select = connection.prepare_cached(&select)?;
        let old = select.query_map((serial.as_bytes(), number), |row| row.get(0))?.collect();
        let mut delete = connection.prepare_cached(&format!("DELETE FROM {name} {which}"))?;
        delete.execute((serial.as_bytes(), number))?;
        old
    }

    /// Keeps the counts, after lines of these devices were replaced by others.
    fn recount(
        &self,
        connection: &Connection,
        old: &[Option<String>],
        new: &[Option<String>],
    ) -> Result<(), rusqlite::Error> {
        let select = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {} WHERE in_inventory = 1 AND device = ?1 AND device = ?1 COLLATE BINARY LIMIT ?2)",
            self.name()
        );
        let mut select = connection.prepare_cached(&select)?;
        let devices: BTreeSet<&str> = old.iter().chain(new).filter_map(Option::as_deref).collect();
        let of = |lines: &[Option<String>], device| {
            lines.iter().filter(|line| line.as_deref() == Some(device)).count()
        };
        let (mut gone, mut come) = (0, 0);
        for device in devices {
            let added = of(new, device);
            let now: usize = select.query_row((device, added + 1), |row| row.get(0))?;
            let others = now > added;
            gone += u64::from(!others && added == 0 && of(old, device) > 0);
            come += u64::from(!others && added > 0 && of(old, device) == 0);
        }
        let mut sizes = lock(&self.sizes);
        sizes.devices = (sizes.devices + come).saturating_sub(gone);
        let count = |lines: &[Option<String>]| u64::try_from(lines.len()).unwrap_or(0);
        sizes.lines = (sizes.lines + count(new)).saturating_sub(count(old));
        Ok(())
    }
}
