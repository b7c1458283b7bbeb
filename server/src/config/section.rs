//! Walks a TOML document table by table and collects everything that is wrong with it, each with its line. Knows no
//! key: those are asked for by the sections' own files.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;

use domain::foreign;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// The text and what was found wrong with it so far.
pub(super) struct Document<'a> {
    text: &'a str,
    problems: RefCell<Vec<Problem>>,
}

/// One table of the document; one that is missing reads like an empty one.
pub(super) struct Section<'a> {
    document: &'a Document<'a>,
    /// `oidc`, `policy.quorum[1]`; empty for the document itself.
    path: String,
    line: Option<usize>,
    table: Option<&'a DeTable<'a>>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, problems: RefCell::default() }
    }

    pub(super) fn root(&'a self, table: &'a DeTable<'a>) -> Section<'a> {
        Section {
            document: self,
            path: String::new(),
            line: None,
            table: Some(table),
            asked: RefCell::default(),
        }
    }

    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
    }

    pub(super) fn report(&self, line: Option<usize>, key: String, what: impl Display, remedy: &str) {
        let problem = Problem { line, key, what: what.to_string(), remedy: remedy.to_owned() };
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

impl<'a> Section<'a> {
    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key);
        self.table?.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Whether the file has no such table.
    pub(super) fn is_missing(&self) -> bool {
        self.table.is_none()
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn at(&self, value: &Spanned<DeValue<'_>>) -> Option<usize> {
        Some(self.document.line(&value.span()))
    }

    /// The table under `key`.
    pub(super) fn section(&self, key: &'static str) -> Section<'a> {
        let value = self.value(key);
        let table = value.and_then(|value| value.get_ref().as_table());
        if let (Some(value), None) = (value, table) {
            let what = format!("is {}, not a table", value.get_ref().type_str());
            self.report(key, what, &format!("Write [{}] and its keys below it.", self.key(key)));
        }
        let line = value.and_then(|value| self.at(value));
        Section { document: self.document, path: self.key(key), line, table, asked: RefCell::default() }
    }

    /// The tables under `[[key]]`; none when it is missing.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let tables = value.get_ref().as_array().map_or(&[][..], |array| array);
        let readable: Vec<_> =
            tables.iter().filter_map(|entry| Some((entry, entry.get_ref().as_table()?))).collect();
        if readable.len() != tables.len() || value.get_ref().as_array().is_none() {
            let remedy = format!("Write [[{}]] and its keys below it, once for each.", self.key(key));
            self.report(key, "is not a list of tables", &remedy);
        }
        let section =
            |(index, (entry, table)): (usize, (&'a Spanned<DeValue<'a>>, &'a DeTable<'a>))| Section {
                document: self.document,
                path: format!("{}[{}]", self.key(key), index + 1),
                line: self.at(entry),
                table: Some(table),
                asked: RefCell::default(),
            };
        readable.into_iter().enumerate().map(section).collect()
    }

    /// The value of a key that must be there. `None`: it is not, or is wrong, which was reported with `remedy`.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        remedy: &str,
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        if self.value(key).is_none() {
            self.report(key, "is missing", remedy);
        }
        self.optional(key, remedy, read)
    }

    /// The value of a key that may be absent. `None`: it is, or it is wrong, which was reported with `remedy`.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        remedy: &str,
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(key)?;
        match read(value.get_ref()) {
            Ok(value) => Some(value),
            Err(what) => {
                self.report(key, what, remedy);
                None
            }
        }
    }

    /// Reports that the value of `key`, or its absence, is wrong.
    pub(super) fn report(&self, key: &'static str, what: impl Display, remedy: &str) {
        let line = self.value(key).and_then(|value| self.at(value)).or(self.line);
        self.document.report(line, self.key(key), what, remedy);
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for name in self.table.iter().flat_map(|table| table.keys()) {
            if !asked.contains(name.get_ref().as_ref()) {
                let known: Vec<&str> = asked.iter().copied().collect();
                let remedy = format!("Remove it, or correct its name. Known here: {}.", known.join(", "));
                let key = self.key(&foreign::line(name.get_ref()));
                self.document.report(
                    Some(self.document.line(&name.span())),
                    key,
                    "is not a setting",
                    &remedy,
                );
            }
        }
    }
}
