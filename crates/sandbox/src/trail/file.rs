//! A log file: its name, its compressed content, and what a digest says of it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use rand::Rng;
use rand::distr::Alphanumeric;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::keys::{ACCOUNT, REGION};

/// The trail's name. Three letters: s3s-fs makes a file's name of a whole key, and a digest's key is long.
pub(crate) const NAME: &str = "pki";
pub(super) const HASH: &str = "SHA-256";

/// A log file's element of a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "s3Bucket")]
    pub(super) bucket: String,
    #[serde(rename = "s3Object")]
    pub(super) key: String,
    /// Of the uncompressed content, lower-case hex.
    #[serde(rename = "hashValue")]
    pub(super) hash: String,
    pub(super) hash_algorithm: String,
    pub(super) newest_event_time: String,
    pub(super) oldest_event_time: String,
}

/// A file of the trail.
pub(super) struct LogFile {
    pub(super) entry: Entry,
    /// Compressed. `None`: S3 is not to have it.
    pub(super) body: Option<Vec<u8>>,
}

impl LogFile {
    /// A file of these records, shuffled as CloudTrail's are, delivered at that time.
    pub(super) fn new(
        bucket: &str,
        mut records: Vec<Value>,
        delivered: OffsetDateTime,
    ) -> anyhow::Result<Self> {
        records.shuffle(&mut rand::rng());
        let times = records.iter().filter_map(|record| record["eventTime"].as_str());
        let (oldest, newest) = (times.clone().min(), times.max());
        let entry = Entry {
            bucket: bucket.to_owned(),
            key: key(delivered)?,
            hash: String::new(),
            hash_algorithm: HASH.to_owned(),
            newest_event_time: newest.unwrap_or_default().to_owned(),
            oldest_event_time: oldest.unwrap_or_default().to_owned(),
        };
        let content = content(records);
        let hash = hex::encode(Sha256::digest(&content));
        Ok(Self { entry: Entry { hash, ..entry }, body: Some(compressed(&content)?) })
    }

    /// Puts other content in the file's place: the digest keeps what it said.
    pub(super) fn replace(&mut self, records: Vec<Value>) -> anyhow::Result<()> {
        self.body = Some(compressed(&content(records))?);
        Ok(())
    }
}

fn content(records: Vec<Value>) -> Vec<u8> {
    json!({ "Records": records }).to_string().into_bytes()
}

/// Gzip of it.
pub(super) fn compressed(content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(content)?;
    Ok(gzip.finish()?)
}

/// The key of a file that is delivered at that time.
fn key(delivered: OffsetDateTime) -> anyhow::Result<String> {
    let folder = folder("CloudTrail", delivered)?;
    let time = delivered.format(format_description!("[year][month][day]T[hour][minute]Z"))?;
    let unique: String = rand::rng().sample_iter(Alphanumeric).take(16).map(char::from).collect();
    Ok(format!("{folder}/{ACCOUNT}_CloudTrail_{REGION}_{time}_{unique}.json.gz"))
}

/// Where the objects of a day are.
pub(super) fn folder(kind: &str, day: OffsetDateTime) -> anyhow::Result<String> {
    let day = day.format(format_description!("[year]/[month]/[day]"))?;
    Ok(format!("AWSLogs/{ACCOUNT}/{kind}/{REGION}/{day}"))
}
