//! DynamoDB on a SQLite file, and the two tables in it.

mod serve;

use std::path::Path;

use anyhow::{Context, anyhow};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use countersign_aws::create_console_table;
use dynoxide::Database;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

pub(crate) use serve::serve;

/// The names of the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tables {
    /// Written by the provisioning service.
    pub inventory: String,
    /// The console's own.
    pub console: String,
}

impl Default for Tables {
    fn default() -> Self {
        Self { inventory: "device-certificates".to_owned(), console: "countersign".to_owned() }
    }
}

/// Of the inventory.
const KEYS: [&str; 2] = ["device_id", "cert_serial"];

/// Opens the database in the file, or makes one.
pub(crate) fn open(file: &Path) -> anyhow::Result<Database> {
    let path = file.to_str().context("the data directory's path is not UTF-8")?;
    Database::new(path).map_err(|error| anyhow!("cannot open {path}: {error}"))
}

/// Gives the inventory in the file an index in the order of a scan by segments, which dynoxide does not: it sorts all that is
/// left of the table for each page.
pub(crate) fn index_segments(file: &Path, tables: &Tables) -> anyhow::Result<()> {
    let table = &tables.inventory;
    let index = format!("CREATE INDEX \"{table}::segments\" ON \"{table}\" (hash_prefix, pk, sk)");
    Ok(Connection::open(file)?.execute_batch(&index)?)
}

/// Makes the tables of a new sandbox.
pub(crate) async fn create_tables(client: &Client, tables: &Tables) -> anyhow::Result<()> {
    create_inventory(client, &tables.inventory).await?;
    create_console_table(client, &tables.console).await?;
    Ok(())
}

/// The provisioning service's table: every key attribute is a string.
async fn create_inventory(client: &Client, table: &str) -> anyhow::Result<()> {
    let mut request = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for name in KEYS {
        let definition =
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(definition.build()?);
    }
    let projection = Projection::builder().projection_type(ProjectionType::All).build();
    let index = GlobalSecondaryIndex::builder()
        .index_name("cert_serial-index")
        .set_key_schema(Some(schema(&KEYS[1..])?))
        .projection(projection)
        .build()?;
    let stream = StreamSpecification::builder().stream_enabled(true);
    request
        .stream_specification(stream.stream_view_type(StreamViewType::NewImage).build()?)
        .set_key_schema(Some(schema(&KEYS)?))
        .global_secondary_indexes(index)
        .send()
        .await
        .with_context(|| format!("could not create the table {table}"))?;
    Ok(())
}

/// Partition key first, then sort key.
fn schema(keys: &[&str]) -> anyhow::Result<Vec<KeySchemaElement>> {
    let types = [KeyType::Hash, KeyType::Range];
    let elements = keys.iter().zip(types);
    Ok(elements
        .map(|(name, kind)| KeySchemaElement::builder().attribute_name(*name).key_type(kind).build())
        .collect::<Result<_, _>>()?)
}
