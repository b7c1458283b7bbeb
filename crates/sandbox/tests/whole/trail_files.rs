//! A trail, read back from its bucket and verified as the CloudTrail user guide says.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use sandbox::Description;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{aws, s3};

/// An object as it lies there.
struct Object {
    /// Uncompressed.
    content: Vec<u8>,
    metadata: HashMap<String, String>,
}

/// The whole trail.
pub struct Trail {
    /// In the order of their end, verified each.
    pub digests: Vec<Value>,
    /// By key; what the digests name and what they do not.
    pub files: BTreeMap<String, LogFile>,
}

pub struct LogFile {
    pub state: State,
    /// Of a file that is there.
    pub records: Vec<Value>,
    /// The hour of its oldest event, as findings name it. `None`: no digest says.
    pub hour: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As the digest says.
    Whole,
    Edited,
    Missing,
    /// In no digest yet.
    Undigested,
}

impl Trail {
    /// Reads it all. Panics if a digest is not signed with the published key, or does not follow the one before.
    pub async fn read(description: &Description) -> Self {
        let key = public_key(description).await;
        let mut files = BTreeMap::new();
        let mut digests = Vec::new();
        let (mut logs, mut signed): (Vec<_>, Vec<_>) =
            objects(description).await.into_iter().partition(|(key, _)| key.contains("/CloudTrail/"));
        signed.sort_by_key(|(key, _)| key.rsplit('_').next().unwrap().to_owned());
        let mut logs: BTreeMap<String, Object> = logs.drain(..).collect();
        let mut previous: Option<(String, String, String)> = None;
        for (name, object) in signed {
            let digest: Value = serde_json::from_slice(&object.content).unwrap();
            let (hash, signature) = (hash(&object.content), object.metadata["signature"].clone());
            assert_eq!(object.metadata["signature-algorithm"], "SHA256withRSA");
            let text = |member: &str| digest[member].as_str();
            assert_eq!(text("digestS3Object"), Some(name.as_str()));
            let before = text("previousDigestSignature");
            let message = format!(
                "{}\n{}/{name}\n{hash}\n{}",
                text("digestEndTime").unwrap(),
                description.buckets.trail,
                before.unwrap_or("null")
            );
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key)
                .verify(message.as_bytes(), &hex::decode(&signature).unwrap())
                .unwrap();
            if before.is_some() {
                let (key, hash, signature) = previous.as_ref().unwrap();
                let expected = [Some(key.as_str()), Some(hash), Some(signature)];
                let stated = ["previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"]
                    .map(text);
                assert_eq!(stated, expected);
            }
            previous = Some((name, hash, signature));
            for entry in digest["logFiles"].as_array().unwrap() {
                let key = entry["s3Object"].as_str().unwrap();
                let file = LogFile::of(logs.remove(key), entry);
                assert!(files.insert(key.to_owned(), file).is_none(), "{key} is in two digests");
            }
            digests.push(digest);
        }
        files.extend(logs.into_iter().map(|(key, object)| {
            (key, LogFile { state: State::Undigested, records: records(&object.content), hour: None })
        }));
        Self { digests, files }
    }

    /// The records of the files that are not edited.
    pub fn records(&self) -> impl Iterator<Item = &Value> {
        self.files.values().filter(|file| file.state != State::Edited).flat_map(|file| &file.records)
    }

    /// Successful issuances by serial, from those files.
    pub fn issued(&self) -> HashMap<String, Vec<&Value>> {
        let mut issued: HashMap<String, Vec<&Value>> = HashMap::new();
        for record in self.records() {
            if let Some(serial) = issued_serial(record) {
                issued.entry(serial).or_default().push(record);
            }
        }
        issued
    }
}

impl LogFile {
    fn of(object: Option<Object>, entry: &Value) -> Self {
        let hour = Some(entry["oldestEventTime"].as_str().unwrap()[..13].to_owned());
        let Some(object) = object else {
            return Self { state: State::Missing, records: Vec::new(), hour };
        };
        let whole = entry["hashValue"] == hash(&object.content).as_str();
        let records = records(&object.content);
        let mut times: Vec<&str> = records.iter().map(|r| r["eventTime"].as_str().unwrap()).collect();
        times.sort_unstable();
        assert_eq!(entry["oldestEventTime"].as_str(), times.first().copied());
        assert_eq!(entry["newestEventTime"].as_str(), times.last().copied());
        Self { state: if whole { State::Whole } else { State::Edited }, records, hour }
    }
}

/// The certificate that this record says was issued.
pub fn issued_serial(record: &Value) -> Option<String> {
    if let Some(serial) = record["serviceEventDetails"]["serialNumber"].as_str() {
        return Some(serial.replace(':', "").to_lowercase());
    }
    let arn = record["responseElements"]["certificateArn"].as_str()?;
    arn.rsplit('/').next().map(str::to_owned)
}

fn records(content: &[u8]) -> Vec<Value> {
    let mut file: Value = serde_json::from_slice(content).unwrap();
    serde_json::from_value(file["Records"].take()).unwrap()
}

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

async fn public_key(description: &Description) -> Vec<u8> {
    let config =
        aws(description, "default").into_builder().endpoint_url(&description.endpoints.cloudtrail).build();
    let keys = aws_sdk_cloudtrail::Client::new(&config).list_public_keys().send().await.unwrap();
    keys.public_key_list()[0].value.as_ref().unwrap().as_ref().to_vec()
}

async fn objects(description: &Description) -> Vec<(String, Object)> {
    let (client, bucket) = (s3(description), &description.buckets.trail);
    let list = client.list_objects_v2().bucket(bucket).prefix("AWSLogs/").into_paginator();
    let pages = list.send().try_collect().await.unwrap();
    let keys = pages.iter().flat_map(|page| page.contents()).map(|object| object.key().unwrap().to_owned());
    let mut objects = Vec::new();
    for key in keys {
        let object = client.get_object().bucket(bucket).key(&key).send().await.unwrap();
        let metadata = object.metadata().cloned().unwrap_or_default();
        let body = object.body.collect().await.unwrap().to_vec();
        let mut content = Vec::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut content).unwrap();
        objects.push((key, Object { content, metadata }));
    }
    objects
}
