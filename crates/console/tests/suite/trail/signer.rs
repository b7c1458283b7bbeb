//! CloudTrail as a test plays it: writes log files and signed digests, and answers ListPublicKeys.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_sdk_s3::primitives::ByteStream;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::Timestamp;
use flate2::Compression;
use flate2::write::GzEncoder;
use sandbox::Description;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{ACCOUNT, PREFIX, REGION};
use crate::endpoints::sdk;
use crate::support::description;

static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

/// The trail in one bucket.
pub struct Signer {
    pub bucket: String,
    pub organization: Option<&'static str>,
    /// The trail's name in the keys of its digests.
    pub trail: &'static str,
    pub s3: aws_sdk_s3::Client,
    endpoint: String,
    previous: Option<Previous>,
}

#[derive(Clone)]
struct Previous {
    key: String,
    hash: String,
    signature: String,
}

/// What a digest says of a log file.
#[derive(Clone)]
pub struct Delivered {
    pub key: String,
    hash: String,
    oldest: Timestamp,
    newest: Timestamp,
}

/// A digest that is not in S3 yet.
#[derive(Clone)]
pub struct Signed {
    pub key: String,
    signature: String,
    hash: String,
    body: Vec<u8>,
}

impl Delivered {
    /// The same with another hash.
    pub fn forged(&self) -> Self {
        Self { hash: "ab".repeat(32), ..self.clone() }
    }
}

impl Signed {
    /// Puts another signature in the place of CloudTrail's.
    pub fn forge(&mut self) {
        self.signature = "ab".repeat(self.signature.len() / 2);
    }
}

/// A record about Private CA.
pub fn record(id: &str, at: Timestamp) -> Value {
    event(id, at, "acm-pca.amazonaws.com", "GetCertificate")
}

pub fn event(id: &str, at: Timestamp, source: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventTime": at.to_string(), "eventSource": source,
        "eventName": name, "awsRegion": REGION, "sourceIPAddress": "192.0.2.1", "userAgent": "test",
        "userIdentity": { "type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/test"), "accountId": ACCOUNT },
        "requestParameters": null, "responseElements": null, "recipientAccountId": ACCOUNT, "readOnly": true,
    })
}

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

impl Signer {
    pub async fn new() -> Self {
        let description = description().await;
        let config = aws_sdk_s3::config::Builder::from(&sdk(description, "administrator"));
        let s3 = aws_sdk_s3::Client::from_conf(config.force_path_style(true).build());
        let bucket = super::bucket();
        s3.create_bucket().bucket(&bucket).send().await.unwrap();
        Self { organization: None, trail: "pki", s3, bucket, endpoint: endpoint().await, previous: None }
    }

    /// The sandbox's, with the keys of this one.
    pub fn description(&self, sandbox: &Description) -> Description {
        let mut description = sandbox.clone();
        description.env.insert("AWS_ENDPOINT_URL_CLOUDTRAIL".to_owned(), self.endpoint.clone());
        description
    }

    fn folder(&self, kind: &str, day: Timestamp) -> String {
        let organization = self.organization.map(|id| format!("{id}/")).unwrap_or_default();
        let day = day.date().replace('-', "/");
        format!("{PREFIX}/AWSLogs/{organization}{ACCOUNT}/{kind}/{REGION}/{day}")
    }

    pub fn log_key(&self, delivered: Timestamp) -> String {
        let minute = stamp(delivered, 12);
        let unique = &uuid::Uuid::new_v4().simple().to_string()[..16];
        format!(
            "{}/{ACCOUNT}_CloudTrail_{REGION}_{minute}_{unique}.json.gz",
            self.folder("CloudTrail", delivered)
        )
    }

