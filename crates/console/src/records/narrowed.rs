//! How the lines that a filter names are found: through an index that gives few candidates, or by walking along an order
//! and looking at each. A million lines have an answer in milliseconds either way: few are sorted, and among many the walk
//! soon has a page.

use domain::Timestamp;
use domain::views::{Token, Total};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::condition::{Conditions, Part};
use super::counted::Count;
use super::lines::LineTable;

/// So many candidates are few. A walk past more of a million finds a page of 50 within 10,000 lines, if they lie evenly.
const FEW: u64 = 5000;
/// How far is counted.
const COUNTED: u64 = 100_000;
/// So many candidates are looked at more quickly than all lines.
const FEWER: u64 = 50_000;

/// The lines that a filter names.
pub(super) struct Narrowed<'a> {
    table: &'a LineTable,
    /// All conditions, as a WHERE or nothing.
    all: Part,
    /// A selection of `rowid` with all of them and few others, if there is one.
    few: Option<Part>,
    /// How many there are, where that was counted already.
    total: Option<Total>,
}

impl<'a> Narrowed<'a> {
    pub fn new(
        table: &'a LineTable,
        connection: &Connection,
        filter: &[Token],
        now: Timestamp,
    ) -> Result<Self, rusqlite::Error> {
        let conditions = Conditions::new(table, connection, now)?;
        let mut few: Option<(u64, Part)> = None;
        for token in filter {
            let Some(candidates) = conditions.candidates(token)? else { continue };
            let most = few.as_ref().map_or(FEWER, |(number, _)| *number);
            let count =
                format!("SELECT count(*) FROM (SELECT 1 FROM ({}) LIMIT {})", candidates.text, most + 1);
            let number =
                connection.query_row(&count, params_from_iter(&candidates.values), |row| row.get(0))?;
            if number <= most {
                few = Some((number, candidates));
            }
        }
        let are_few = few.as_ref().is_some_and(|(number, _)| *number <= FEW);
        let few = few.map(|(_, candidates)| candidates);
        let mut narrowed = Self { table, all: conditions.all(filter), few, total: None };
        if !are_few && !filter.is_empty() {
            // No index gives few, and yet there may be few: who walked would walk past all lines to find them.
            let counted = table.counted.of(filter, now, || narrowed.count(connection))?;
            narrowed.few = counted.rows.map(|rows| Part {
                text: "SELECT value FROM json_each(?)".to_owned(),
                values: vec![Value::Text(rows.to_string())],
            });
            narrowed.total = Some(counted.total);
        }
        Ok(narrowed)
    }

    /// Looks at lines until more than enough are found.
    fn count(&self, connection: &Connection) -> Result<Count, rusqlite::Error> {
        let Part { text, values } = self.lines();
        let mut statement = connection.prepare(&format!("SELECT rowid {text} LIMIT {}", COUNTED + 1))?;
        let rows = statement.query_map(params_from_iter(&values), |row| row.get(0))?;
        let rows: Vec<i64> = rows.collect::<Result<_, _>>()?;
        let number = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let total = Total { number: number.min(COUNTED), more: number > COUNTED };
        Ok(Count { total, rows: (number <= FEW).then(|| format!("{rows:?}").into()) })
    }

    /// All of them, in any order: what follows the columns of a SELECT.
    pub fn lines(&self) -> Part {
        self.from("", None)
    }

    /// All of them beyond `edge`, a condition, in the order of an index: the walk is along it.
    pub fn beyond(&self, index: &str, edge: Option<Part>) -> Part {
        self.from(&format!("INDEXED BY {}_{index}", self.table.name()), edge)
    }

    fn from(&self, along: &str, edge: Option<Part>) -> Part {
        let name = self.table.name();
        let along = if self.few.is_some() { "NOT INDEXED" } else { along };
        let mut found =
            Part { text: format!("FROM {name} {along} {}", self.all.text), values: self.all.values.clone() };
        let mut is_first = self.all.text.is_empty();
        let few = self.few.clone();
        let few = few.map(|Part { text, values }| Part { text: format!("rowid IN ({text})"), values });
        for Part { text, values } in [edge, few].into_iter().flatten() {
            found.text.push_str(if is_first { " WHERE " } else { " AND " });
            found.text.push_str(&text);
            found.values.extend(values);
            is_first = false;
        }
        found
    }

    /// How many there are: exact, unless they are more than is counted.
    pub fn total(&self, connection: &Connection) -> Result<Total, rusqlite::Error> {
        if let Some(total) = self.total {
            return Ok(total);
        }
        if self.all.text.is_empty() {
            return Ok(Total { number: self.table.sizes().lines, more: false });
        }
        let Part { text, values } = self.lines();
        let count = format!("SELECT count(*) {text}");
        let number = connection.query_row(&count, params_from_iter(&values), |row| row.get(0))?;
        Ok(Total { number, more: false })
    }
}
