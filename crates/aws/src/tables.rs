//! Whether the tables are there and have the shape that everything else relies on, for `countersign check`; and making
//! the console's.

use aws_sdk_dynamodb::types::TableStatus;

use crate::error::sdk;
use crate::{Aws, Error, Thing, schema};

impl Aws {
    /// As [`schema::create_console_table`], with the process's own credentials.
    pub async fn create_console_table(&self) -> Result<Vec<String>, Error> {
        schema::create_console_table(&self.own.dynamodb, self.console_table()).await
    }

    /// What is wrong with the console's table, each with its remedy; nothing if it can be used.
    ///
    /// # Errors
    /// When the table cannot be looked at: the credentials do not allow it, or nobody answers.
    pub async fn check_console_table(&self) -> Result<Vec<String>, Error> {
        schema::faults(&self.own.dynamodb, self.console_table()).await
    }

    /// What is wrong with the inventory, each with its remedy; nothing if it can be used.
    ///
    /// # Errors
    /// When the table cannot be looked at: it is not there, or the credentials do not allow it.
    pub async fn check_inventory_table(&self) -> Result<Vec<String>, Error> {
        let inventory = &self.settings.inventory;
        let (name, names) = (&inventory.table, &inventory.attributes);
        let answer = self.own.dynamodb.describe_table().table_name(name).send().await;
        let answer = answer.map_err(sdk("dynamodb:DescribeTable", Thing::Table, name))?;
        let table = answer.table.ok_or_else(|| Error::not_found(Thing::Table, name))?;
        let mut faults = schema::key_faults(&table, name, [&names.device_id, &names.cert_serial]);
        if !matches!(table.table_status(), Some(TableStatus::Active | TableStatus::Updating)) {
            faults.push(format!("The table {name} is not active. Wait until it is."));
        }
        Ok(faults)
    }
}
