//! DynamoDB on a SQLite file, and the two tables in it.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use dynoxide::Database;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

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

/// Answers on `listener` from the file until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    file: PathBuf,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let path = file.to_str().context("the data directory's path is not UTF-8")?;
    let database = Database::new(path).map_err(|error| anyhow!("cannot open {path}: {error}"))?;
    dynoxide::server::serve_with_shutdown(listener, database, stop.cancelled_owned())
        .await
        .map_err(|error| anyhow!("DynamoDB stopped: {error}"))
}

/// Makes the tables of a new sandbox. The console's has the shape that `deploy/` gives it in production.
pub(crate) async fn create_tables(client: &Client, tables: &Tables) -> anyhow::Result<()> {
    create(client, &tables.inventory, ["device_id", "cert_serial"], "cert_serial-index", &["cert_serial"])
        .await?;
    create(client, &tables.console, ["pk", "sk"], "list", &["list_pk", "list_sk"]).await?;
    client
        .update_time_to_live()
        .table_name(&tables.console)
        .time_to_live_specification(
            TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build()?,
        )
        .send()
        .await
        .with_context(|| format!("could not set the time to live of {}", tables.console))?;
    Ok(())
}

/// A table with one index; every key attribute is a string.
async fn create(
    client: &Client,
    table: &str,
    keys: [&str; 2],
    index: &str,
    index_keys: &[&str],
) -> anyhow::Result<()> {
    let mut request = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    let mut names: Vec<&str> = keys.iter().chain(index_keys).copied().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let definition =
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(definition.build()?);
    }
    let projection = Projection::builder().projection_type(ProjectionType::All).build();
    let index = GlobalSecondaryIndex::builder()
        .index_name(index)
        .set_key_schema(Some(schema(index_keys)?))
        .projection(projection)
        .build()?;
    request
        .set_key_schema(Some(schema(&keys)?))
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
