//! The way to the sandbox's endpoints, as one of its principals, and a console's table in it.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use countersign_aws::{Aws, InventorySettings, Process, Settings, create_console_table};
use sandbox::Description;

use crate::support::description;

#[derive(Debug)]
struct Endpoints(&'static Description);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let name = format!("{}_{}", key.env(), key.service_id().replace(' ', "_").to_uppercase());
        self.0.env.get(&name).cloned()
    }
}

pub fn sdk(description: &'static Description, profile: &str) -> SdkConfig {
    let key = description.access_keys.iter().find(|key| key.profile == profile).unwrap();
    let credentials = Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(description.region.clone()))
        .service_config(Endpoints(description))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

pub fn aws_settings(description: &Description, table: &str) -> Settings {
    Settings {
        process: Process::Worker { executor_profile: Some("executor".to_owned()) },
        region: description.region.clone(),
        console_table: table.to_owned(),
        inventory: InventorySettings {
            table: description.tables.inventory.clone(),
            attributes: Default::default(),
        },
    }
}

pub fn aws(description: &Description, table: &str) -> Aws {
    // The sandbox of these tests is never dropped.
    let description: &'static Description = Box::leak(Box::new(description.clone()));
    let (reader, executor) = (sdk(description, "default"), sdk(description, "executor"));
    Aws::with_configs(aws_settings(description, table), &reader, &executor)
}

/// The web process's way to AWS.
pub fn web(description: &Description, table: &str) -> Aws {
    let description: &'static Description = Box::leak(Box::new(description.clone()));
    let config = sdk(description, "default");
    Aws::with_configs(
        Settings { process: Process::Web, ..aws_settings(description, table) },
        &config,
        &config,
    )
}

/// A replica's way to AWS with other settings.
pub async fn aws_with(settings: Settings) -> Aws {
    let description = description().await;
    Aws::with_configs(settings, &sdk(description, "default"), &sdk(description, "executor"))
}

/// Somebody with every right at the CA, past the console.
pub async fn administrator() -> Aws {
    let description = description().await;
    let config = sdk(description, "administrator");
    Aws::with_configs(aws_settings(description, "none"), &config, &config)
}

pub fn raw_dynamodb(description: &'static Description) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&sdk(description, "administrator"))
}

pub async fn create_table(description: &'static Description, name: &str) {
    create_console_table(&raw_dynamodb(description), name).await.unwrap();
}
