//! Texts found by any part of them: an index of all runs of three characters (SQLite's FTS5, trigram), which gives
//! candidates for others to look at.

use rusqlite::{CachedStatement, Connection};

use super::database::Table;

/// How many runs of characters are looked for.
const RUNS: usize = 40;
/// A run that more texts have is one of many, and so many of those that fewer have are asked for.
const MANY: u64 = 20_000;
const RARE: usize = 4;

/// The index beside a table of lines.
#[derive(Debug)]
pub(super) struct Words {
    pub table: Table,
}

impl Words {
    pub fn create(&self) -> String {
        create(self.table.name())
    }

    pub fn adding<'a>(&self, connection: &'a Connection) -> Result<Adding<'a>, rusqlite::Error> {
        adding(connection, self.table.name())
    }
}

pub(super) fn create(name: &str) -> String {
    format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {name} \
         USING fts5(text, content='', columnsize=0, detail=none, tokenize='trigram')"
    )
}

pub(super) fn adding<'a>(connection: &'a Connection, name: &str) -> Result<Adding<'a>, rusqlite::Error> {
    let insert = format!("INSERT INTO {name} (rowid, text) VALUES (?, ?)");
    Ok(Adding { statement: connection.prepare_cached(&insert)? })
}

/// The question after rows of the index `name` that may have `part` in a text; `None`: it is too short for one. What a run
/// that many texts have would sort out is not worth its time: those that few have are enough, if there are any.
pub(super) fn question(
    connection: &Connection,
    name: &str,
    part: &str,
) -> Result<Option<String>, rusqlite::Error> {
    let letters: Vec<char> = part.chars().filter(|c| *c != '\0').collect();
    let quoted = |run: &[char]| format!("\"{}\"", run.iter().collect::<String>().replace('"', "\"\""));
    let mut runs: Vec<String> = letters.windows(3).map(quoted).collect();
    runs.sort_unstable();
    runs.dedup();
    runs.truncate(RUNS);
    let count =
        format!("SELECT count(*) FROM (SELECT 1 FROM {name} WHERE {name} MATCH ? LIMIT {})", MANY + 1);
    let mut count = connection.prepare_cached(&count)?;
    let counted = runs.iter().map(|run| Ok((count.query_row([run], |row| row.get::<_, u64>(0))?, run)));
    let mut rare: Vec<(u64, &String)> = counted.collect::<Result<_, rusqlite::Error>>()?;
    rare.retain(|(number, _)| *number <= MANY);
    rare.sort_unstable();
    rare.truncate(RARE);
    let asked = match rare.is_empty() {
        true => runs,
        false => rare.into_iter().map(|(_, run)| run.clone()).collect(),
    };
    Ok((!asked.is_empty()).then(|| asked.join(" AND ")))
}

/// Adds lines.
pub(super) struct Adding<'a> {
    statement: CachedStatement<'a>,
}

impl Adding<'_> {
    /// `others` are added where `text` does not have them in it.
    pub fn add<const N: usize>(
        &mut self,
        row: i64,
        text: &str,
        others: [Option<&str>; N],
    ) -> Result<(), rusqlite::Error> {
        let mut text = text.to_owned();
        for other in others.into_iter().flatten() {
            if !text.contains(other) {
                text.push('\n');
                text.push_str(other);
            }
        }
        self.statement.execute((row, text)).map(drop)
    }
}
