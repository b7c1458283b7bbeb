//! Log files of CloudTrail, read by a benchmark of the `feeds` crate.

use anyhow::{Result, bail};
use clap::Args;

use crate::process::{RUSTUP, cargo, run as run_program};

#[derive(Args)]
pub struct Options {
    /// How much is read, gzipped; generated once, into target/bench.
    #[arg(long, default_value = "1GB", value_parser = megabytes)]
    size: u64,
    /// Files read at a time; zcat reads one.
    #[arg(long, default_value_t = 1)]
    threads: u32,
}

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
    run_program(cargo().args(["bench", "-p", "feeds", "--bench", "trail", "--", &size, &threads]), RUSTUP)
}
