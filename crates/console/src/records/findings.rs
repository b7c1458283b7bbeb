//! The findings: loaded once, then kept by reading what was written since, wherever it was written. Lists and counts come
//! from here; one finding is read from the table.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::finding::FindingStateName;
use domain::views::Alarms;
use domain::{Finding, FindingKind, FindingState, Timestamp};
use futures::TryStreamExt;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::filter::Filter;
use super::measure::measure;
use super::rows::{parsed, rank};
use super::{Records, alarms};
use crate::Error;

/// How many findings one transaction writes.
const BATCH: usize = 2000;
/// How far behind the newest finding a pass reads again: the index is not in order, and a commit may wait for its turn.
const OVERLAP: Duration = Duration::from_secs(10);
/// The same for what waited for long, and for clocks that differ; read so far back from time to time.
const WIDE: Duration = Duration::from_secs(300);
const WIDE_EVERY: Duration = Duration::from_secs(60);
/// All are read again so often: how long a commit may wait for its turn has no bound.
const ALL_EVERY: Duration = Duration::from_secs(3600);
/// How long a page waits for the findings to be loaded.
const PATIENCE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(100);

/// `serial`: of the certificate that it is about, if it is about one. `ended`: since when it waits for nobody. `owner`, `due`: of
/// who has taken it on. `certified`: when the certificate was issued. `ender`: who dismissed it; `age`: a [`domain::views::OpenFor`], by
/// how long it stood open. Each index that a list goes by has all that it narrows.
pub(super) const TABLES: &str = "
CREATE TABLE finding (id TEXT PRIMARY KEY, scope TEXT NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL,
    state TEXT NOT NULL, waits INTEGER NOT NULL, first_seen INTEGER NOT NULL, version INTEGER NOT NULL,
    serial BLOB, ended INTEGER, alarm TEXT, issued INTEGER, owner TEXT, due INTEGER, certified INTEGER,
    ender TEXT, age INTEGER GENERATED ALWAYS AS (CASE WHEN ended IS NULL THEN NULL WHEN ended - first_seen < 86400 THEN 0
    WHEN ended - first_seen < 604800 THEN 1 WHEN ended - first_seen < 2592000 THEN 2 ELSE 3 END)) WITHOUT ROWID;
CREATE INDEX finding_waits ON finding (waits, severity, kind, first_seen, id);
CREATE INDEX finding_state ON finding (state, severity, kind, first_seen, id);
CREATE INDEX finding_waits_certified ON finding (waits, certified, id, severity, kind, scope);
CREATE INDEX finding_state_certified ON finding (state, certified, id, severity, kind, scope);
CREATE INDEX finding_owner ON finding (owner, severity, kind, first_seen, id, scope, certified, due)
    WHERE owner IS NOT NULL;
CREATE INDEX finding_due ON finding (severity, kind, first_seen, id, due, owner, scope, certified) WHERE due IS NOT NULL;
CREATE INDEX finding_any ON finding (severity, kind, first_seen, id, scope, state, waits, certified, ended, ender);
CREATE INDEX finding_serial ON finding (serial, scope) WHERE waits = 1 AND serial IS NOT NULL;
CREATE TABLE finding_count (scope TEXT, kind TEXT, state TEXT, number INTEGER NOT NULL, PRIMARY KEY (scope, kind, state))
    WITHOUT ROWID;
CREATE TABLE finding_opened (day INTEGER, scope TEXT, kind TEXT, number INTEGER NOT NULL, PRIMARY KEY (day, scope, kind))
    WITHOUT ROWID;
CREATE TABLE finding_ended (day INTEGER, scope TEXT, kind TEXT, state TEXT, ender TEXT, age INTEGER, number INTEGER NOT NULL,
    seconds INTEGER NOT NULL, PRIMARY KEY (day, scope, kind, state, ender, age)) WITHOUT ROWID;
