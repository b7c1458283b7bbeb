//! Log files of CloudTrail: read by a benchmark of the `feeds` crate, then taken in by the program that people run, each
//! measured against zcat.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use clap::Args;

use super::measure::measure;
use super::{benchmark, records};
use crate::build::programs;
use crate::process::{RUSTUP, program, run as run_program, within};
use crate::profile::Profile;

#[derive(Args)]
pub struct Options {
    /// How much is read, gzipped; generated once, into target/bench.
    #[arg(long, default_value = "1GB", value_parser = megabytes)]
    size: u64,
    /// Files read at a time by the benchmark; zcat reads one.
    #[arg(long, default_value_t = 1)]
    threads: u32,
}

/// At least this much of the speed of zcat.
const SPEED: f64 = 0.5;
/// At most this much memory, in MB.
const MEMORY: u64 = 200;
const ROUNDS: u32 = 3;

/// `1GB` or `100MB`.
fn megabytes(text: &str) -> Result<u64> {
    let (number, factor) = match (text.strip_suffix("GB"), text.strip_suffix("MB")) {
        (Some(number), _) => (number, 1000),
        (_, Some(number)) => (number, 1),
        _ => bail!("a size as 1GB or 100MB"),
    };
    Ok(number.parse::<u64>()?.saturating_mul(factor).max(1))
}

/// # Errors
/// It is slower, or takes more memory, than it must.
pub fn run(options: &Options) -> Result<()> {
    let (size, threads) = (options.size.to_string(), options.threads.max(1).to_string());
    run_program(benchmark("trail", false).args([&size, &threads]), RUSTUP)?;
    ingest(&within(format!("target/bench/trail-{size}mb")))
}

/// `countersign reconcile --trail` with a report and an inventory of two certificates: what takes time is the trail.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
fn ingest(trail: &PathBuf) -> Result<()> {
    let records = records::generated(2)?;
    programs(Profile::Release)?;
    let files = fs::read_dir(trail.join("AWSLogs/111122223333/CloudTrail/eu-central-1/2025/11/01"))?;
    let files: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    let files: Vec<PathBuf> =
        files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "gz")).collect();
    let (mut zcat, mut ours, mut memory) = (Duration::MAX, Duration::MAX, 0);
    for round in 1..=ROUNDS {
        let start = Instant::now();
        let status = program("zcat").args(&files).stdout(Stdio::null()).status()?;
        ensure!(status.success(), "zcat failed");
        zcat = zcat.min(start.elapsed());
        let took = measure(
            program(Profile::Release.program("countersign"))
                .args(["reconcile", "--format", "json", "--fail-on", "critical"])
                .args(["--report-created-at", records::MADE, "--report"])
                .arg(&records.report)
                .arg("--inventory")
                .arg(&records.inventory)
                .arg("--trail")
                .arg(trail)
                .args(["--issuer", "arn:aws:iam::111122223333:role/provisioning"]),
        )?;
        ensure!(took.status.code() != Some(1), "it could not run");
        println!("round {round}: zcat {zcat:.2?}, countersign reconcile --trail {:.2?}", took.time);
        (ours, memory) = (ours.min(took.time), memory.max(took.memory));
    }
    let ratio = zcat.as_secs_f64() / ours.as_secs_f64();
    println!("{ratio:.2} of the speed of zcat (at least {SPEED}), {memory} MB of memory (at most {MEMORY})");
    ensure!(ratio >= SPEED && memory <= MEMORY, "it is slower, or takes more memory, than it must");
    Ok(())
}
