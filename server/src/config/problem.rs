//! What is wrong with a configuration file, where, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One fault of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From 1. `None`: it is about something that is not in the file.
    pub line: Option<usize>,
    /// `oidc.issuer`; empty for the file as a whole.
    pub key: String,
    pub what: String,
    /// What to do, as a sentence.
    pub remedy: String,
}

/// All faults of one file, in the order of its lines.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Problems {
    file: PathBuf,
    all: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(file: &Path, mut all: Vec<Problem>) -> Self {
        all.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        Self { file: file.to_owned(), all }
    }

    /// The file as a whole cannot be used.
    pub(super) fn whole(file: &Path, what: impl fmt::Display, remedy: &str) -> Self {
        let (what, remedy) = (what.to_string(), remedy.to_owned());
        Self::new(file, vec![Problem { line: None, key: String::new(), what, remedy }])
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> &[Problem] {
        &self.all
    }

    fn text(&self) -> String {
        let file = self.file.display();
        let mut text = String::new();
        for Problem { line, key, what, remedy } in &self.all {
            let place = line.map_or(String::new(), |line| format!(":{line}"));
            let key = if key.is_empty() { String::new() } else { format!(" {key}:") };
            text.push_str(&format!("{file}{place}:{key} {what}\n    {remedy}\n"));
        }
        let count = self.all.len();
        text.push_str(&format!("{file}: {count} problem{}", if count == 1 { "" } else { "s" }));
        text
    }
}
