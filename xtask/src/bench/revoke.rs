//! Revocations of many certificates, by a test of the `console` crate that has the sandbox, the people and the workers.

use anyhow::Result;
use clap::Args;

use crate::process::{RUSTUP, cargo, run as run_program};

#[derive(Args)]
pub struct Options {
    /// How many at a time where the CA grants everything: one of many may cost no more than one of few.
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 10_000])]
    unrated: Vec<usize>,
    /// How many at 20 a second.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000])]
    rated: Vec<usize>,
    /// Without optimisation: whether it works, not how fast.
    #[arg(long)]
    debug: bool,
}

/// # Errors
/// It is slower, is throttled more, or takes more memory, than it must.
pub fn run(options: &Options) -> Result<()> {
    let joined = |sizes: &[usize]| sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mut test = cargo();
    test.args(["test", "--workspace", "--test", "suite"]).args((!options.debug).then_some("--release"));
    test.args(["--", "--exact", "revoking::measured", "--ignored", "--nocapture"]);
    test.env("COUNTERSIGN_BENCH_UNRATED", joined(&options.unrated));
    test.env("COUNTERSIGN_BENCH_RATED", joined(&options.rated));
    run_program(&mut test, RUSTUP)
}
