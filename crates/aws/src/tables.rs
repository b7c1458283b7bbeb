//! Whether the tables are there and have the shape that everything else relies on, for `countersign check`.

use aws_sdk_dynamodb::types::{
    KeyType, ScalarAttributeType, TableDescription, TableStatus, TimeToLiveStatus,
};

use crate::error::sdk;
use crate::{Aws, Error, Thing, keys};

impl Aws {
    /// What is wrong with the console's table, each with its remedy; nothing if it can be used.
    ///
    /// # Errors
    /// When the table cannot be looked at: it is not there, or the credentials do not allow it.
    pub async fn check_console_table(&self) -> Result<Vec<String>, Error> {
        let name = self.console_table();
        let table = self.describe_table(name).await?;
        let mut problems = shape(&table, name, keys::PK, keys::SK);
        let indexes = table.global_secondary_indexes();
        let list = indexes.iter().find(|index| index.index_name() == Some(keys::LIST));
        let wanted = [(keys::LIST_PK, KeyType::Hash), (keys::LIST_SK, KeyType::Range)];
        let has_keys = list.is_some_and(|index| {
            let has = |(name, kind): &(&str, KeyType)| {
                index.key_schema().iter().any(|key| key.attribute_name() == *name && key.key_type() == kind)
            };
            wanted.iter().all(has)
        });
        if !has_keys {
            problems.push(format!(
                "The table {name} has no index {} on {} and {}. Make it with all attributes projected.",
                keys::LIST,
                keys::LIST_PK,
                keys::LIST_SK
            ));
        }
        let ttl = self.reader.dynamodb.describe_time_to_live().table_name(name).send().await;
        let ttl = ttl.map_err(sdk("dynamodb:DescribeTimeToLive", Thing::Table, name))?;
        let ttl = ttl.time_to_live_description().filter(|ttl| {
            matches!(ttl.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
        });
        if ttl.and_then(|ttl| ttl.attribute_name()) != Some(keys::EXPIRES) {
            problems.push(format!(
                "The table {name} deletes nothing by time. Switch on time to live by the attribute {}.",
                keys::EXPIRES
            ));
        }
        Ok(problems)
    }

    /// What is wrong with the inventory, each with its remedy; nothing if it can be used.
    ///
    /// # Errors
    /// As [`Aws::check_console_table`].
    pub async fn check_inventory_table(&self) -> Result<Vec<String>, Error> {
        let inventory = &self.settings.inventory;
        let table = self.describe_table(&inventory.table).await?;
        let names = &inventory.attributes;
        Ok(shape(&table, &inventory.table, &names.device_id, &names.cert_serial))
    }

    async fn describe_table(&self, name: &str) -> Result<TableDescription, Error> {
        let answer = self.reader.dynamodb.describe_table().table_name(name).send().await;
        let answer = answer.map_err(sdk("dynamodb:DescribeTable", Thing::Table, name))?;
        answer.table.ok_or_else(|| Error::not_found(Thing::Table, name))
    }
}

fn shape(table: &TableDescription, name: &str, pk: &str, sk: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !matches!(table.table_status(), Some(TableStatus::Active | TableStatus::Updating)) {
        problems.push(format!("The table {name} is not active. Wait until it is."));
    }
    for (kind, wanted, role) in [(KeyType::Hash, pk, "partition"), (KeyType::Range, sk, "sort")] {
        let key = table.key_schema().iter().find(|key| *key.key_type() == kind);
        let found = key.map_or("none", |key| key.attribute_name());
        let is_text = table.attribute_definitions().iter().any(|definition| {
            definition.attribute_name() == wanted && *definition.attribute_type() == ScalarAttributeType::S
        });
        if found != wanted {
            problems.push(format!(
                "The {role} key of the table {name} is {found}, not {wanted}. Correct the configuration or the table."
            ));
        } else if !is_text {
            problems.push(format!("The {role} key {wanted} of the table {name} is not text (S)."));
        }
    }
    problems
}
