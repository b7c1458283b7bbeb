//! The lines of the list of certificates: both sides of each folded into one, indexed for every way to look at them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::certificate::CertificateLine;
use domain::reconcile::Sides;
use domain::subject::common_name;
use domain::{AuthorityArn, AuthorityId, InventoryItem, ReportRow, Serial, Timestamp};
use rusqlite::{CachedStatement, Connection, Row};

use super::by_day;
use super::counted::Counted;
use super::database::{Database, DatabaseError, Table};
use super::load::{InventoryTable, ReportTable};
use super::merge::{MergeError, Sources, merge};
use super::revoked::{self, Reached};
use super::rows;
use super::words::{Adding, Words};
use crate::Clock;
use crate::lock::lock;

const BATCH: usize = 5000;

/// `device` of a certificate without one is [`NONE`], which is behind all others; times that nobody knows are [`UNKNOWN`].
/// `standing` is when it expires, or [`REVOKED`]: what a certificate is at any moment is a range of it. `proven`: the report
/// shows the revocation. `name` is the common name.
const COLUMNS: &str = "authority INTEGER NOT NULL, serial BLOB NOT NULL, device TEXT NOT NULL COLLATE NOCASE, \
     subject TEXT NOT NULL COLLATE NOCASE, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER, \
     in_report INTEGER NOT NULL, in_inventory INTEGER NOT NULL, name TEXT COLLATE NOCASE, template TEXT, \
     standing INTEGER NOT NULL, proven INTEGER NOT NULL";

pub(super) const NONE: &str = "\u{10ffff}";
pub(super) use super::revoked::{REVOKED, UNKNOWN};

/// One for each order of the list, with what filters by status and authority need; they begin with the order's key and the
/// serial number ([`super::list`]). And those by which little is found in much.
const INDEXES: [(&str, &str); 9] = [
    ("device", "device, serial, authority, standing"),
    ("serial", "serial, authority, standing"),
    ("subject", "subject, serial, authority, standing"),
    ("authority", "authority, serial, standing"),
    ("expiry", "expires_at, serial, authority, standing"),
    ("issued", "issued_at, serial, authority, standing"),
    ("status", "standing, serial, authority"),
    ("name", "name"),
    ("state", "authority, standing"),
];

/// All lines, made from one inventory and the newest reports. What is revoked later is marked in them, and those of a certificate
/// whose items change are made again.
#[derive(Debug)]
pub(crate) struct LineTable {
    pub(crate) table: Table,
    /// What their texts have in them.
    pub(super) words: Words,
    /// The authority that each number stands for.
    pub(crate) authorities: Vec<AuthorityArn>,
    pub(super) sizes: Mutex<Sizes>,
    /// Counts that took long.
    pub(super) counted: Counted,
    /// What happened on each day, and will: counts by [`by_day`].
    pub(super) days: Table,
    /// When the report of each authority was made.
    made: Vec<Option<Timestamp>>,
    /// How far later revocations are marked.
    reached: Mutex<Reached>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    /// Devices with at least one certificate in the inventory.
    pub devices: u64,
    /// All lines.
    pub lines: u64,
}

