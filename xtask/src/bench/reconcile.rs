//! A report and an inventory, as AWS writes them, compared by the program that people run.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use crate::process::{RUSTUP, cargo, program, run as run_program, within};

#[derive(Args)]
pub struct Options {
    /// How many there are; generated once, into target/bench.
    #[arg(long, default_value_t = 1_000_000)]
    certificates: u64,
}

/// Of so many certificates one is missing from the inventory.
const MISSING: u64 = 1000;
/// At most this much memory, in MB.
const MEMORY: u64 = 200;
const ROUNDS: u32 = 3;
const CA: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub fn run(options: &Options) -> Result<()> {
    let folder = within(format!("target/bench/reconcile-{}", options.certificates));
    let (report, inventory) = (folder.join("report.json"), folder.join("inventory.json"));
    if !inventory.exists() {
        eprintln!("generating the records of {} certificates, once", options.certificates);
        fs::create_dir_all(&folder)?;
        generate(&report, options.certificates, "[", ",\n", "]\n", |number| Some(row(number)))?;
        let unfinished = folder.join("unfinished");
        let known = |number: u64| (number % MISSING != 0).then(|| item(number));
        generate(&unfinished, options.certificates, "", "\n", "\n", known)?;
        fs::rename(&unfinished, &inventory)?;
    }
    run_program(cargo().args(["build", "--release", "-p", "server", "--bin", "countersign"]), RUSTUP)?;
    let (mut best, mut most) = (Duration::MAX, 0);
    for round in 1..=ROUNDS {
        let (time, memory, findings) = compare(&report, &inventory)?;
        let expected = options.certificates.div_ceil(MISSING);
        ensure!(findings == expected, "{findings} unauthorized issuances were found, {expected} are there");
        println!("round {round}: {time:.2?}, {memory} MB");
        (best, most) = (best.min(time), most.max(memory));
    }
    let rate = options.certificates as f64 / best.as_secs_f64();
    println!("{} certificates on both sides: {best:.2?}, {rate:.0} a second", options.certificates);
    println!("{most} MB of memory (at most {MEMORY})");
    ensure!(most <= MEMORY, "it takes too much memory");
    Ok(())
}

/// How long it took, the most memory in MB, and how many were unauthorized.
fn compare(report: &Path, inventory: &Path) -> Result<(Duration, u64, u64)> {
    let start = Instant::now();
    let mut child = program(within("target/release/countersign"))
        .args(["reconcile", "--format", "json", "--report"])
        .arg(report)
        .arg("--inventory")
        .arg(inventory)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("it has no output")?;
    let reader = std::thread::spawn(move || serde_json::from_reader::<_, Value>(stdout));
    let memory = watch(&mut child)?;
    let time = start.elapsed();
    let status = child.wait()?;
    let Ok(output) = reader.join() else { bail!("its output could not be read") };
    let found = output.context("its output is no JSON")?["counts"]["unauthorized_issuance"].as_u64();
    ensure!(status.code() == Some(2), "it ended with {status}");
    Ok((time, memory, found.context("it counted nothing")?))
}

/// Waits for its end. Gives the most memory that it ever had, in MB (Linux; elsewhere 0).
fn watch(child: &mut Child) -> Result<u64> {
    let file = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait()?.is_none() {
        let status = fs::read_to_string(&file).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        most = most.max(kilobytes.unwrap_or(0).div_ceil(1000));
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(most)
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
