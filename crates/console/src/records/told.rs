//! What the ledger says of who signed in with which roles, and of what was changed in policy: read from its first entry on, and
//! then kept by reading what is new.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::ledger::{Action, Body, Who};
use domain::people::Person;
use domain::views::{LedgerRead, Period, PolicyChange, RolesSeen, Totals};
use domain::{Actor, Role, Timestamp};
use futures::TryStreamExt;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};
use tokio::sync::Mutex;

use super::Records;
use super::rows::{foreign, needed};
use crate::Error;

/// How many entries are taken in before what is kept of them is written.
const BATCH: usize = 2000;

/// `body`: of changes alone. `told_span`: from when to when the entries are from one number to another.
pub(super) const TABLE: &str = "
CREATE TABLE told (seq INTEGER PRIMARY KEY, action TEXT NOT NULL, at INTEGER NOT NULL, person TEXT, roles TEXT, body TEXT);
CREATE INDEX told_action ON told (action, at, person, roles);
CREATE TABLE told_span (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL);";

const SIGNED_IN: &str = "signed_in";
const CHANGED: &str = "configuration_changed";
/// The provider says when somebody signed in, and the ledger a little later.
const SAME_VISIT: Duration = Duration::from_secs(60);
/// How many changes of policy are shown, and how many people with their roles.
const SHOWN: u32 = 200;

type Row6 = (u64, &'static str, i64, Option<String>, Option<String>, Option<String>);

/// How far the ledger is in.
#[derive(Default)]
pub(super) struct Told {
    /// Held while it goes on: one pass at a time.
    turn: Mutex<()>,
    last: AtomicU64,
    /// All that had its place when the first pass began.
    all: AtomicBool,
}

impl Records {
    /// Reads what has come to the ledger since the last pass.
    pub async fn keep_told(&self) -> Result<(), Error> {
        let _turn = self.told.turn.lock().await;
        let last = self.told.last.load(Ordering::Acquire);
        let entries = self.aws.placed_from(last + 1).try_chunks(BATCH);
        let mut entries = std::pin::pin!(entries);
        while let Some(batch) = entries.try_next().await.map_err(|error| error.1)? {
            let Some((first, last)) = batch.first().zip(batch.last()) else { continue };
            let (first, last) = (first.seq, last.seq);
            let read: Vec<_> =
                batch.iter().filter_map(|entry| Some((entry.seq, entry.read().ok()?))).collect();
            let times = read.iter().map(|(_, body)| body.at.unix());
            let span =
                (first, last, times.clone().min().unwrap_or(i64::MIN), times.max().unwrap_or(i64::MAX));
            let kept: Vec<Row6> = read.into_iter().filter_map(|(seq, body)| row(seq, body)).collect();
            let write = move |connection: &Connection| {
                let insert = "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?, ?)";
                let mut insert = connection.prepare_cached(insert)?;
                kept.into_iter().try_for_each(|row| insert.execute(row).map(drop))?;
                let insert = "INSERT OR REPLACE INTO told_span VALUES (?, ?, ?, ?)";
                connection.prepare_cached(insert)?.execute(span).map(drop)
            };
            self.model.blocking(move |database| Ok(database.write(write)?)).await?;
            self.told.last.store(last, Ordering::Release);
        }
        self.told.all.store(true, Ordering::Release);
        Ok(())
    }

    /// The numbers of the first and the last entry that may be of this time.
    pub async fn entries_between(&self, period: Period) -> Result<(u64, u64), Error> {
        self.keep_told().await?;
        let select = "SELECT ifnull(min(first), 1), ifnull(max(last), 0) FROM told_span WHERE until >= ? AND since < ?";
        let read = move |_: &_, connection: &Connection| {
            let mut statement = connection.prepare_cached(select)?;
            statement
                .query_row((period.from().unix(), period.to().unix()), |row| Ok((row.get(0)?, row.get(1)?)))
        };
        self.model.read(read).await
    }

    /// When this person had signed in before the session that they are in.
    pub async fn last_visit(&self, actor: &Actor) -> Result<Option<Timestamp>, Error> {
        let (id, before) = (actor.person.id.as_str().to_owned(), actor.signed_in_at.minus(SAME_VISIT).unix());
        let select = format!(
            "SELECT at FROM told WHERE action = '{SIGNED_IN}' AND at < ? AND json_extract(person, '$.id') = ? \
             ORDER BY at DESC LIMIT 1"
        );
        let read = move |_: &_, connection: &Connection| {
            let mut statement = connection.prepare_cached(&select)?;
            statement.query_row((before, id), |row| needed(row, 0)).optional()
        };
        self.model.read(read).await
    }

    pub fn ledger_read(&self) -> LedgerRead {
        let entries = self.told.last.load(Ordering::Acquire);
        LedgerRead { entries, is_reading: !self.told.all.load(Ordering::Acquire) }
    }
}

/// What is kept of an entry, if anything is.
fn row(seq: u64, body: Body) -> Option<Row6> {
    let at = body.at.unix();
    match (body.action, &body.who) {
        (Action::SignedIn, Who::Person { person, roles }) => {
            let json = (serde_json::to_string(person).ok(), serde_json::to_string(roles).ok());
            Some((seq, SIGNED_IN, at, json.0, json.1, None))
        }
        (Action::ConfigurationChanged, _) => {
            Some((seq, CHANGED, at, None, None, serde_json::to_string(&body).ok()))
        }
        _ => None,
    }
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| foreign(column, Type::Text, error))
}

