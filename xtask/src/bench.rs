//! `cargo xtask bench`: what we claim of speed and memory, measured on this machine.

mod bare;
mod findings;
mod ledger;
mod lists;
mod load;
mod measure;
mod reconcile;
mod records;
mod revoke;
mod trail;
mod weight;

use std::process::Command;

use anyhow::Result;
use clap::Subcommand;

use crate::process::cargo;
use crate::profile::Profile;

#[derive(Subcommand)]
pub enum Bench {
    /// What a browser gets on its first visit.
    Weight(weight::Options),
    /// How fast log files of CloudTrail are read and taken in, against zcat.
    Trail(trail::Options),
    /// How long each page takes with many open findings, against few.
    Findings(findings::Options),
    /// What each page takes while many people click, and how many lists are made a second.
    Load(load::Options),
    /// How long a report and an inventory of many certificates take to compare, and in how much memory, against serde_json
    /// and DuckDB.
    Reconcile(reconcile::Options),
    /// Reads a report with `serde_json` and nothing else: what the others are measured against.
    #[command(hide = true)]
    Bare(bare::Options),
    /// What the records of many certificates take: loading, comparing, each filter and page.
    Lists(lists::Options),
    /// How long a log of many entries takes to verify, and many approvals at once.
    Ledger(ledger::Options),
    /// What revoking many certificates takes, at AWS's quota and without one.
    Revoke(revoke::Options),
}

/// # Errors
/// It is slower, or takes more memory, than it must.
pub fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Weight(options) => weight::run(options),
        Bench::Trail(options) => trail::run(options),
        Bench::Findings(options) => findings::run(options),
        Bench::Load(options) => load::run(options),
        Bench::Lists(options) => lists::run(options),
        Bench::Reconcile(options) => reconcile::run(options),
        Bench::Bare(options) => bare::run(options),
        Bench::Ledger(options) => ledger::run(options),
        Bench::Revoke(options) => revoke::run(options),
    }
}

/// Small sizes of what does not need optimisation to say something: whether each still runs, and whether a ratio got worse.
///
/// # Errors
/// One of them does not, or did.
pub fn small() -> Result<()> {
    reconcile::run(&reconcile::Options { certificates: vec![2000, 20_000], debug: true })?;
    lists::run(&lists::Options { certificates: vec![2000, 20_000], debug: true })?;
    findings::run(&findings::Options { findings: 2000, debug: true })?;
    ledger::run(&ledger::Options { entries: 20_000, approvals: 0, debug: true })?;
    revoke::run(&revoke::Options { unrated: vec![400, 1600], rated: vec![400], debug: true })
}

/// A test of the workspace that measures.
fn test<const N: usize>(which: [&str; N], debug: bool) -> Command {
    let mut test = cargo();
    Profile::measured(debug).flags(&mut test);
    test.args(["test", "--workspace"]).args(which).args((!debug).then_some("--release"));
    test
}

/// A benchmark of the workspace.
fn benchmark(name: &str, debug: bool) -> Command {
    let mut bench = cargo();
    Profile::measured(debug).flags(&mut bench);
    bench.args([if debug { "test" } else { "bench" }, "--workspace", "--bench", name, "--"]);
    bench
}

fn joined(values: &[impl ToString]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
