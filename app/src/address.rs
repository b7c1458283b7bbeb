//! The query of an address: read as [`Pairs`], written as [`Query`]. `queries.rs` says what is in one.

use std::str::FromStr;

use domain::Timestamp;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::error::AppError;

/// The query of a list: pairs in a fixed order, so that the same filter is the same address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(&'static str, String)>);

impl Query {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pair, unless the value is empty.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.0.push((name, value));
        }
        self
    }

    pub(crate) fn on(self, path: &str) -> String {
        match self.text() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// As it stands behind the `?`.
    pub(crate) fn text(self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.0).finish()
    }
}

/// The names and values of an address's query. Leptos' own map decodes values twice, and not alike on both sides.
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub fn of(search: &str) -> Self {
        Self(form_urlencoded::parse(search.trim_start_matches('?').as_bytes()).into_owned().collect())
    }

    /// The last value of this name, unless it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// All names and values, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All values of this name, read; an error that names it when one cannot be.
    pub fn all<T: FromStr>(&self, name: &str) -> Result<Vec<T>, AppError> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.parse().map_err(|_| unknown(name))).collect()
    }

    /// The value of this name, read; an error that names it when it cannot be.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>, AppError> {
        self.text(name).map(|value| value.parse().map_err(|_| unknown(name))).transpose()
    }

    /// The one of `all` that has the value of this name.
    pub fn one_of<T: Copy>(
        &self,
        name: &str,
        all: &[T],
        called: fn(T) -> &'static str,
    ) -> Result<Option<T>, AppError> {
        let find = |value: &str| all.iter().copied().find(|one| called(*one) == value);
        self.text(name).map(|value| find(value).ok_or_else(|| unknown(name))).transpose()
    }

    /// A moment, UTC: as RFC 3339 writes it, or without seconds and zone as the fields of browsers do.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>, AppError> {
        let read = |text: &str| ["", "Z", ":00Z"].iter().find_map(|end| format!("{text}{end}").parse().ok());
        self.text(name).map(|text| read(text).ok_or_else(|| unknown(name))).transpose()
    }

    /// The beginning of a day, UTC, as date fields write it.
    pub(crate) fn day(&self, name: &str) -> Result<Option<Timestamp>, AppError> {
        let read = |text: &str| format!("{text}T00:00:00Z").parse().map_err(|_| unknown(name));
        self.text(name).map(read).transpose()
    }

    /// People count pages from 1, lists from 0.
    pub(crate) fn page(&self) -> Result<u32, AppError> {
        Ok(self.get::<u32>("page")?.unwrap_or(1).saturating_sub(1))
    }
}

pub(crate) fn unknown(name: &str) -> AppError {
    AppError::invalid(name, format!("The address has a “{name}” that does not exist."))
}

/// What the address of this page asks for, by `read`; follows the address.
pub fn use_query<T>(
    read: impl Fn(&Pairs) -> Result<T, AppError> + Send + Sync + 'static,
) -> Memo<Result<T, AppError>>
where
    T: PartialEq + Send + Sync + 'static,
{
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| read(&Pairs::of(search))))
}