/// How much there is of what the next two give the newest of.
pub(super) fn totals(connection: &Connection, period: Period) -> Result<Totals, rusqlite::Error> {
    let within = "at >= ?1 AND at < ?2";
    let person = "json_extract(person, '$.id')";
    let select = format!(
        "SELECT (SELECT count(*) FROM told WHERE action = '{CHANGED}' AND {within}), \
         (SELECT count(*) FROM (SELECT DISTINCT person, roles FROM told WHERE action = '{SIGNED_IN}' AND {within})), \
         count(DISTINCT {person}), count(*) FROM told WHERE action = '{SIGNED_IN}' AND {within}"
    );
    let read = |row: &Row<'_>| {
        let (policy_changes, roles_seen) = (row.get(0)?, row.get(1)?);
        let (people, sign_ins) = (row.get(2)?, row.get(3)?);
        Ok(Totals { policy_changes, roles_seen, people, sign_ins, ..Totals::default() })
    };
    let mut statement = connection.prepare_cached(&select)?;
    statement.query_row((period.from().unix(), period.to().unix()), read)
}

/// Who signed in, once for each set of roles, the newest first.
pub(super) fn people(connection: &Connection, period: Period) -> Result<Vec<RolesSeen>, rusqlite::Error> {
    let select = format!(
        "SELECT person, roles, min(at), max(at), count(*) FROM told WHERE action = '{SIGNED_IN}' AND at >= ? AND at < ? \
         GROUP BY person, roles ORDER BY 4 DESC, 1, 2 LIMIT {SHOWN}"
    );
    let read = |row: &Row<'_>| {
        let (person, roles): (Person, Vec<Role>) = (json(row, 0)?, json(row, 1)?);
        let (first, last) = (needed(row, 2)?, needed(row, 3)?);
        Ok(RolesSeen { person, roles, first, last, sign_ins: row.get(4)? })
    };
    let mut statement = connection.prepare_cached(&select)?;
    statement.query_map((period.from().unix(), period.to().unix()), read)?.collect()
}

/// What was changed in policy, role groups and mode, the newest first.
pub(super) fn changes(connection: &Connection, period: Period) -> Result<Vec<PolicyChange>, rusqlite::Error> {
    let select = format!(
        "SELECT seq, body FROM told WHERE action = '{CHANGED}' AND at >= ? AND at < ? ORDER BY at DESC LIMIT {SHOWN}"
    );
    let read = |row: &Row<'_>| {
        let body: Body = json(row, 1)?;
        let process = match body.who {
            Who::System { part } => part,
            Who::Person { person, .. } => person.name,
            Who::Stranger => String::new(),
        };
        Ok(PolicyChange { seq: row.get(0)?, at: body.at, process, changes: body.detail })
    };
    let mut statement = connection.prepare_cached(&select)?;
    statement.query_map((period.from().unix(), period.to().unix()), read)?.collect()
}
