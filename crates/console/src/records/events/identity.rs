//! What one identity did.

use std::collections::BTreeMap;

use domain::trail::Issuance;
use domain::views::{Deed, IdentityKey, PAGE_SIZE};
use domain::{AuthorityArn, Serial, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::add::without_path;
use super::list::page;
use super::{EVIDENCE, Shown, json, parsed};
use crate::records::filter::Filter;
use crate::records::rows;

/// How many names of events, and how many companions of each kind, are told.
const TOLD: u32 = 100;

/// Everything that the events say of one identity.
pub(crate) struct Seen {
    pub first: Timestamp,
    pub last: Timestamp,
    pub events: u64,
    pub deeds: Vec<Deed>,
    pub seen_with: Vec<(IdentityKey, u64)>,
    /// What its issuances were like.
    pub judged: Vec<Judged>,
    /// The newest certificates that it had issued.
    pub certificates: Vec<(AuthorityArn, Serial)>,
    /// All of them, by authority.
    pub certificates_total: BTreeMap<AuthorityArn, u64>,
    pub newest: Vec<Shown>,
}

/// Issuances that are alike in all that authorisation looks at: one of them, and how many there are.
pub(crate) struct Judged {
    pub issuance: Issuance,
    pub count: u64,
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
    let issued = issued(&by);
    let certificates = format!(
        "SELECT (SELECT arn FROM trail_authority a WHERE a.number = e.authority), e.serial, max(e.time) {issued} \
         GROUP BY e.authority, e.serial ORDER BY max(e.time) DESC LIMIT {PAGE_SIZE}"
    );
    let mut certificates = connection.prepare(&certificates)?;
    let certificates =
        certificates.query_map(values(), |row| Ok((parsed(row, 0)?, rows::serial(row, 1)?)))?;
    Ok(Some(Seen {
        first,
        last,
        events,
        deeds: deeds.collect::<Result<_, _>>()?,
        seen_with: seen_with(connection, key, &filter)?,
        judged: judged(connection, &issued, &filter)?,
        certificates: certificates.collect::<Result<_, _>>()?,
        certificates_total: totals(connection, &issued, &filter)?,
        newest: page(connection, &filter, 0)?,
    }))
}

/// The issuances among the events that `by`, a filter's text, names. One that only the end of is told of counts too.
fn issued(by: &str) -> String {
    format!(
        "FROM trail_event e {by} AND {EVIDENCE} AND (e.deed = 1 OR e.deed = 2 AND NOT EXISTS (SELECT 1 \
         FROM trail_event o WHERE o.authority = e.authority AND o.serial = e.serial AND o.deed = 1 \
         AND o.shown = 1 AND o.altered = 0 AND o.deed IS NOT NULL))"
    )
}

/// How many certificates of each authority.
fn totals(
    connection: &Connection,
    issued: &str,
    filter: &Filter,
) -> Result<BTreeMap<AuthorityArn, u64>, rusqlite::Error> {
    let select = format!(
        "SELECT (SELECT arn FROM trail_authority a WHERE a.number = e.authority), count(DISTINCT e.serial) {issued} \
         GROUP BY e.authority"
    );
    let mut statement = connection.prepare(&select)?;
    statement.query_map(params_from_iter(&filter.values), |row| Ok((parsed(row, 0)?, row.get(1)?)))?.collect()
}

/// The certificates of `authority` that `key` had issued within a time, at most `most`.
pub(crate) fn issued_by(
    connection: &Connection,
    authority: &AuthorityArn,
    (key, from, to): &(IdentityKey, Option<Timestamp>, Option<Timestamp>),
    most: usize,
) -> Result<Vec<Serial>, rusqlite::Error> {
    let mut filter = within(key, *from, *to);
    filter.and(
        // Not by the index of the authority: it has far more events than one identity.
        "+e.authority = (SELECT number FROM trail_authority WHERE arn = ?)",
        [Value::Text(authority.to_string())],
    );
    let select = format!("SELECT DISTINCT e.serial {} LIMIT {most}", issued(&filter.text()));
    let mut statement = connection.prepare(&select)?;
    statement.query_map(params_from_iter(&filter.values), |row| rows::serial(row, 0))?.collect()
}

/// How many of each authority.
pub(crate) fn issued_by_authority(
    connection: &Connection,
    (key, from, to): &(IdentityKey, Option<Timestamp>, Option<Timestamp>),
) -> Result<BTreeMap<AuthorityArn, u64>, rusqlite::Error> {
    let filter = within(key, *from, *to);
    totals(connection, &issued(&filter.text()), &filter)
}

fn within(key: &IdentityKey, from: Option<Timestamp>, to: Option<Timestamp>) -> Filter {
    let mut filter = filter(key);
    if let Some(from) = from {
        filter.and("e.time >= ?", [Value::Integer(from.unix())]);
    }
    if let Some(to) = to {
        filter.and("e.time < ?", [Value::Integer(to.unix())]);
    }
    filter
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

fn judged(connection: &Connection, issued: &str, filter: &Filter) -> Result<Vec<Judged>, rusqlite::Error> {
    // Who has only the end of an issuance to go by does not know from where it was asked for.
    let select = format!(
        "SELECT (SELECT identity FROM trail_identity i WHERE i.number = e.identity), \
         CASE e.deed WHEN 1 THEN e.address END AS origin, e.template, min(e.id), max(e.time), count(*) {issued} \
         GROUP BY e.identity, origin, e.template"
    );
    let mut statement = connection.prepare(&select)?;
    let read = |row: &Row<'_>| {
        let issuance = Issuance {
            event: parsed(row, 3)?,
            at: rows::needed(row, 4)?,
            identity: json(row, 0)?,
            address: row.get(1)?,
            user_agent: None,
            template: row.get(2)?,
        };
        Ok(Judged { issuance, count: row.get(5)? })
    };
    statement.query_map(params_from_iter(&filter.values), read)?.collect()
}
