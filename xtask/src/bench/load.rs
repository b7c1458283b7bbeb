//! The pages of a console that many people use at once, by a benchmark of the `server` crate.

use anyhow::Result;
use clap::Args;

use super::benchmark;
use crate::process::{RUSTUP, run as run_program};
use crate::profile::Profile;
use crate::wasm::Warnings;
use crate::{build, site};

#[derive(Args)]
pub struct Options {
    /// How many findings are open.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..))]
    findings: u32,
    /// How many devices there are: as many certificates, and a few more.
    #[arg(long, default_value_t = 1_000_000)]
    devices: u32,
    /// Without optimisation.
    #[arg(long)]
    debug: bool,
}

/// # Errors
/// A page takes longer than it must, or lists are made too slowly against a file of their size.
pub fn run(options: &Options) -> Result<()> {
    // Its style is the file that lists are held against.
    build::site(Profile::measured(options.debug), Warnings::Shown)?;
    let (findings, devices) = (options.findings.to_string(), options.devices.to_string());
    let mut load = benchmark("findings", options.debug);
    load.args(["load", &findings, &devices]).env("LEPTOS_SITE_ROOT", site::folder());
    run_program(&mut load, RUSTUP)
}