    pub async fn put(&self, key: &str, body: Vec<u8>, metadata: &[(&str, &str)]) {
        let mut put = self.s3.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(body));
        for (name, value) in metadata {
            put = put.metadata(*name, *value);
        }
        put.send().await.unwrap();
    }

    pub async fn delete(&self, key: &str) {
        self.s3.delete_object().bucket(&self.bucket).key(key).send().await.unwrap();
    }

    /// Delivers a log file of these records.
    pub async fn log(&self, delivered: Timestamp, records: &[Value]) -> Delivered {
        let file = self.log_not_delivered(delivered, records);
        self.put(&file.key, gzip(&content(records)), &[]).await;
        file
    }

    /// One that digests may name, and that nobody finds.
    pub fn log_not_delivered(&self, delivered: Timestamp, records: &[Value]) -> Delivered {
        let times =
            records.iter().map(|record| record["eventTime"].as_str().unwrap().parse::<Timestamp>().unwrap());
        let (oldest, newest) = (times.clone().min().unwrap(), times.max().unwrap());
        let hash = hex::encode(Sha256::digest(content(records)));
        Delivered { key: self.log_key(delivered), hash, oldest, newest }
    }

    /// Puts other records in the place of a file.
    pub async fn edit(&self, file: &Delivered, records: &[Value]) {
        self.put(&file.key, gzip(&content(records)), &[]).await;
    }

    /// Signs the next digest of the chain and delivers it.
    pub async fn digest(&mut self, from: Timestamp, to: Timestamp, files: &[Delivered]) -> String {
        let signed = self.sign(from, to, files);
        self.deliver(&signed).await
    }

    pub async fn deliver(&self, signed: &Signed) -> String {
        let metadata = [("signature", signed.signature.as_str()), ("signature-algorithm", "SHA256withRSA")];
        self.put(&signed.key, signed.body.clone(), &metadata).await;
        signed.key.clone()
    }

    /// The next digest begins a chain.
    pub fn begin(&mut self) {
        self.previous = None;
    }

    pub fn sign(&mut self, from: Timestamp, to: Timestamp, files: &[Delivered]) -> Signed {
        let key = self.digest_key(to, self.trail, "");
        let content = self.content(&key, (from, to), files, self.previous.as_ref());
        let signed = self.signed(key, to, content, self.previous.as_ref());
        let Signed { key, signature, .. } = signed.clone();
        self.previous = Some(Previous { key, hash: signed.hash.clone(), signature });
        signed
    }

    /// Signs a digest about files that came late, the first of their chain.
    pub fn sign_backfill(&self, from: Timestamp, to: Timestamp, files: &[Delivered]) -> Signed {
        let key = self.digest_key(to, "pki", "_backfill");
        let content = self.content(&key, (from, to), files, None);
        self.signed(key, to, content, None)
    }

    /// A digest under the name of one that ends at `name`, with a key and a signature that are made up.
    pub fn make_up(
        &self,
        name: Timestamp,
        (from, to): (Timestamp, Timestamp),
        files: &[Delivered],
    ) -> Signed {
        let key = self.digest_key(name, "pki", "");
        let mut content = self.content(&key, (from, to), files, None);
        content["digestPublicKeyFingerprint"] = json!("made-up");
        Signed { signature: "00".to_owned(), ..self.signed(key, to, content, None) }
    }

    /// Downloads the bucket as `aws s3 sync` would, with the signature of each digest beside it.
    pub async fn download(&self, folder: &Path) {
        let listed = self.s3.list_objects_v2().bucket(&self.bucket).send().await.unwrap();
        for key in listed.contents().iter().filter_map(|object| object.key()) {
            let object = self.s3.get_object().bucket(&self.bucket).key(key).send().await.unwrap();
            let path = folder.join(key);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            if let Some(signature) = object.metadata().and_then(|metadata| metadata.get("signature")) {
                std::fs::write(format!("{}.signature", path.display()), signature).unwrap();
            }
            std::fs::write(path, object.body.collect().await.unwrap().into_bytes()).unwrap();
        }
    }

    /// Where the digest of a trail that ends then lies.
    pub fn digest_key(&self, end: Timestamp, trail: &str, suffix: &str) -> String {
        let second = stamp(end, 14);
        format!(
            "{}/{ACCOUNT}_CloudTrail-Digest_{REGION}_{trail}_{REGION}_{second}{suffix}.json.gz",
            self.folder("CloudTrail-Digest", end)
        )
    }

    fn content(
        &self,
        key: &str,
        (from, to): (Timestamp, Timestamp),
        files: &[Delivered],
        previous: Option<&Previous>,
    ) -> Value {
        let stated = |of: fn(&Previous) -> &String| previous.map(of);
        let files = files.iter().map(|file| {
            json!({
                "s3Bucket": self.bucket, "s3Object": file.key, "hashValue": file.hash, "hashAlgorithm": "SHA-256",
                "oldestEventTime": file.oldest.to_string(), "newestEventTime": file.newest.to_string(),
            })
        });
        json!({
            "awsAccountId": ACCOUNT, "digestStartTime": from.to_string(), "digestEndTime": to.to_string(),
            "digestS3Bucket": self.bucket, "digestS3Object": key, "digestPublicKeyFingerprint": fingerprint(),
            "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": null, "oldestEventTime": null,
            "previousDigestS3Bucket": previous.map(|_| &self.bucket),
            "previousDigestS3Object": stated(|previous| &previous.key),
            "previousDigestHashValue": stated(|previous| &previous.hash),
            "previousDigestHashAlgorithm": previous.map(|_| "SHA-256"),
            "previousDigestSignature": stated(|previous| &previous.signature),
            "logFiles": files.collect::<Vec<_>>(),
        })
    }

    fn signed(&self, key: String, to: Timestamp, content: Value, previous: Option<&Previous>) -> Signed {
        let content = content.to_string();
        let hash = hex::encode(Sha256::digest(&content));
        let before = previous.map_or("null", |previous| &previous.signature);
        let text = format!("{to}\n{}/{key}\n{hash}\n{before}", self.bucket);
        let mut signature = vec![0; KEY.public_modulus_len()];
        KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        Signed { key, signature: hex::encode(signature), hash, body: gzip(content.as_bytes()) }
    }

    /// Hours without events.
    pub async fn quiet(&mut self, hours: impl IntoIterator<Item = Timestamp>) {
        for from in hours {
            self.digest(from, super::minutes(from, 60), &[]).await;
        }
    }
}

fn content(records: &[Value]) -> Vec<u8> {
    json!({ "Records": records }).to_string().into_bytes()
}

/// `20261122T0905Z` or `20261122T090500Z`.
fn stamp(at: Timestamp, digits: usize) -> String {
    let plain: String = at.to_string().chars().filter(char::is_ascii_digit).take(digits).collect();
    format!("{}T{}Z", &plain[..8], &plain[8..])
}

fn fingerprint() -> String {
    hex::encode(&Sha256::digest(KEY.public_key().as_ref())[..16])
}

/// What ListPublicKeys answers.
pub fn public_keys() -> String {
    let key = BTreeMap::from([
        ("Value", json!(BASE64_STANDARD.encode(KEY.public_key().as_ref()))),
        ("Fingerprint", json!(fingerprint())),
        ("ValidityStartTime", json!(0)),
        ("ValidityEndTime", json!(4_000_000_000_u64)),
    ]);
    json!({ "PublicKeyList": [key] }).to_string()
}

/// Answers every call with the key.
async fn endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let body = public_keys();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 65_536];
                let mut read = 0;
                // The head and the short body come together, or one right after the other.
                while !request[..read].ends_with(b"}") {
                    match client.read(&mut request[read..]).await {
                        Ok(0) | Err(_) => return,
                        Ok(more) => read += more,
                    }
                }
                let _ = client.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}