impl LineTable {
    pub(crate) fn build(
        database: &Database,
        inventory: &InventoryTable,
        reports: &BTreeMap<AuthorityId, Arc<ReportTable>>,
    ) -> Result<Self, DatabaseError> {
        let table = database.table("line");
        let name = table.name().to_owned();
        let words = Words { table: database.table("words") };
        let create = format!("CREATE TABLE {name} ({COLUMNS}); {}", words.create());
        database.write(|connection| connection.execute_batch(&create))?;
        let mut authorities: BTreeSet<AuthorityArn> = inventory.authorities.keys().cloned().collect();
        authorities.extend(reports.values().map(|report| report.authority.clone()));
        let authorities: Vec<AuthorityArn> = authorities.into_iter().collect();
        let now = Clock::system().now();
        let mut items = inventory.packed(database, None)?;
        let mut batch = Vec::with_capacity(BATCH);
        for (number, authority) in authorities.iter().enumerate() {
            let report = reports.get(&authority.id());
            let made = report.map(|report| report.created_at);
            let report = &report.map(|report| report.packed(database)).transpose()?.unwrap_or_default();
            let inventory = &items.remove(authority).unwrap_or_default();
            let fold = |serial, sides: Sides| {
                let mut lines = Vec::with_capacity(1);
                fold(authority, serial, &sides, made, now, |line| {
                    lines.push((number, line, Extra::of(&sides)))
                });
                Some(lines)
            };
            merge(Sources { authority, report, inventory, trail: None }, None, fold, |lines| {
                batch.extend(lines);
                if batch.len() >= BATCH { insert(database, &name, &words, &mut batch) } else { Ok(()) }
            })
            .map_err(MergeError::<DatabaseError>::into_inner)?;
        }
        insert(database, &name, &words, &mut batch)?;
        let indexes =
            INDEXES.map(|(index, columns)| format!("CREATE INDEX {name}_{index} ON {name} ({columns});"));
        let alone = format!("CREATE INDEX {name}_alone ON {name} (in_inventory) WHERE in_inventory = 0;");
        let indexes = indexes.into_iter().chain([alone]);
        // One transaction each: nobody else can write meanwhile.
        for index in indexes {
            database.write(|connection| connection.execute_batch(&index))?;
        }
        let count = format!(
            "SELECT count(DISTINCT CASE in_inventory WHEN 1 THEN device COLLATE BINARY END), count(*) FROM {name}"
        );
        let sizes = |row: &Row<'_>| Ok(Sizes { devices: row.get(0)?, lines: row.get(1)? });
        let sizes = Mutex::new(database.read(|connection| connection.query_row(&count, [], sizes))?);
        let made = |arn: &AuthorityArn| reports.get(&arn.id()).map(|report| report.created_at);
        let made = authorities.iter().map(made).collect();
        let days = database.table("line_days");
        for statement in by_day::create(&name, days.name()) {
            database.write(|connection| connection.execute_batch(&statement))?;
        }
        let (counted, reached) = Default::default();
        let lines = Self { table, words, authorities, sizes, counted, days, made, reached };
        lines.mark_revoked(database)?;
        Ok(lines)
    }

    /// Marks what has become known as revoked since the last time.
    pub(super) fn mark_revoked(&self, database: &Database) -> Result<(), DatabaseError> {
        let mut reached = lock(&self.reached);
        let authorities: Vec<_> = self.authorities.iter().cloned().zip(self.made.iter().copied()).collect();
        loop {
            let mut next = *reached;
            let marked = database
                .write(|connection| revoked::mark(connection, self.name(), &authorities, &mut next))?;
            *reached = next;
            if marked.lines > 0 {
                self.counted.forget();
            }
            if marked.is_all {
                return Ok(());
            }
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.table.name()
    }

    pub(super) fn sizes(&self) -> Sizes {
        *lock(&self.sizes)
    }

    /// The number that stands for an authority; `None`: it has no certificates.
    pub(crate) fn number(&self, authority: &AuthorityId) -> Option<i64> {
        let place = self.authorities.iter().position(|arn| arn.id() == *authority)?;
        i64::try_from(place).ok()
    }

    /// A line from all columns.
    pub(crate) fn line(&self, row: &Row<'_>) -> Result<CertificateLine, rusqlite::Error> {
        let number: usize = row.get(0)?;
        let in_inventory: bool = row.get(8)?;
        let device: String = row.get(2)?;
        let subject: String = row.get(3)?;
        let known = |column| {
            Ok::<_, rusqlite::Error>(match row.get::<_, i64>(column)? {
                UNKNOWN => None,
                _ => rows::moment(row, column)?,
            })
        };
        Ok(CertificateLine {
            authority: self
                .authorities
                .get(number)
                .cloned()
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, i64::try_from(number).unwrap_or(-1)))?,
            serial: rows::serial(row, 1)?,
            device: if in_inventory { device.parse().ok() } else { None },
            subject: (!subject.is_empty()).then_some(subject),
            issued_at: known(4)?,
            expires_at: known(5)?,
            revoked_at: rows::moment(row, 6)?,
            in_report: row.get(7)?,
            in_inventory,
        })
    }
}

/// How far clocks, and dates of other time zones, may be ahead.
const CLOCKS: Duration = Duration::from_secs(86_400);

