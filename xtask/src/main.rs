//! `cargo xtask`: every chore of the workspace, so that a newcomer needs one word and CI runs what people run.
//!
//! This program knows the tools and where their results go; it knows nothing of certificates.

mod apt;
mod bench;
mod browser;
mod build;
mod container;
mod dist;
mod lints;
mod packages;
mod process;
mod profile;
mod sandbox;
mod site;
mod supply;
mod templates;
mod test;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of Countersign", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build the programs, the browser's WASM and the static site.
    Build {
        /// Optimise: slower to build, smaller and faster to run.
        #[arg(long)]
        release: bool,
    },
    /// Build everything, then run the sandbox and the console against it until Ctrl-C.
    Sandbox(sandbox::Options),
    /// Build with optimisation, and pack what people download into target/dist.
    Dist,
    /// Measure what we claim of speed and memory.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Install what the tests need, then run them.
    Test {
        #[arg(value_enum, default_value_t)]
        part: test::Part,
        /// Repeats what a chaos has drawn.
        #[arg(long)]
        seed: Option<u64>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Build { release } => build::everything(profile::Profile::of(release), wasm::Warnings::Shown),
        Chore::Sandbox(options) => sandbox::run(&options),
        Chore::Dist => dist::make(),
        Chore::Bench(bench) => bench::run(&bench),
        Chore::Test { part, seed } => test::run(part, seed),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
