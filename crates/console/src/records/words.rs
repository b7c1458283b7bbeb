//! Texts found by any part of them: an index of all runs of three characters (SQLite's FTS5, trigram), which gives
//! candidates for others to look at.

use rusqlite::{Connection, Statement};

use super::database::Table;

/// How many runs of characters are looked for.
const RUNS: usize = 40;

/// The index beside a table of lines.
#[derive(Debug)]
pub(super) struct Words {
    pub table: Table,
}

impl Words {
    pub fn create(&self) -> String {
        format!(
            "CREATE VIRTUAL TABLE {} USING fts5(text, content='', columnsize=0, detail=none, tokenize='trigram')",
            self.table.name()
        )
    }

    pub fn adding<'a>(&self, connection: &'a Connection) -> Result<Adding<'a>, rusqlite::Error> {
        let insert = format!("INSERT INTO {} (rowid, text) VALUES (?, ?)", self.table.name());
        Ok(Adding { statement: connection.prepare(&insert)? })
    }

    /// The question after lines that may have `part` in a text: the first of its runs are enough. `None`: it is too short.
    pub fn question(part: &str) -> Option<String> {
        let letters: Vec<char> = part.chars().filter(|c| *c != '\0').collect();
        let quoted = |run: &[char]| format!("\"{}\"", run.iter().collect::<String>().replace('"', "\"\""));
        let mut runs: Vec<String> = letters.windows(3).take(RUNS).map(quoted).collect();
        runs.sort_unstable();
        runs.dedup();
        (!runs.is_empty()).then(|| runs.join(" AND "))
    }
}

/// Adds lines.
pub(super) struct Adding<'a> {
    statement: Statement<'a>,
}

impl Adding<'_> {
    /// `others` are added where `text` does not have them in it.
    pub fn add(&mut self, row: i64, text: &str, others: [Option<&str>; 2]) -> Result<(), rusqlite::Error> {
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