/// When a certificate was revoked, as far as both sides say. The CA's word counts; the inventory's only for what
/// happened after the report was made, or where the report knows nothing of the certificate; what lies ahead of now has not happened.
pub(crate) fn revoked_at(
    row: Option<&ReportRow>,
    item: Option<&InventoryItem>,
    report_made: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let recorded = item.and_then(|item| item.revoked_at).filter(|at| *at <= now.plus(CLOCKS));
    match row {
        None => recorded,
        Some(row) => row.revoked_at.or(recorded.filter(|at| Some(*at) > report_made)),
    }
}

/// One line for each item of the inventory, or one for the report's row alone.
pub(super) fn fold(
    authority: &AuthorityArn,
    serial: Serial,
    sides: &Sides,
    report_made: Option<Timestamp>,
    now: Timestamp,
    mut each: impl FnMut(CertificateLine),
) {
    let row = sides.report.as_ref();
    let line = |item: Option<&InventoryItem>| CertificateLine {
        authority: authority.clone(),
        serial,
        device: item.map(|item| item.device.clone()),
        subject: row
            .and_then(|row| row.subject.clone())
            .or_else(|| item.and_then(|item| item.subject.clone())),
        issued_at: row.map(|row| row.issued_at).or_else(|| item.and_then(|item| item.issued_at)),
        expires_at: row.map(|row| row.not_after).or_else(|| item.and_then(|item| item.expires_at)),
        revoked_at: revoked_at(row, item, report_made, now),
        in_report: row.is_some(),
        in_inventory: item.is_some(),
    };
    if sides.inventory.is_empty() {
        each(line(None));
    }
    sides.inventory.iter().for_each(|item| each(line(Some(item))));
}

/// What a line of the table has that one of a list does not.
pub(super) struct Extra {
    template: Option<String>,
    proven: bool,
}

impl Extra {
    pub(super) fn of(sides: &Sides) -> Self {
        let row = sides.report.as_ref();
        Self {
            template: row.and_then(|row| row.template.clone()),
            proven: row.is_some_and(|row| row.revoked_at.is_some()),
        }
    }
}

fn insert(
    database: &Database,
    name: &str,
    words: &Words,
    batch: &mut Vec<(usize, CertificateLine, Extra)>,
) -> Result<(), DatabaseError> {
    database.write(|connection| {
        let mut inserting = Inserting::new(connection, name, words)?;
        batch.drain(..).try_for_each(|(number, line, extra)| inserting.insert(number, &line, &extra))
    })
}

/// Inserts lines.
pub(super) struct Inserting<'a> {
    connection: &'a Connection,
    line: CachedStatement<'a>,
    words: Adding<'a>,
}

impl<'a> Inserting<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        name: &str,
        words: &Words,
    ) -> Result<Self, rusqlite::Error> {
        let insert = format!("INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        Ok(Self { connection, line: connection.prepare_cached(&insert)?, words: words.adding(connection)? })
    }

    /// `number`: of its authority.
    pub(super) fn insert(
        &mut self,
        number: usize,
        line: &CertificateLine,
        extra: &Extra,
    ) -> Result<(), rusqlite::Error> {
        let device = line.device.as_ref().map(|device| device.as_str());
        let subject = line.subject.as_deref().unwrap_or_default();
        let name = common_name(subject);
        self.line.execute(rusqlite::params![
            number,
            line.serial.as_bytes(),
            device.unwrap_or(NONE),
            subject,
            line.issued_at.map_or(UNKNOWN, Timestamp::unix),
            line.expires_at.map_or(UNKNOWN, Timestamp::unix),
            line.revoked_at.map(Timestamp::unix),
            line.in_report,
            line.in_inventory,
            name,
            extra.template,
            standing(line),
            extra.proven,
        ])?;
        self.words.add(self.connection.last_insert_rowid(), subject, [device, name.as_deref()])
    }
}

/// When it expires, or [`REVOKED`].
pub(super) fn standing(line: &CertificateLine) -> i64 {
    line.revoked_at.map_or_else(|| line.expires_at.map_or(UNKNOWN, Timestamp::unix), |_| REVOKED)
}
