//! What one identity did.

use domain::Timestamp;
use domain::views::{ActivityStrip, Deed, IdentityKey, PAGE_SIZE};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Shown;
use super::add::without_path;
use super::list::page;
use super::strip::strip;
use crate::records::filter::Filter;
use crate::records::rows;

/// How many names of events, and how many companions of each kind, are told.
const TOLD: u32 = 100;

/// Everything that the events say of one identity.
pub(crate) struct Seen {
    pub first: Timestamp,
    pub last: Timestamp,
    pub events: u64,
    pub strip: ActivityStrip,
    pub deeds: Vec<Deed>,
    pub seen_with: Vec<(IdentityKey, u64)>,
    pub newest: Vec<Shown>,
}

/// What `key` did; `None`: it was never seen.
pub(crate) fn identity(connection: &Connection, key: &IdentityKey) -> Result<Option<Seen>, rusqlite::Error> {
    let filter = filter(key);
    let by = filter.text();
    let values = || params_from_iter(&filter.values);
    let bounds = format!("SELECT min(e.time), max(e.time), count(*) FROM trail_event e {by}");
    let (first, last, events): (Option<i64>, Option<i64>, u64) =
        connection.query_row(&bounds, values(), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let bound = |at: Option<i64>| at.and_then(|at| Timestamp::from_unix(at).ok());
    let Some((first, last)) = bound(first).zip(bound(last)) else { return Ok(None) };
    let deeds = format!(
        "SELECT e.name, sum(e.outcome = 0), sum(e.outcome > 0), max(e.time) FROM trail_event e {by} \
         GROUP BY e.name ORDER BY count(*) DESC, e.name LIMIT {TOLD}"
    );
    let mut deeds = connection.prepare(&deeds)?;
    let deeds = deeds.query_map(values(), |row| {
        Ok(Deed {
            name: row.get(0)?,
            succeeded: row.get(1)?,
            failed: row.get(2)?,
            last: rows::needed(row, 3)?,
        })
    })?;
    Ok(Some(Seen {
        first,
        last,
        events,
        strip: strip(connection, key, &filter, last)?,
        deeds: deeds.collect::<Result<_, _>>()?,
        seen_with: seen_with(connection, key, &filter)?,
        newest: page(connection, &filter, PAGE_SIZE, 0)?,
    }))
}

fn filter(key: &IdentityKey) -> Filter {
    let mut filter = Filter::default();
    match key {
        IdentityKey::Principal(principal) => filter.and(
            "e.shown = 1 AND e.identity IN (SELECT number FROM trail_identity WHERE who = ?)",
            [Value::Text(without_path(principal))],
        ),
        IdentityKey::AccessKey(key) => filter.and(
            "e.shown = 1 AND e.identity IN (SELECT number FROM trail_identity WHERE access_key = ?)",
            [Value::Text(key.clone())],
        ),
        IdentityKey::Address(address) => {
            filter.and("e.shown = 1 AND e.address = ?", [Value::Text(address.clone())]);
        }
    }
    filter
}

fn seen_with(
    connection: &Connection,
    key: &IdentityKey,
    filter: &Filter,
) -> Result<Vec<(IdentityKey, u64)>, rusqlite::Error> {
    let by = filter.text();
    let events = "FROM trail_event e JOIN trail_identity i ON i.number = e.identity";
    let most = format!("ORDER BY count(*) DESC, 1 LIMIT {TOLD}");
    let of = |select: String, kind: fn(String) -> IdentityKey| {
        let mut statement = connection.prepare(&select)?;
        let rows = statement
            .query_map(params_from_iter(&filter.values), |row| Ok((kind(row.get(0)?), row.get(1)?)))?;
        rows.collect::<Result<Vec<_>, rusqlite::Error>>()
    };
    let mut seen = Vec::new();
    if !matches!(key, IdentityKey::Principal(_)) {
        // The ARN with the path, where any record has it.
        let principal = "coalesce(min(CASE i.pathless WHEN 0 THEN i.principal END), min(i.principal))";
        let select = format!("SELECT {principal}, count(*) {events} {by} GROUP BY i.who {most}");
        seen.extend(of(select, IdentityKey::Principal)?);
    }
    if !matches!(key, IdentityKey::AccessKey(_)) {
        let select = format!(
            "SELECT i.access_key, count(*) {events} {by} AND i.access_key IS NOT NULL GROUP BY i.access_key {most}"
        );
        seen.extend(of(select, IdentityKey::AccessKey)?);
    }
    if !matches!(key, IdentityKey::Address(_)) {
        let select = format!(
            "SELECT e.address, count(*) {events} {by} AND e.address IS NOT NULL GROUP BY e.address {most}"
        );
        seen.extend(of(select, IdentityKey::Address)?);
    }
    Ok(seen)
}
