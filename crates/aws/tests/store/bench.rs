//! A DynamoDB of one test's own, and replicas of the console's AWS side on it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use countersign_aws::{Aws, InventorySettings, Settings};
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
        table(&raw, CONSOLE, ["pk", "sk"], Some(["list_pk", "list_sk"])).await;
        table(&raw, INVENTORY, ["device_id", "cert_serial"], None).await;
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().unwrap();
        raw.update_time_to_live().table_name(CONSOLE).time_to_live_specification(ttl).send().await.unwrap();
        Self { address, raw }
    }

    /// A replica: it shares nothing with another but the tables.
    pub fn aws(&self) -> Aws {
        aws_at(self.address)
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

pub fn aws_at(address: std::net::SocketAddr) -> Aws {
    let config = config(address);
    Aws::with_configs(settings(), &config, &config)
}

pub fn settings() -> Settings {
    Settings {
        region: "eu-central-1".to_owned(),
        executor_profile: None,
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

pub async fn table(client: &Client, name: &str, keys: [&str; 2], index: Option<[&str; 2]>) {
    let mut call = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for key in keys.iter().chain(index.iter().flatten()) {
        let definition = AttributeDefinition::builder().attribute_name(*key);
        let definition = definition.attribute_type(ScalarAttributeType::S).build().unwrap();
        call = call.attribute_definitions(definition);
    }
    if let Some(keys) = index {
        let projection = Projection::builder().projection_type(ProjectionType::All).build();
        let index = GlobalSecondaryIndex::builder().index_name("list").projection(projection);
        call = call.global_secondary_indexes(index.set_key_schema(Some(schema(keys))).build().unwrap());
    }
    call.set_key_schema(Some(schema(keys))).send().await.unwrap();
}

fn schema(keys: [&str; 2]) -> Vec<KeySchemaElement> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let elements = keys.iter().zip(kinds);
    elements
        .map(|(key, kind)| KeySchemaElement::builder().attribute_name(*key).key_type(kind).build().unwrap())
        .collect()
}
