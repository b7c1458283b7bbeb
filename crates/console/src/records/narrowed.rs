//! How the lines that a filter names are found: through an index that gives few candidates, or by walking along an order
//! and looking at each. A million lines have an answer in milliseconds either way: few are sorted, and among many the walk
//! soon has a page.

use domain::Timestamp;
use domain::views::{Test, Token, Total};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::condition::{Conditions, Part};
use super::counted::Count;
use super::lines::LineTable;

/// So many candidates are few: they are looked at and sorted for each page.
const FEW: u64 = 5000;
/// So many lines are kept once they are counted, and sorted for each page, if they are not most of all: a walk soon has a page then. One past
/// more of a million finds a page of 50 within 2,500 lines, if they lie evenly.
const KEPT: u64 = 20_000;
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
    /// For a page: what was counted lately is found without looking for it.
    pub fn new(
        table: &'a LineTable,
        connection: &Connection,
        filter: &[Token],
        now: Timestamp,
    ) -> Result<Self, rusqlite::Error> {
        let conditions = Conditions::new(table, connection, now)?;
        let mut narrowed = Self { table, all: conditions.all(filter), few: None, total: None };
        if filter.is_empty() {
            return Ok(narrowed);
        }
        if let Some(count) = table.counted.known(filter, now) {
            return Ok(narrowed.counted(count, filter));
        }
        if !narrowed.are_few(connection, &conditions, filter)? {
            // No index gives few, and yet there may be few: who walked would walk past all lines to find them.
            let count = table.counted.of(filter, now, || narrowed.count(connection, filter))?;
            narrowed = narrowed.counted(count, filter);
        }
        Ok(narrowed)
    }

    /// The lines that it names now, whatever was counted before: for what somebody acts on.
    pub fn afresh(
        table: &'a LineTable,
        connection: &Connection,
        filter: &[Token],
        now: Timestamp,
    ) -> Result<Self, rusqlite::Error> {
        let conditions = Conditions::new(table, connection, now)?;
        let mut narrowed = Self { table, all: conditions.all(filter), few: None, total: None };
        narrowed.are_few(connection, &conditions, filter)?;
        Ok(narrowed)
    }

    /// Counts the lines anew whose [old count](super::counted::Counted::take_wanted) was told.
    pub fn count_anew(
        table: &'a LineTable,
        connection: &Connection,
        filter: &[Token],
        now: Timestamp,
    ) -> Result<(), rusqlite::Error> {
        let narrowed = Self::afresh(table, connection, filter, now)?;
        table.counted.of(filter, now, || narrowed.count(connection, filter)).map(drop)
    }

    /// Takes the index that gives the fewest candidates; says whether they are few.
    fn are_few(
        &mut self,
        connection: &Connection,
        conditions: &Conditions<'_>,
        filter: &[Token],
    ) -> Result<bool, rusqlite::Error> {
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
        self.few = few.map(|(_, candidates)| candidates);
        Ok(are_few)
    }

    /// The same, with what was counted. The lines that were found then are not looked at again where only a change of the lines, with which
    /// counts are forgotten, could have made them others.
    fn counted(mut self, count: Count, filter: &[Token]) -> Self {
        self.total = Some(count.total);
        self.few = count.rows.map(|rows| {
            if filter.iter().all(|token| is_of_the_line(&token.test)) {
                self.all = Part { text: String::new(), values: Vec::new() };
            }
            Part {
                text: "SELECT value FROM json_each(?)".to_owned(),
                values: vec![Value::Text(rows.to_string())],
            }
        });
        self
    }

    /// Looks at lines until more than enough are found.
    fn count(&self, connection: &Connection, filter: &[Token]) -> Result<Count, rusqlite::Error> {
        // The index by device has all that these ask for, and no line need be looked up.
        let is_covered = |token: &Token| {
            matches!(token.test, Test::Device(_) | Test::Serial(_) | Test::Authority(_) | Test::Status(_))
        };
        let along = match filter.iter().all(is_covered) {
            true => format!("INDEXED BY {}_device", self.table.name()),
            false => String::new(),
        };
        let Part { text, values } = self.from(&along, None);
        let mut statement = connection.prepare(&format!("SELECT rowid {text} LIMIT {}", COUNTED + 1))?;
        let rows = statement.query_map(params_from_iter(&values), |row| row.get(0))?;
        let rows: Vec<i64> = rows.collect::<Result<_, _>>()?;
        let number = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let total = Total { number: number.min(COUNTED), more: number > COUNTED };
        let kept = KEPT.min(self.table.sizes().lines / 2);
        Ok(Count { total, rows: (number <= kept).then(|| format!("{rows:?}").into()) })
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

/// Whether it asks for nothing but what a line has, whatever the time, the trail and the findings.
fn is_of_the_line(test: &Test) -> bool {
    matches!(
        test,
        Test::Text(_)
            | Test::Device(_)
            | Test::Subject(_)
            | Test::CommonName(_)
            | Test::Serial(_)
            | Test::Template(_)
            | Test::Authority(_)
    )
}
