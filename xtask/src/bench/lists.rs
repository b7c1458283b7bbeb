//! The records of many certificates: loading, comparing, and each filter's pages, by a test of the `console` crate.

use anyhow::Result;
use clap::Args;

use super::{joined, test};
use crate::process::{RUSTUP, run as run_program};

#[derive(Args)]
pub struct Options {
    /// How many there are at each measurement, fewer first.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    pub certificates: Vec<u32>,
    /// Without optimisation.
    #[arg(long)]
    pub debug: bool,
}

/// How many times as long loading one certificate, and comparing one, may take among the most as among the fewest.
const EACH: f64 = 2.0;
/// And all pages together, each time that there are ten times as many.
const PAGES: f64 = 4.0;

/// # Errors
/// It grows more with the number of certificates than it must.
pub fn run(options: &Options) -> Result<()> {
    let (few, many) = (options.certificates.first(), options.certificates.last());
    let tenfold = few.zip(many).map_or(1.0, |(few, many)| f64::from(*many) / f64::from(*few)).log10();
    let mut test = test(["--lib"], options.debug);
    test.args(["--", "--exact", "records::model::tests::many::measured", "--ignored", "--nocapture"]);
    test.env("COUNTERSIGN_BENCH_CERTIFICATES", joined(&options.certificates));
    test.env("COUNTERSIGN_BENCH_GROWTH", joined(&[EACH, EACH, PAGES.powf(tenfold)]));
    run_program(&mut test, RUSTUP)
}
