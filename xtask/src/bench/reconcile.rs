//! A report and an inventory, as AWS writes them, compared by the program that people run.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use super::measure::measure;
use super::records;
use crate::process::{RUSTUP, cargo, program, run as run_program, within};

#[derive(Args)]
pub struct Options {
    /// How many there are; generated once, into target/bench.
    #[arg(long, default_value_t = 1_000_000)]
    certificates: u64,
}

/// At most this much memory, in MB.
const MEMORY: u64 = 300;
const ROUNDS: u32 = 3;

/// # Errors
/// It does not find what is missing, or takes more memory than it must.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub fn run(options: &Options) -> Result<()> {
    let records = records::generated(options.certificates)?;
    run_program(cargo().args(["build", "--release", "-p", "server", "--bin", "countersign"]), RUSTUP)?;
    let (mut best, mut most) = (Duration::MAX, 0);
    for round in 1..=ROUNDS {
        let took = measure(
            program(within("target/release/countersign"))
                .args(["reconcile", "--format", "json", "--report-created-at", records::MADE, "--report"])
                .arg(&records.report)
                .arg("--inventory")
                .arg(&records.inventory),
        )?;
        ensure!(took.status.code() == Some(2), "it ended with {}", took.status);
        let output: Value = serde_json::from_str(&took.output).context("its output is no JSON")?;
        let found = output["counts"]["unauthorized_issuance"].as_u64().context("it counted nothing")?;
        ensure!(found == records.missing, "{found} were found, {} are missing", records.missing);
        println!("round {round}: {:.2?}, {} MB", took.time, took.memory);
        (best, most) = (best.min(took.time), most.max(took.memory));
    }
    let rate = options.certificates as f64 / best.as_secs_f64();
    println!("{} certificates on both sides: {best:.2?}, {rate:.0} a second", options.certificates);
    println!("{most} MB of memory (at most {MEMORY})");
    ensure!(most <= MEMORY, "it takes too much memory");
    Ok(())
}
