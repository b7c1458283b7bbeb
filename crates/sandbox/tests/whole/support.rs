//! A sandbox in a directory of its own, and clients for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_acmpca::config::Credentials;
use aws_sdk_acmpca::types::AuditReportResponseFormat;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::config::SharedCredentialsProvider;
use sandbox::{Description, Options};
use serde_json::Value;

/// A directory that is gone when the test is.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new() -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().to_string());
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Few devices, free ports, nobody new.
pub fn small(directory: &Directory) -> Options {
    Options {
        devices: 12,
        port: 0,
        report_interval: Duration::ZERO,
        report_delay: Duration::from_millis(50),
        crl_delay: Duration::from_millis(100),
        new_devices_per_minute: 0,
        ..Options::new(directory.path().join("data"))
    }
}

/// What an SDK makes of an access key of the sandbox.
pub fn aws(description: &Description, profile: &str) -> SdkConfig {
    let key = description.access_keys.iter().find(|key| key.profile == profile).unwrap();
    let credentials = Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(description.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

pub fn acm_pca(description: &Description, profile: &str) -> aws_sdk_acmpca::Client {
    let config =
        aws(description, profile).into_builder().endpoint_url(&description.endpoints.acm_pca).build();
    aws_sdk_acmpca::Client::new(&config)
}

pub fn dynamodb(description: &Description) -> aws_sdk_dynamodb::Client {
    let config =
        aws(description, "default").into_builder().endpoint_url(&description.endpoints.dynamodb).build();
    aws_sdk_dynamodb::Client::new(&config)
}

/// As the console makes it: no path style asked for.
pub fn s3(description: &Description) -> aws_sdk_s3::Client {
    let config = aws(description, "default").into_builder().endpoint_url(&description.endpoints.s3).build();
    aws_sdk_s3::Client::new(&config)
}

/// An item of the inventory, all strings.
pub type Item = HashMap<String, String>;

/// The inventory, by serial.
pub async fn inventory(description: &Description) -> HashMap<String, Item> {
    let scan = dynamodb(description).scan().table_name(&description.tables.inventory).into_paginator();
    let items = scan.items().send().try_collect().await.unwrap();
    let plain = |item: HashMap<String, AttributeValue>| -> Item {
        item.into_iter().map(|(name, value)| (name, value.as_s().unwrap().clone())).collect()
    };
    items.into_iter().map(plain).map(|item| (item["cert_serial"].clone(), item)).collect()
}

/// A new audit report of every authority: the rows of devices, by serial.
pub async fn reports(description: &Description) -> HashMap<String, Value> {
    let (pca, s3) = (acm_pca(description, "default"), s3(description));
    let mut rows = HashMap::new();
    for authority in &description.authorities {
        // time passes: the account may ask for one report a second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let created = pca
            .create_certificate_authority_audit_report()
            .certificate_authority_arn(&authority.arn)
            .s3_bucket_name(&description.buckets.reports)
            .audit_report_response_format(AuditReportResponseFormat::Json)
            .send()
            .await
            .unwrap();
        let (id, key) = (created.audit_report_id.unwrap(), created.s3_key.unwrap());
        sandbox::until("a report", async || {
            let report = pca
                .describe_certificate_authority_audit_report()
                .certificate_authority_arn(&authority.arn)
                .audit_report_id(&id)
                .send()
                .await
                .unwrap();
            match report.audit_report_status.unwrap().as_str() {
                "SUCCESS" => Some(()),
                "CREATING" => None,
                other => panic!("the report is {other}"),
            }
        })
        .await;
        let object = s3.get_object().bucket(&description.buckets.reports).key(key).send().await.unwrap();
        let body = object.body.collect().await.unwrap().to_vec();
        for row in serde_json::from_slice::<Vec<Value>>(&body).unwrap() {
            if row["templateArn"].as_str().unwrap().contains("EndEntityCertificate") {
                rows.insert(row["serial"].as_str().unwrap().replace(':', ""), row);
            }
        }
    }
    rows
}
