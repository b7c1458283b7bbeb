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

pub struct Records {
    pub report: PathBuf,
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
    let (report, inventory) = (folder.join("report.json"), folder.join("inventory.json"));
    if !inventory.exists() {
        eprintln!("generating the records of {certificates} certificates, once");
        fs::create_dir_all(&folder)?;
        generate(&report, certificates, "[", ",\n", "]\n", |number| Some(row(number)))?;
        let unfinished = folder.join("unfinished");
        let known = |number: u64| (!number.is_multiple_of(MISSING)).then(|| item(number));
        generate(&unfinished, certificates, "", "\n", "\n", known)?;
        fs::rename(&unfinished, &inventory)?;
    }
    Ok(Records { report, inventory, missing: certificates.div_ceil(MISSING) })
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

fn row(number: u64) -> String {
    let serial = serial(number);
    let octets: Vec<&str> =
        serial.as_bytes().chunks(2).filter_map(|two| std::str::from_utf8(two).ok()).collect();
    format!(
        r#"{{"awsAccountId":"111122223333","requestedByServicePrincipal":null,"certificateArn":"{CA}/certificate/{serial}","serial":"{}","subject":"CN=sensor-{number:07},O=Example","notBefore":"2025-11-01T08:00:00+0000","notAfter":"2035-11-01T09:00:00+0000","issuedAt":"2025-11-01T09:00:00+0000","revokedAt":null,"revocationReason":null,"templateArn":"arn:aws:acm-pca:::template/EndEntityCertificate/V1"}}"#,
        octets.join(":")
    )
}

fn item(number: u64) -> String {
    let serial = serial(number);
    format!(
        r#"{{"Item":{{"device_id":{{"S":"sensor-{number:07}"}},"cert_serial":{{"S":"{serial}"}},"ca_arn":{{"S":"{CA}"}},"subject":{{"S":"CN=sensor-{number:07},O=Example"}},"issued_at":{{"S":"2025-11-01T09:00:00Z"}},"expires_at":{{"S":"2035-11-01T09:00:00Z"}}}}}}"#
    )
}
