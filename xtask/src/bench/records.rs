//! A report and an inventory as AWS writes them, of as many certificates as wanted; the same each time.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process::within;

/// Of so many certificates one is missing from the inventory.
const MISSING: u64 = 1000;
/// When the report was made; its file is younger.
pub const MADE: &str = "2025-11-01T12:00:00Z";
const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
const TEMPLATE: &str = "arn:aws:acm-pca:::template/EndEntityCertificate/V1";
/// Who had them all issued, as the trail says.
pub const ISSUER: &str = "arn:aws:iam::111122223333:role/provisioning";
/// How many events a log file has.
const EVENTS: u64 = 2000;

pub struct Records {
    pub report: PathBuf,
    /// The same report in CSV.
    pub csv: PathBuf,
    pub inventory: PathBuf,
    /// How many certificates the inventory does not know.
    pub missing: u64,
}

/// Makes them, unless they are there already.
///
/// # Errors
/// They cannot be written.
pub fn generated(certificates: u64) -> Result<Records> {
    let folder = within(format!("target/bench/reconcile-{certificates}"));
    let [report, csv, inventory] =
        ["report.json", "report.csv", "inventory.json"].map(|name| folder.join(name));
    if !inventory.exists() || !csv.exists() {
        eprintln!("generating the records of {certificates} certificates, once");
        fs::create_dir_all(&folder)?;
        generate(&report, certificates, "[", ",\n", "]\n", |number| Some(row(number)))?;
        generate(&csv, certificates, COLUMNS, "\n", "\n", |number| Some(line(number)))?;
        let unfinished = folder.join("unfinished");
        let known = |number: u64| (!number.is_multiple_of(MISSING)).then(|| item(number));
        generate(&unfinished, certificates, "", "\n", "\n", known)?;
        fs::rename(&unfinished, &inventory)?;
    }
    Ok(Records { report, csv, inventory, missing: certificates.div_ceil(MISSING) })
}

/// A trail that has the call for each certificate of a report of so many. Makes it, unless it is there already.
///
/// # Errors
/// It cannot be written.
pub fn trail(certificates: u64) -> Result<PathBuf> {
    let trail = within(format!("target/bench/reconcile-{certificates}/trail"));
    let complete = trail.join("complete");
    if complete.exists() {
        return Ok(trail);
    }
    eprintln!("generating the trail of {certificates} certificates, once");
    let folder = trail.join("AWSLogs/111122223333/CloudTrail/eu-central-1/2025/11/01");
    fs::create_dir_all(&folder)?;
    for (number, first) in (0..certificates).step_by(usize::try_from(EVENTS)?).enumerate() {
        let name = format!("111122223333_CloudTrail_eu-central-1_20251101T0905Z_{number:016}.json");
        let events = EVENTS.min(certificates - first);
        generate(&folder.join(name), events, "{\"Records\":[", ",", "]}", |number| {
            Some(event(first + number))
        })?;
    }
    fs::write(complete, "")?;
    Ok(trail)
}

fn generate(
    file: &Path,
    count: u64,
    before: &str,
    between: &str,
    after: &str,
    record: impl Fn(u64) -> Option<String>,
) -> Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    file.write_all(before.as_bytes())?;
    let mut first = true;
    for record in (0..count).filter_map(record) {
        if !first {
            file.write_all(between.as_bytes())?;
        }
        first = false;
        file.write_all(record.as_bytes())?;
    }
    file.write_all(after.as_bytes())?;
    Ok(file.flush()?)
}

/// Spread as a CA's serial numbers are, and the same each time.
fn serial(number: u64) -> String {
    let spread = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << 60;
    format!("{spread:016x}{number:016x}")
}

fn colons(serial: &str) -> String {
    let octets = serial.as_bytes().chunks(2).filter_map(|two| std::str::from_utf8(two).ok());
    octets.collect::<Vec<_>>().join(":")
}

fn row(number: u64) -> String {
    let serial = serial(number);
    format!(
        r#"{{"awsAccountId":"111122223333","requestedByServicePrincipal":null,"certificateArn":"{CA}/certificate/{serial}","serial":"{}","subject":"CN=sensor-{number:07},O=Example","notBefore":"2025-11-01T08:00:00+0000","notAfter":"2035-11-01T09:00:00+0000","issuedAt":"2025-11-01T09:00:00+0000","revokedAt":null,"revocationReason":null,"templateArn":"{TEMPLATE}"}}"#,
        colons(&serial)
    )
}

fn item(number: u64) -> String {
    let serial = serial(number);
    format!(
        r#"{{"Item":{{"device_id":{{"S":"sensor-{number:07}"}},"cert_serial":{{"S":"{serial}"}},"ca_arn":{{"S":"{CA}"}},"subject":{{"S":"CN=sensor-{number:07},O=Example"}},"issued_at":{{"S":"2025-11-01T09:00:00Z"}},"expires_at":{{"S":"2035-11-01T09:00:00Z"}}}}}}"#
    )
}

const COLUMNS: &str = "awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,notAfter,issuedAt,revokedAt,revocationReason,templateArn\n";

fn line(number: u64) -> String {
    let serial = serial(number);
    format!(
        r#"111122223333,,{CA}/certificate/{serial},{},"CN=sensor-{number:07},O=Example",2025-11-01T08:00:00+0000,2035-11-01T09:00:00+0000,2025-11-01T09:00:00+0000,,,{TEMPLATE}"#,
        colons(&serial)
    )
}

fn event(number: u64) -> String {
    let serial = serial(number);
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLE:session","arn":"arn:aws:sts::111122223333:assumed-role/provisioning/session","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE000000000","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLE","arn":"{ISSUER}","accountId":"111122223333","userName":"provisioning"}},"attributes":{{"creationDate":"2025-11-01T08:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2025-11-01T09:00:00Z","eventSource":"acm-pca.amazonaws.com","eventName":"IssueCertificate","awsRegion":"eu-central-1","sourceIPAddress":"10.1.2.3","userAgent":"aws-sdk-java/2.29","requestParameters":{{"certificateAuthorityArn":"{CA}","signingAlgorithm":"SHA256WITHECDSA","templateArn":"{TEMPLATE}","validity":{{"value":3650,"type":"DAYS"}}}},"responseElements":{{"certificateArn":"{CA}/certificate/{serial}"}},"requestID":"{serial}","eventID":"{}","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}}"#,
        uuid(&serial)
    )
}

fn uuid(serial: &str) -> String {
    [&serial[..8], &serial[8..12], &serial[12..16], &serial[16..20], &serial[20..]].join("-")
}
