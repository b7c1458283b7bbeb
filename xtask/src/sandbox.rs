//! `cargo xtask sandbox`: builds everything, then becomes the sandbox, which starts the console itself.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Result;
use clap::Args;

use crate::process::program;
use crate::profile::Profile;
use crate::wasm::Warnings;
use crate::{build, site};

/// What the sandbox is asked for.
#[derive(Args)]
pub struct Options {
    /// How many devices have a certificate.
    #[arg(long, default_value_t = 500)]
    devices: u32,
    /// How many certificates somebody has had issued with a stolen key.
    #[arg(long, default_value_t = 0)]
    incident: u32,
    /// The console's port on this machine; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Where the state is kept between starts.
    #[arg(long, default_value = ".sandbox")]
    data: PathBuf,
    /// Throw the kept state away first.
    #[arg(long)]
    reset: bool,
    /// Build with optimisation.
    #[arg(long)]
    release: bool,
    /// Open the console in a browser when it is ready.
    #[arg(long)]
    open: bool,
}

/// Builds, then runs in the foreground. Ctrl-C goes straight to the sandbox, which stops all it started.
///
/// # Errors
/// The build failed, or the sandbox did.
pub fn run(options: &Options) -> Result<()> {
    let profile = Profile::of(options.release);
    build::everything(profile, Warnings::Shown)?;
    let mut sandbox = program(profile.program("sandbox"));
    sandbox
        .current_dir(std::env::current_dir()?)
        .args(["--devices", &options.devices.to_string(), "--port", &options.port.to_string()])
        .args(["--incident", &options.incident.to_string()])
        .arg("--data")
        .arg(&options.data)
        .arg("--console")
        .arg(profile.program("countersign"))
        .arg("--site")
        .arg(site::folder())
        .env("LEPTOS_OUTPUT_NAME", "app")
        .env("LEPTOS_SITE_ROOT", site::folder());
    if options.reset {
        sandbox.arg("--reset");
    }
    if options.open {
        sandbox.arg("--open");
    }
    Err(sandbox.stdin(Stdio::inherit()).exec().into())
}
