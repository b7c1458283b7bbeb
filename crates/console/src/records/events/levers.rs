//! What an incident asks of the events: what was done against its callers, and how it stands with what they had issued.

use domain::incident::Lever;
use domain::trail::{ACCESS_CALLS, Event};
use domain::views::{IdentityKey, Issued};
use domain::{AuthorityArn, AuthorityId, Serial, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::issuances::{filter, narrow};
use super::json;

/// So many calls are told, the newest.
const TOLD: usize = 200;
/// So many are looked through for them.
const READ: u32 = 20_000;

/// What one caller had issued without being authorised to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Issuing {
    pub all: u64,
    /// The first and the last.
    pub bounds: Option<(Timestamp, Timestamp)>,
    /// How many others have a public key of theirs.
    pub siblings: u64,
}

/// Calls since `since`, oldest first, that are about these users, roles, keys or authorities: those that intact files show.
pub(crate) fn levers(
    connection: &Connection,
    since: Timestamp,
    whose: (&[(String, String)], &[String]),
    authorities: &[AuthorityId],
) -> Result<Vec<Lever>, rusqlite::Error> {
    let calls: Vec<&str> = ACCESS_CALLS.into_iter().chain([Lever::OF_AUTHORITY]).collect();
    let names = vec!["?"; calls.len()].join(", ");
    let select = format!(
        "SELECT b.event FROM trail_event e JOIN trail_body b ON b.number = e.number \
         WHERE e.shown = 1 AND e.altered = 0 AND e.outcome = 0 AND e.name IN ({names}) AND e.time >= ? \
         ORDER BY e.time DESC, e.number DESC LIMIT {READ}"
    );
    let calls = calls.into_iter().map(|call| Value::Text(call.to_owned()));
    let values = calls.chain([Value::Integer(since.unix())]);
    let mut statement = connection.prepare_cached(&select)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut levers = Vec::new();
    while let Some(row) = rows.next()? {
        let event: Event = json(row, 0)?;
        levers.extend(Lever::of(&event).filter(|lever| lever.concerns(whose, authorities)));
        if levers.len() == TOLD {
            break;
        }
    }
    levers.reverse();
    Ok(levers)
}

/// Whether any call of IAM was read.
pub(crate) fn iam_is_seen(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let names = vec!["?"; ACCESS_CALLS.len()].join(", ");
    let select = format!("SELECT EXISTS (SELECT 1 FROM trail_name WHERE name IN ({names}))");
    connection.query_row(&select, params_from_iter(ACCESS_CALLS), |row| row.get(0))
}

/// What it had issued without being authorised to.
pub(crate) fn issuing(connection: &Connection, key: &IdentityKey) -> Result<Issuing, rusqlite::Error> {
    let mut theirs = filter(key);
    narrow(&mut theirs, Issued::Unauthorised);
    let by = theirs.text();
    let counted =
        format!("SELECT count(*), min(i.time), max(i.time), count(i.key) FROM trail_issuance i {by}");
    let (all, first, last, with_keys): (u64, Option<i64>, Option<i64>, u64) =
        connection.query_row(&counted, params_from_iter(&theirs.values), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let at = |at: Option<i64>| at.and_then(|at| Timestamp::from_unix(at).ok());
    let of_keys = format!(
        "SELECT count(*) FROM trail_issuance s WHERE s.key IN (SELECT DISTINCT i.key FROM trail_issuance i {by} AND i.key IS NOT NULL)"
    );
    let same: u64 = connection.query_row(&of_keys, params_from_iter(&theirs.values), |row| row.get(0))?;
    Ok(Issuing { all, bounds: at(first).zip(at(last)), siblings: same.saturating_sub(with_keys) })
}

/// Whether one of `keys` had the certificate issued.
pub(crate) fn is_by(
    connection: &Connection,
    (authority, serial): (&AuthorityArn, Serial),
    keys: &[IdentityKey],
) -> Result<bool, rusqlite::Error> {
    for key in keys {
        let mut one = filter(key);
        let which = "i.serial = ? AND i.authority = (SELECT number FROM trail_authority WHERE arn = ?)";
        let serial = Value::Blob(serial.as_bytes().to_vec());
        one.and(which, [serial, Value::Text(authority.to_string())]);
        let select = format!("SELECT 1 FROM trail_issuance i {}", one.text());
        let found = connection.query_row(&select, params_from_iter(&one.values), |_| Ok(())).optional()?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
