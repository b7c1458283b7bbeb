//! Revocations of many certificates, by a test of the `console` crate that has the sandbox, the people and the workers.

use anyhow::Result;
use clap::Args;

use super::{joined, test};
use crate::process::{RUSTUP, run as run_program};

#[derive(Args)]
pub struct Options {
    /// How many at a time where the CA grants everything: one of many may cost no more than one of few.
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 10_000])]
    pub unrated: Vec<usize>,
    /// How many at 20 a second.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000])]
    pub rated: Vec<usize>,
    /// Without optimisation: whether it works, not how fast.
    #[arg(long)]
    pub debug: bool,
}

/// # Errors
/// It is slower, is throttled more, or takes more memory, than it must.
pub fn run(options: &Options) -> Result<()> {
    let mut test = test(["--test", "suite"], options.debug);
    test.args(["--", "--exact", "revoking::measured", "--ignored", "--nocapture"]);
    test.env("COUNTERSIGN_BENCH_UNRATED", joined(&options.unrated));
    test.env("COUNTERSIGN_BENCH_RATED", joined(&options.rated));
    run_program(&mut test, RUSTUP)
}
