//! One conditional write of a transaction, and what it is about when its condition fails.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update};

use crate::Thing;
use crate::item::{Item, n};
use crate::keys::Key;
use crate::partitions::Access;

/// A write that is done together with others or not at all. Made by this crate only, so that its condition is always
/// the one that guards it; handed to [`crate::Aws::commit`].
#[derive(Clone, Debug)]
pub struct Change {
    pub(crate) what: Thing,
    pub(crate) id: String,
    key: Key,
    write: Write,
    condition: Option<&'static str>,
    /// Values that the condition names, with their colon.
    values: Vec<(&'static str, AttributeValue)>,
}

#[derive(Clone, Debug)]
enum Write {
    Put(Vec<(&'static str, AttributeValue)>),
    Set(Vec<(&'static str, AttributeValue)>),
    /// Raises a number by one, from nothing if there is none.
    Add(&'static str),
    Delete,
    Check,
}

impl Change {
    /// Writes the whole item.
    pub(crate) fn put(
        what: Thing,
        id: impl Into<String>,
        key: Key,
        attributes: impl Into<Vec<(&'static str, AttributeValue)>>,
    ) -> Self {
        Self::new(what, id, key, Write::Put(attributes.into()))
    }

    /// Sets these attributes and leaves the others.
    pub(crate) fn set(
        what: Thing,
        id: impl Into<String>,
        key: Key,
        attributes: impl Into<Vec<(&'static str, AttributeValue)>>,
    ) -> Self {
        Self::new(what, id, key, Write::Set(attributes.into()))
    }

    /// Raises the number `name` by one and leaves the other attributes.
    pub(crate) fn add(what: Thing, id: impl Into<String>, key: Key, name: &'static str) -> Self {
        Self::new(what, id, key, Write::Add(name))
    }

    pub(crate) fn delete(what: Thing, id: impl Into<String>, key: Key) -> Self {
        Self::new(what, id, key, Write::Delete)
    }

    /// Writes nothing: only its condition counts.
    pub(crate) fn check(what: Thing, id: impl Into<String>, key: Key) -> Self {
        Self::new(what, id, key, Write::Check)
    }

    fn new(what: Thing, id: impl Into<String>, key: Key, write: Write) -> Self {
        Self { what, id: id.into(), key, write, condition: None, values: Vec::new() }
    }

    pub(crate) fn when(
        mut self,
        condition: &'static str,
        values: impl Into<Vec<(&'static str, AttributeValue)>>,
    ) -> Self {
        (self.condition, self.values) = (Some(condition), values.into());
        self
    }

    /// Only if there is no such item.
    pub(crate) fn when_absent(self) -> Self {
        self.when("attribute_not_exists(pk)", [])
    }

    /// What it does to its partition.
    pub(crate) fn access(&self) -> Access {
        match self.write {
            Write::Check => Access::Read,
            Write::Put(_) | Write::Set(_) | Write::Add(_) | Write::Delete => Access::Write,
        }
    }

    /// How many bytes it has in a transaction: names and values as DynamoDB counts them (developer guide, "DynamoDB item
    /// sizes and formats"), or a little more.
    pub(crate) fn size(&self) -> usize {
        let written = match &self.write {
            Write::Put(attributes) | Write::Set(attributes) => attributes.as_slice(),
            Write::Add(_) | Write::Delete | Write::Check => &[],
        };
        let all = written.iter().chain(&self.values);
        let values: usize = all.map(|(name, value)| name.len() + size(value)).sum();
        // The names of the key, and of a number that is added to.
        self.key.pk.len() + self.key.sk.len() + values + 50
    }

    pub(crate) fn partition(&self) -> &str {
        &self.key.pk
    }

    pub(crate) fn action(&self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let condition = self.condition.map(str::to_owned);
        let mut values: Item =
            self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let key = self.key.item();
        let item = TransactWriteItem::builder();
        Ok(match &self.write {
            Write::Put(attributes) => {
                let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
                let put = Put::builder()
                    .table_name(table)
                    .set_item(Some(key.into_iter().chain(attributes).collect()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(some(values));
                item.put(put.build()?)
            }
            Write::Set(attributes) => {
                let sets: Vec<_> =
                    attributes.iter().map(|(name, _)| format!("{name} = :set_{name}")).collect();
                values.extend(attributes.iter().map(|(name, value)| (format!(":set_{name}"), value.clone())));
                let update = Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(format!("SET {}", sets.join(", ")))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(some(values));
                item.update(update.build()?)
            }
            Write::Add(name) => {
                values.insert(":one".to_owned(), n(1));
                let update = Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression(format!("ADD {name} :one"))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(some(values));
                item.update(update.build()?)
            }
            Write::Delete => {
                let delete = Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(some(values));
                item.delete(delete.build()?)
            }
            Write::Check => {
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(some(values));
                item.condition_check(check.build()?)
            }
        }
        .build())
    }
}

/// Of the types that this crate writes.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        _ => 1,
    }
}

fn some(values: Item) -> Option<Item> {
    (!values.is_empty()).then_some(values)
}
