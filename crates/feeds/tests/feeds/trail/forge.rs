//! A trail as CloudTrail delivers it: log files and signed digests, hour by hour.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Timestamp;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const ACCOUNT: &str = "111122223333";
pub const REGION: &str = "eu-central-1";
pub const BUCKET: &str = "org-trail";
pub const FINGERPRINT: &str = "67b9fa73676d86966b449dd677850753";
pub const HOUR: Duration = Duration::from_secs(3600);

fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

/// What `aws cloudtrail list-public-keys` prints; the key as PKCS#1, or as SubjectPublicKeyInfo.
pub fn public_keys(as_spki: bool) -> String {
    let der = match as_spki {
        false => key().public_key().as_ref().to_vec(),
        true => AsDer::<PublicKeyX509Der<'_>>::as_der(key().public_key()).unwrap().as_ref().to_vec(),
    };
    let key = json!({
        "Value": BASE64_STANDARD.encode(der), "Fingerprint": FINGERPRINT,
        "ValidityStartTime": "2026-11-01T00:00:00+00:00", "ValidityEndTime": 1_800_000_000.5,
    });
    json!({ "PublicKeyList": [key] }).to_string()
}

/// A digest, and the signature in the metadata of its object.
#[derive(Clone)]
pub struct Signed {
    pub key: String,
    pub content: Vec<u8>,
    pub signature: String,
}

/// What lies in the bucket.
#[derive(Clone)]
pub struct Forge {
    pub prefix: String,
    pub trail: String,
    pub digests: Vec<Signed>,
    pub logs: BTreeMap<String, Vec<u8>>,
    /// The end of the last digest.
    pub now: Timestamp,
}

impl Forge {
    pub fn new() -> Self {
        let now = "2026-11-22T06:00:00Z".parse().unwrap();
        Self {
            prefix: String::new(),
            trail: "org".to_owned(),
            digests: Vec::new(),
            logs: BTreeMap::new(),
            now,
        }
    }

    fn digits(at: Timestamp) -> String {
        at.to_string().replace(['-', ':'], "")
    }

    fn folder(&self, kind: &str, at: Timestamp) -> String {
        let day = at.date().replace('-', "/");
        format!("{}AWSLogs/{ACCOUNT}/{kind}/{REGION}/{day}/{ACCOUNT}_{kind}_{REGION}", self.prefix)
    }

    /// A log file, not named by any digest yet; its key.
    pub fn log(&mut self, at: Timestamp, records: &[Value]) -> String {
        let minute = format!("{}Z", &Self::digits(at)[..13]);
        let key = format!("{}_{minute}_Number{:06}.json.gz", self.folder("CloudTrail", at), self.logs.len());
        self.logs.insert(key.clone(), json!({ "Records": records }).to_string().into_bytes());
        key
    }

    /// An hour with log files of these records, and its digest. Gives the keys of the log files.
    pub fn hour(&mut self, files: &[&[Value]]) -> Vec<String> {
        let start = self.now;
        let mut keys = Vec::new();
        for (number, records) in files.iter().enumerate() {
            keys.push(self.log(start.plus(Duration::from_secs(300 * (1 + number as u64))), records));
        }
        self.digest(&keys, |_| ());
        keys
    }

    /// The digest of the next hour, with something changed before it is signed.
    pub fn digest(&mut self, logs: &[String], change: impl FnOnce(&mut Value)) {
        let (start, end) = (self.now, self.now.plus(HOUR));
        let files: Vec<Value> = logs
            .iter()
            .map(|key| {
                let times: Vec<Timestamp> = {
                    let content: Value = serde_json::from_slice(&self.logs[key]).unwrap();
                    let records = content["Records"].as_array().unwrap().clone();
                    records
                        .iter()
                        .map(|record| record["eventTime"].as_str().unwrap().parse().unwrap())
                        .collect()
                };
                json!({
                    "s3Bucket": BUCKET, "s3Object": key, "hashAlgorithm": "SHA-256",
                    "hashValue": hex::encode(Sha256::digest(&self.logs[key])),
                    "oldestEventTime": times.iter().min(), "newestEventTime": times.iter().max(),
                })
            })
            .collect();
        let name = format!("_{}_{REGION}_{}.json.gz", self.trail, Self::digits(end));
        let key = format!("{}{name}", self.folder("CloudTrail-Digest", end));
        let last = self.digests.last();
        let mut digest = json!({
            "awsAccountId": ACCOUNT, "digestStartTime": start, "digestEndTime": end,
            "digestS3Bucket": BUCKET, "digestS3Object": key, "digestPublicKeyFingerprint": FINGERPRINT,
            "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": null, "oldestEventTime": null,
            "previousDigestS3Bucket": last.map(|_| BUCKET), "previousDigestS3Object": last.map(|last| &last.key),
            "previousDigestHashValue": last.map(|last| hex::encode(Sha256::digest(&last.content))),
            "previousDigestHashAlgorithm": last.map(|_| "SHA-256"),
            "previousDigestSignature": last.map(|last| &last.signature),
            "logFiles": files,
        });
        change(&mut digest);
        let content = serde_json::to_vec(&digest).unwrap();
        let text = |name: &str| digest[name].as_str().unwrap_or("null").to_owned();
        let to_sign = format!(
            "{}\n{}/{}\n{}\n{}",
            text("digestEndTime"),
            text("digestS3Bucket"),
            text("digestS3Object"),
            hex::encode(Sha256::digest(&content)),
            text("previousDigestSignature")
        );
        let mut signature = vec![0; key_length()];
        key_pair_sign(to_sign.as_bytes(), &mut signature);
        self.digests.push(Signed { key, content, signature: hex::encode(signature) });
        self.now = end;
    }

    /// Writes everything below a folder, as `aws s3 sync` would.
    pub fn write(&self, folder: &Path) {
        for digest in &self.digests {
            write(&folder.join(&digest.key), &digest.content);
        }
        for (key, content) in &self.logs {
            write(&folder.join(key), content);
        }
    }
}

fn key_length() -> usize {
    key().public_modulus_len()
}

fn key_pair_sign(message: &[u8], signature: &mut [u8]) {
    key().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, signature).unwrap();
}

fn write(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    std::fs::write(path, encoder.finish().unwrap()).unwrap();
}
