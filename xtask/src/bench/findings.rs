//! The pages of a console whose table holds many open findings, by a benchmark of the `server` crate.

use anyhow::Result;
use clap::Args;

use super::benchmark;
use crate::process::{RUSTUP, run as run_program};

#[derive(Args)]
pub struct Options {
    /// How many there are.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..))]
    pub findings: u32,
    /// Without optimisation.
    #[arg(long)]
    pub debug: bool,
}

/// # Errors
/// A page takes longer than with few of them.
pub fn run(options: &Options) -> Result<()> {
    let findings = options.findings.to_string();
    run_program(benchmark("findings", options.debug).args(["findings", &findings]), RUSTUP)
}
