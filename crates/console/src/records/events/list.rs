//! Pages of events, newest first.

use domain::Timestamp;
use domain::trail::Outcome;
use domain::views::{ActivityQuery, PAGE_SIZE};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{SHOWN, Shown, shown};
use crate::records::filter::Filter;

/// How many names of events the filter offers.
const NAMES: u32 = 200;

/// Where a file of events goes on: behind the one of this time and number.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace(Timestamp, i64);

/// At most `most` events behind `after`, and where the others begin.
pub(crate) fn piece(
    connection: &Connection,
    query: &ActivityQuery,
    after: Option<EventPlace>,
    most: u32,
) -> Result<(Vec<Shown>, Option<EventPlace>), rusqlite::Error> {
    let mut filter = filter(query);
    if let Some(EventPlace(time, number)) = after {
        filter.and("(e.time, e.number) < (?, ?)", [Value::Integer(time.unix()), Value::Integer(number)]);
    }
    let lines = page(connection, &filter, most, 0)?;
    let is_full = u32::try_from(lines.len()).is_ok_and(|lines| lines >= most);
    let last = lines.last().filter(|_| is_full).map(|last| EventPlace(last.event.time, last.number));
    Ok((lines, last))
}

/// One page of events, the number of events on all pages, and the names that there are.
pub(crate) fn list(
    connection: &Connection,
    query: &ActivityQuery,
) -> Result<(Vec<Shown>, u64, Vec<String>), rusqlite::Error> {
    let filter = filter(query);
    let condition = filter.text();
    let count = format!("SELECT count(*) FROM trail_event e {condition}");
    let total = connection.query_row(&count, params_from_iter(&filter.values), |row| row.get(0))?;
    let offset = u64::from(query.page) * u64::from(PAGE_SIZE);
    let lines = page(connection, &filter, PAGE_SIZE, offset)?;
    let mut names = connection.prepare_cached("SELECT name FROM trail_name ORDER BY name LIMIT ?")?;
    let names = names.query_map([NAMES], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok((lines, total, names))
}

/// The newest events that `filter` names, at most `most`, from `offset` on.
pub(crate) fn page(
    connection: &Connection,
    filter: &Filter,
    most: u32,
    offset: u64,
) -> Result<Vec<Shown>, rusqlite::Error> {
    let condition = filter.text();
    const ORDER: &str = "ORDER BY e.time DESC, e.number DESC";
    // The rest of an event is only read for those on the page.
    let numbers =
        format!("SELECT e.number FROM trail_event e {condition} {ORDER} LIMIT {most} OFFSET {offset}");
    let mut statement = connection.prepare(&format!("{SHOWN} WHERE e.number IN ({numbers}) {ORDER}"))?;
    statement.query_map(params_from_iter(&filter.values), shown)?.collect()
}

fn filter(query: &ActivityQuery) -> Filter {
    let text = |text: &str| Value::Text(text.to_owned());
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let mut filter = Filter::default();
    filter.and("e.shown = 1", []);
    match given(&query.name) {
        Some(name) => filter.and("e.name = ?", [text(&name)]),
        None if query.reads => (),
        None => filter.and("e.quiet = 0", []),
    }
    if let Some(part) = given(&query.identity) {
        let pattern = Value::Text(format!("%{}%", escaped(&part)));
        filter.and(
            "e.identity IN (SELECT number FROM trail_identity WHERE principal LIKE ? ESCAPE '\\' \
             OR session LIKE ? ESCAPE '\\' OR access_key LIKE ? ESCAPE '\\')",
            [pattern.clone(), pattern.clone(), pattern],
        );
    }
    if let Some(address) = given(&query.address) {
        let last = Value::Text(format!("{address}{}", char::MAX));
        filter.and("e.address BETWEEN ? AND ?", [text(&address), last]);
    }
    match query.outcome {
        None => (),
        Some(Outcome::Succeeded) => filter.and("e.outcome = 0", []),
        Some(Outcome::Failed) => filter.and("e.outcome > 0", []),
        Some(Outcome::Denied) => filter.and("e.outcome > 0 AND e.outcome = 2", []),
    }
    if let Some(authority) = &query.authority {
        let condition = "e.authority IN (SELECT number FROM trail_authority WHERE id = ?)";
        filter.and(condition, [text(authority.as_str())]);
    }
    if let Some(from) = query.from {
        filter.and("e.time >= ?", [Value::Integer(from.unix())]);
    }
    if let Some(to) = query.to {
        filter.and("e.time < ?", [Value::Integer(to.unix())]);
    }
    filter
}

/// Foreign text as a part of a LIKE pattern: its `%` and `_` stand for themselves.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