CREATE TRIGGER finding_new AFTER INSERT ON finding BEGIN
    INSERT INTO finding_opened VALUES (new.first_seen / 86400, new.scope, new.kind, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
    INSERT INTO finding_ended SELECT new.ended / 86400, new.scope, new.kind, new.state, ifnull(new.ender, ''), new.age, 1,
        max(new.ended - new.first_seen, 0) WHERE new.ended IS NOT NULL
        ON CONFLICT DO UPDATE SET number = number + 1, seconds = seconds + excluded.seconds;
    INSERT INTO finding_count VALUES (new.scope, new.kind, new.state, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER finding_moved AFTER UPDATE OF state ON finding WHEN old.state <> new.state BEGIN
    UPDATE finding_count SET number = number - 1 WHERE (scope, kind, state) = (old.scope, old.kind, old.state);
    INSERT INTO finding_count VALUES (new.scope, new.kind, new.state, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER finding_over AFTER UPDATE OF ended, state, ender, first_seen ON finding
    WHEN (old.ended, old.state, old.ender, old.first_seen) IS NOT (new.ended, new.state, new.ender, new.first_seen) BEGIN
    UPDATE finding_ended SET number = number - 1, seconds = seconds - max(old.ended - old.first_seen, 0)
        WHERE (day, scope, kind, state, ender, age)
            = (old.ended / 86400, old.scope, old.kind, old.state, ifnull(old.ender, ''), old.age);
    INSERT INTO finding_ended SELECT new.ended / 86400, new.scope, new.kind, new.state, ifnull(new.ender, ''), new.age, 1,
        max(new.ended - new.first_seen, 0) WHERE new.ended IS NOT NULL
        ON CONFLICT DO UPDATE SET number = number + 1, seconds = seconds + excluded.seconds;
END;";
pub(super) const WRITE: &str = "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE \
     SET state = excluded.state, waits = excluded.waits, first_seen = excluded.first_seen, version = excluded.version, \
     ended = excluded.ended, alarm = excluded.alarm, issued = excluded.issued, \
     owner = excluded.owner, due = excluded.due, certified = excluded.certified, ender = excluded.ender WHERE excluded.version > version";

/// How many columns a finding has.
const COLUMNS: usize = 16;

/// How far the findings are in.
#[derive(Default)]
pub(super) struct Kept {
    /// Held while it goes on: one pass at a time.
    reached: Mutex<Reached>,
    /// All findings of the table have been read.
    loaded: AtomicBool,
}

#[derive(Default)]
struct Reached {
    /// When the newest one was written, and since when it is known; `None`: not all were read yet.
    newest: Option<(Timestamp, Instant)>,
    /// When was last read far back, and when all of them.
    wide: Option<Instant>,
    all: Option<Instant>,
}

impl Records {
    /// Reads what was written since the last pass; all findings at first.
    pub async fn keep_findings(&self) -> Result<(), Error> {
        let mut reached = self.findings.reached.lock().await;
        let is_wide = reached.wide.is_none_or(|at| at.elapsed() >= WIDE_EVERY);
        let is_all = reached.all.is_none_or(|at| at.elapsed() >= ALL_EVERY);
        let overlap = if is_wide { WIDE } else { OVERLAP };
        // What is late now would be as much younger as the newest is known for.
        let behind =
            |(newest, known): (Timestamp, Instant)| newest.minus(overlap.saturating_sub(known.elapsed()));
        let since = reached.newest.filter(|_| !is_all).map_or(Timestamp::EPOCH, behind);
        let (mut newest, begun) =
            (reached.newest.map_or(Timestamp::EPOCH, |(newest, _)| newest), self.clock.now());
        // Of a finding only its row is kept until there are enough: its evidence may be large.
        let written = self.aws.findings_written_since(since);
        let written = written.map_ok(|written| (row(&written.finding), written.at)).try_chunks(BATCH);
        let mut written = std::pin::pin!(written);
        while let Some(batch) = written.try_next().await.map_err(|error| error.1)? {
            // A clock that is ahead must not make others' findings look old.
            let now = self.clock.now();
            newest = batch.iter().map(|(_, at)| (*at).min(now)).max().unwrap_or(newest).max(newest);
            self.write_findings(batch.into_iter().map(|(row, _)| row).collect()).await?;
        }
        if reached.newest.is_none_or(|(before, _)| before < newest) {
            reached.newest = Some((newest, Instant::now()));
        }
        if is_all {
            reached.all = Some(Instant::now());
        }
        if is_wide {
            reached.wide = Some(Instant::now());
        }
        self.findings.loaded.store(true, Ordering::Release);
        let rows = "SELECT total(number) FROM finding_count";
        let rows = self.model.read(|_, connection| connection.query_row(rows, [], |row| row.get(0))).await?;
        measure("findings", rows, begun);
        Ok(())
    }

    /// These findings were written just now: lists show them at once.
    pub async fn note_findings(&self, findings: &[Finding]) -> Result<(), Error> {
        self.write_findings(findings.iter().map(row).collect()).await
    }

    async fn write_findings(&self, rows: Vec<[Value; COLUMNS]>) -> Result<(), Error> {
        let write = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(WRITE)?;
            rows.iter().try_for_each(|row| statement.execute(params_from_iter(row)).map(drop))
        };
        self.model.blocking(move |database| Ok(database.write(write)?)).await
    }

    /// Whether all findings have been read since the start.
    pub fn has_findings(&self) -> bool {
        self.findings.loaded.load(Ordering::Acquire)
    }

    /// Open and acknowledged findings by kind, over all authorities.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: they are still being read.
    pub async fn waiting_findings(&self) -> Result<BTreeMap<FindingKind, u64>, Error> {
        self.await_findings().await?;
        let mut filter = Filter::default();
        filter.and("state IN (?, ?)", WAITING.map(|state| text(state.name())));
        self.model.read(move |_, connection| counts(connection, &filter)).await
    }

    /// Who had certificates issued without being allowed to, of the open findings, and the other alarms among them.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: they are still being read.
    pub async fn alarms(&self) -> Result<Alarms, Error> {
        self.await_findings().await?;
        self.model.read(|_, connection| alarms::alarms(connection)).await
    }

    /// Waits a little for the first load.
    pub(super) async fn await_findings(&self) -> Result<(), Error> {
        let loaded = async {
            while !self.has_findings() {
                tokio::time::sleep(POLL).await;
            }
        };
        let why = "the findings are still being read, as always after a start; look again in a moment";
        tokio::time::timeout(PATIENCE, loaded).await.map_err(|_| Error::Unavailable(why.into()))
    }
}

/// The states in which a finding waits for somebody.
pub(super) const WAITING: [FindingStateName; 2] = [FindingStateName::Open, FindingStateName::Acknowledged];

fn row(finding: &Finding) -> [Value; COLUMNS] {
    let state = finding.state.name();
    let waits = WAITING.contains(&state);
    let [alarm, issued] = alarms::columns(finding);
    let (owner, due) = match &finding.state {
        FindingState::Acknowledged { owner, due } => (text(owner.id.as_str()), moment(*due)),
        _ => (Value::Null, Value::Null),
    };
    let ender = match &finding.state {
        FindingState::Dismissed { by, .. } => serde_json::to_string(by).map_or(Value::Null, Value::Text),
        _ => Value::Null,
    };
    [
        Value::Text(finding.id.to_string()),
        Value::Text(finding.id.scope.to_string()),
        text(finding.id.kind.name()),
        rank(finding.id.kind.severity()),
        text(state.name()),
        Value::Integer(waits.into()),
        Value::Integer(finding.first_seen.unix()),
        Value::Integer(i64::try_from(finding.version).unwrap_or(i64::MAX)),
        finding.id.subject.serial().map_or(Value::Null, |serial| Value::Blob(serial.as_bytes().to_vec())),
        if waits { Value::Null } else { Value::Integer(finding.changed_at.unix()) },
        alarm,
        issued,
        owner,
        due,
        moment(finding.issued_at()),
        ender,
    ]
}

fn moment(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::Integer(at.unix()))
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// How many findings were opened on a day, counted from 1970, and how many came to their end.
pub(super) fn days(connection: &Connection, day: i64) -> Result<(u64, u64), rusqlite::Error> {
    let select = "SELECT (SELECT ifnull(sum(number), 0) FROM finding_opened WHERE day = ?1), \
         (SELECT ifnull(sum(number), 0) FROM finding_ended WHERE day = ?1)";
    connection.prepare_cached(select)?.query_row([day], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn counts(
    connection: &Connection,
    filter: &Filter,
) -> Result<BTreeMap<FindingKind, u64>, rusqlite::Error> {
    let select = format!(
        "SELECT kind, sum(number) FROM finding_count {} GROUP BY kind HAVING sum(number) > 0",
        filter.text()
    );
    let mut statement = connection.prepare_cached(&select)?;
    let rows =
        statement.query_map(params_from_iter(&filter.values), |row| Ok((parsed(row)?, row.get(1)?)))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_what_was_opened_and_ended_on_it_as_it_is_now() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        let write = |id: &str, version: i64, ended: Option<i64>| {
            let waits = i64::from(ended.is_none());
            let state = if ended.is_none() { "open" } else { "closed" };
            let (none, first_seen) = (Value::Null, 86_400 * 3);
            let row = (
                id,
                "scope",
                "duplicate",
                1,
                state,
                waits,
                first_seen,
                version,
                &none,
                ended,
                &none,
                &none,
                &none,
                &none,
                &none,
                &none,
            );
            connection.execute(WRITE, row).unwrap();
        };
        write("1", 1, None);
        write("2", 1, None);
        write("3", 1, Some(86_400 * 3 + 5));
        assert_eq!(days(&connection, 3).unwrap(), (3, 1));
        write("1", 2, Some(86_400 * 4));
        assert_eq!((days(&connection, 3).unwrap(), days(&connection, 4).unwrap()), ((3, 1), (0, 1)));
        // It was opened again; and what is older than what is known changes nothing.
        write("1", 3, None);
        write("3", 1, None);
        assert_eq!((days(&connection, 3).unwrap(), days(&connection, 4).unwrap()), ((3, 1), (0, 0)));
        assert_eq!(days(&connection, 5).unwrap(), (0, 0));
    }
}
