//! A sandbox of one test's own, and the console's AWS side in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use countersign_aws::{Aws, InventorySettings, Process, Settings};
use domain::AuthorityArn;
use sandbox::{Description, Options, Sandbox};

pub struct Place {
    pub sandbox: Sandbox,
    directory: PathBuf,
}

impl Place {
    pub async fn new() -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().to_string());
        let options = Options {
            devices: 5,
            port: 0,
            new_devices_per_minute: 0,
            report_interval: Duration::from_secs(1800),
            report_delay: Duration::from_millis(300),
            crl_delay: Duration::from_millis(100),
            ..Options::new(&directory)
        };
        Self { sandbox: Sandbox::start(options).await.unwrap(), directory }
    }

    pub fn description(&self) -> &Description {
        self.sandbox.description()
    }

    /// A file that goes with the place.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.directory.join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    pub fn authority(&self) -> AuthorityArn {
        self.description().authorities[0].arn.parse().unwrap()
    }

    /// With the console's credentials to read and the executor's to revoke.
    pub fn aws(&self) -> Aws {
        self.aws_as("executor")
    }

    pub fn aws_as(&self, executor: &str) -> Aws {
        let description = self.description();
        let settings = Settings {
            process: Process::Worker { executor_profile: Some(executor.to_owned()) },
            region: description.region.clone(),
            console_table: description.tables.console.clone(),
            inventory: InventorySettings {
                table: description.tables.inventory.clone(),
                attributes: Default::default(),
            },
        };
        Aws::with_configs(settings, &config(description, "default"), &config(description, executor))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn config(description: &Description, profile: &str) -> SdkConfig {
    let key = description.access_keys.iter().find(|key| key.profile == profile).unwrap();
    let credentials = Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(description.region.clone()))
        .service_config(Environment(description.env.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// The variables that the sandbox gives its console, without touching those of this process.
#[derive(Debug)]
struct Environment(BTreeMap<String, String>);

impl LoadServiceConfig for Environment {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().replace(' ', "_").to_uppercase();
        self.0.get(&format!("{}_{service}", key.env())).cloned()
    }
}

/// Asks again until there is something.
pub async fn eventually<T>(ask: impl AsyncFnMut() -> Option<T>) -> T {
    sandbox::until("what the sandbox makes", ask).await
}
