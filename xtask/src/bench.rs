//! `cargo xtask bench`: what we claim of speed and memory, measured on this machine.

mod bare;
mod findings;
mod load;
mod measure;
mod reconcile;
mod records;
mod revoke;
mod trail;
mod weight;

use anyhow::Result;
use clap::Subcommand;

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
        Bench::Reconcile(options) => reconcile::run(options),
        Bench::Bare(options) => bare::run(options),
        Bench::Revoke(options) => revoke::run(options),
    }
}
