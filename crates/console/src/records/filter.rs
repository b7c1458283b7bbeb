//! Conditions of SQL, put together one by one.

use std::borrow::Cow;

use rusqlite::types::Value;

/// A condition of SQL with the values that it names.
#[derive(Default)]
pub(crate) struct Filter {
    conditions: Vec<Cow<'static, str>>,
    pub values: Vec<Value>,
}

impl Filter {
    pub fn and(&mut self, condition: impl Into<Cow<'static, str>>, values: impl IntoIterator<Item = Value>) {
        self.conditions.push(condition.into());
        self.values.extend(values);
    }

    /// Empty without a condition.
    pub fn text(&self) -> String {
        match self.conditions.is_empty() {
            true => String::new(),
            false => format!("WHERE {}", self.conditions.join(" AND ")),
        }
    }
}
