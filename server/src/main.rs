//! `countersign`: serves the console, does its work, makes its table, checks its configuration and its health, reconciles from
//! the command line.
//!
//! Knows configuration, HTTP and who is signed in. What people may do, and what happens then, is the `console` crate's.

mod check;
mod cli;
mod config;
mod health;
mod init;
mod ledger;
mod logging;
mod measure;
mod operations;
mod parts;
mod process;
mod reconcile;
mod serve;
mod session;
mod sign_in;
mod trail;
mod verify;
mod work;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

/// A page is many small pieces of memory, made and given back on all cores: a quarter of its time went into the C library's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the end says to whoever started it: 1, it could not run; 2 is [`reconcile`]'s, findings, [`trail`]'s, not whole, [`verify`]'s, not
/// proven, and [`ledger`]'s, not whole.
fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a mistake.
            drop(error.print());
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", domain::foreign::visible(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    logging::start(cli.log_format)?;
    // Two crates bring rustls and neither chooses its cryptography; fails only if somebody chose before.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve::serve(serve).await.map(|()| ExitCode::SUCCESS),
            Command::Work(file) => work::work(&file.config, serve::maker()).await.map(|()| ExitCode::SUCCESS),
            Command::Init(arguments) => init::init(arguments).await.map(|()| ExitCode::SUCCESS),
            Command::Check(check) => check::check(&check.file.config, check.send_test).await,
            Command::Health(asked) => health::health(asked.address).map(|()| ExitCode::SUCCESS),
            Command::Reconcile(arguments) => reconcile::reconcile(arguments).await,
            Command::Trail(command) => trail::trail(command).await,
            Command::Verify(command) => verify::verify(command).await,
            Command::Ledger(command) => ledger::ledger(command).await,
        }
    })
}
