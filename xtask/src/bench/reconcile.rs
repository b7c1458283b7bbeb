//! A report and an inventory, as AWS writes them, compared by the program that people run; against `serde_json` alone and,
//! where Python can install it, DuckDB.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use super::measure::{Measured, measure};
use super::records::{self, Records};
use crate::build::programs;
use crate::process::{program, run as run_program, within};
use crate::profile::Profile;

#[derive(Args)]
pub struct Options {
    /// How many there are, for each run another number; generated once, into target/bench.
    #[arg(long, default_values_t = [10_000, 100_000, 1_000_000])]
    pub certificates: Vec<u64>,
    /// Without optimisation.
    #[arg(long)]
    pub debug: bool,
}

/// At most this much memory, in MB, for a million certificates or fewer.
const MEMORY: u64 = 300;
const MILLION: u64 = 1_000_000;
/// A certificate among more takes at most so many times the processor time of one among fewer.
const LINEAR: f64 = 1.5;
const ROUNDS: u32 = 3;

/// # Errors
/// It does not find what is missing, or takes more time or memory than it must.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub fn run(options: &Options) -> Result<()> {
    let profile = Profile::measured(options.debug);
    programs(profile)?;
    let duckdb = duckdb().inspect_err(|error| println!("DuckDB: not measured ({error:#})")).ok();
    let mut before: [Option<f64>; 3] = [None; 3];
    let mut too_much = Vec::new();
    for &certificates in &options.certificates {
        let records = records::generated(certificates)?;
        let trail = records::trail(certificates)?;
        println!(
            "\n{certificates} certificates: time, processor time, memory, processor time against serde_json"
        );
        let bare =
            best(|| measure(program(profile.program("xtask")).args(["bench", "bare"]).arg(&records.report)))?;
        show("serde_json alone, the report", &bare, &bare);
        for (report, name) in
            [(&records.report, "DuckDB, JSON and export"), (&records.csv, "DuckDB, CSV and export")]
        {
            let Some(python) = &duckdb else { continue };
            let script = within("xtask/src/bench/compare.py");
            let took = best(|| measure(program(python).arg(&script).args([report, &records.inventory])))?;
            let found = took.output.split_whitespace().next().unwrap_or_default();
            ensure!(found == records.missing.to_string(), "DuckDB found {:?}", took.output);
            show(name, &took, &bare);
        }
        let rows = [
            ("JSON and export", &records.report, None),
            ("CSV and export", &records.csv, None),
            ("JSON, export and trail", &records.report, Some(&trail)),
        ];
        for ((name, report, trail), before) in rows.into_iter().zip(&mut before) {
            let took = best(|| compare(profile, &records, report, trail))?;
            show(name, &took, &bare);
            if certificates <= MILLION && trail.is_none() && took.memory > MEMORY {
                too_much
                    .push(format!("{name}, {certificates}: {} MB of memory (at most {MEMORY})", took.memory));
            }
            let each = took.processor.as_secs_f64() / certificates as f64;
            if before.is_some_and(|before| each > LINEAR * before) {
                too_much.push(format!(
                    "{name}: one of {certificates} takes more than {LINEAR} times one of fewer"
                ));
            }
            *before = Some(each);
        }
    }
    if too_much.is_empty() { Ok(()) } else { bail!("{}", too_much.join("; ")) }
}

fn compare(profile: Profile, records: &Records, report: &Path, trail: Option<&PathBuf>) -> Result<Measured> {
    let mut command = program(profile.program("countersign"));
    command.args(["reconcile", "--format", "json", "--report-created-at", records::MADE, "--report"]);
    command.arg(report).arg("--inventory").arg(&records.inventory);
    if let Some(trail) = trail {
        command.arg("--trail").arg(trail).args(["--issuer", records::ISSUER]);
    }
    let took = measure(&mut command)?;
    ensure!(took.status.code() == Some(2), "it ended with {}", took.status);
    let output: Value = serde_json::from_str(&took.output).context("its output is no JSON")?;
    let kind = if trail.is_some() { "unrecorded_issuance" } else { "unauthorized_issuance" };
    let found = output["counts"][kind].as_u64().context("it counted nothing")?;
    ensure!(found == records.missing, "{found} were found, {} are missing", records.missing);
    Ok(took)
}

/// The round that took the least processor time, with the most memory of all.
fn best(mut round: impl FnMut() -> Result<Measured>) -> Result<Measured> {
    let mut best = round()?;
    for _ in 1..ROUNDS {
        let took = round()?;
        let memory = best.memory.max(took.memory);
        let time = best.time.min(took.time);
        best = if took.processor < best.processor { took } else { best };
        (best.memory, best.time) = (memory, time);
    }
    Ok(best)
}

#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
fn show(name: &str, took: &Measured, bare: &Measured) {
    let ratio = took.processor.as_secs_f64() / bare.processor.as_secs_f64().max(0.01);
    println!("{name:<30} {:>8.2?} {:>8.2?} {:>6} MB {ratio:>6.2}", took.time, took.processor, took.memory);
}

/// A Python that has DuckDB.
fn duckdb() -> Result<PathBuf> {
    let folder = within("target/bench/duckdb");
    let python = folder.join("bin/python");
    if !python.exists() {
        run_program(program("python3").args(["-m", "venv"]).arg(&folder), "install python3-venv")?;
    }
    let has = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    if !has(program(&python).args(["-c", "import duckdb"])) {
        run_program(
            program(&python).args(["-m", "pip", "install", "--quiet", "duckdb"]),
            "install python3-venv",
        )?;
    }
    Ok(python)
}
