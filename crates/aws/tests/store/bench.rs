//! A DynamoDB of one test's own, and replicas of the console's AWS side on it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use countersign_aws::{Aws, InventorySettings, Process, Settings, create_console_table};
use tokio::net::TcpListener;

pub const CONSOLE: &str = "countersign";
pub const INVENTORY: &str = "device-certificates";

pub struct Bench {
    pub address: std::net::SocketAddr,
    pub raw: Client,
}

impl Bench {
    /// An empty DynamoDB with both tables.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
        let raw = Client::new(&config(address));
        create_console_table(&raw, CONSOLE).await.unwrap();
        table(&raw, INVENTORY, ["device_id", "cert_serial"]).await;
        Self { address, raw }
    }

    /// A replica of the worker's process: it shares nothing with another but the tables.
    pub fn worker(&self) -> Aws {
        worker_at(self.address)
    }

    /// A replica of the web process.
    pub fn web(&self) -> Aws {
        let config = config(self.address);
        Aws::with_configs(Settings { process: Process::Web, ..settings() }, &config, &config)
    }

    /// Writes an item past everything.
    pub async fn put(&self, table: &str, attributes: &[(&str, AttributeValue)]) {
        let item = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.raw.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }
}

pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub fn worker_at(address: std::net::SocketAddr) -> Aws {
    let config = config(address);
    Aws::with_configs(settings(), &config, &config)
}

pub fn settings() -> Settings {
    Settings {
        process: Process::Worker { executor_profile: None },
        region: "eu-central-1".to_owned(),
        console_table: CONSOLE.to_owned(),
        inventory: InventorySettings { table: INVENTORY.to_owned(), attributes: Default::default() },
    }
}

pub fn config(address: std::net::SocketAddr) -> SdkConfig {
    let credentials = Credentials::new("AKIDTEST", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// A table whose keys, partition key first, are text.
pub async fn table(client: &Client, name: &str, keys: [&str; 2]) {
    typed_table(client, name, keys.map(|key| (key, ScalarAttributeType::S))).await;
}

/// A table whose keys are of these types.
pub async fn typed_table(client: &Client, name: &str, keys: [(&str, ScalarAttributeType); 2]) {
    let mut call = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for ((key, of_type), kind) in keys.into_iter().zip([KeyType::Hash, KeyType::Range]) {
        let definition = AttributeDefinition::builder().attribute_name(key);
        let definition = definition.attribute_type(of_type).build().unwrap();
        let element = KeySchemaElement::builder().attribute_name(key).key_type(kind).build().unwrap();
        call = call.attribute_definitions(definition).key_schema(element);
    }
    call.send().await.unwrap();
}
