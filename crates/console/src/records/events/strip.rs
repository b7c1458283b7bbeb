//! When one identity did something in its last hours, and from where.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::views::{ActivityStrip, IdentityKey, StripHour, StripRow};
use rusqlite::{Connection, Row, params_from_iter};

use crate::records::filter::Filter;
use crate::records::rows;

const HOUR: i64 = 3600;
/// How many hours it has, and how many rows before the others are taken together.
const HOURS: i64 = 48;
const ROWS: usize = 8;

/// The hours up to `last`, the newest event that `filter` names: all that `key` did, by address; what came from an address, by
/// principal.
pub(super) fn strip(
    connection: &Connection,
    key: &IdentityKey,
    filter: &Filter,
    last: Timestamp,
) -> Result<ActivityStrip, rusqlite::Error> {
    let first = (last.unix().div_euclid(HOUR) + 1 - HOURS) * HOUR;
    let (by, kind): (_, fn(String) -> IdentityKey) = match key {
        IdentityKey::Address(_) => {
            ("(SELECT who FROM trail_identity i WHERE i.number = e.identity)", IdentityKey::Principal)
        }
        IdentityKey::Principal(_) | IdentityKey::AccessKey(_) => ("e.address", IdentityKey::Address),
    };
    let select = format!(
        "SELECT {by}, e.time - e.time % {HOUR}, sum(e.outcome = 0), sum(e.outcome > 0) FROM trail_event e {} \
         AND e.time >= {first} GROUP BY 1, 2 ORDER BY 2",
        filter.text()
    );
    let mut statement = connection.prepare(&select)?;
    let read = |row: &Row<'_>| {
        let hour = StripHour { from: rows::needed(row, 1)?, succeeded: row.get(2)?, failed: row.get(3)? };
        Ok((row.get::<_, Option<String>>(0)?, hour))
    };
    let mut hours = BTreeMap::<Option<String>, Vec<StripHour>>::new();
    for one in statement.query_map(params_from_iter(&filter.values), read)? {
        let (by, hour) = one?;
        hours.entry(by).or_default().push(hour);
    }
    let mut all: Vec<_> = hours.into_iter().map(|(by, hours)| StripRow { by: by.map(kind), hours }).collect();
    all.sort_by_key(|row| (row.by.is_none(), std::cmp::Reverse(row.total())));
    let kept = if all.len() > ROWS + 1 { ROWS } else { all.len() };
    let mut others = BTreeMap::<Timestamp, StripHour>::new();
    for hour in all.drain(kept..).flat_map(|row| row.hours) {
        let sum = others.entry(hour.from).or_insert(StripHour { succeeded: 0, failed: 0, ..hour });
        (sum.succeeded, sum.failed) = (sum.succeeded + hour.succeeded, sum.failed + hour.failed);
    }
    if !others.is_empty() {
        all.push(StripRow { by: None, hours: others.into_values().collect() });
    }
    let from = Timestamp::from_unix(first).unwrap_or(Timestamp::EPOCH);
    Ok(ActivityStrip { from, hours: u32::try_from(HOURS).unwrap_or(0), rows: all })
}
