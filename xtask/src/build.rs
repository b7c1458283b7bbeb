//! Building all that runs: the programs, the browser's half, the static site.

use std::path::Path;
use std::thread;

use anyhow::{Result, anyhow, bail};

use crate::process::{RUSTUP, cargo, find, run};
use crate::profile::Profile;
use crate::site;
use crate::wasm::{Toolchain, Warnings};

const CLIPPY: &str = "rustup component add clippy";

/// Builds the programs, and the tests if it is for them, and beside them the site that they serve: the last crates of each keep
/// one core busy.
///
/// # Errors
/// Names the missing tool or the step that failed.
pub fn everything(profile: Profile, warnings: Warnings) -> Result<()> {
    let (programs, module) = thread::scope(|scope| {
        let module = scope.spawn(|| Toolchain::ready()?.app(profile, warnings));
        (programs(profile), module.join())
    });
    programs?;
    put(&module.map_err(|_| anyhow!("the build of the app for the browser broke off"))??, profile)
}

/// Builds the programs, and the tests if it is for them; always the whole workspace, because the features of shared dependencies are then the same
/// in every command and nothing is compiled twice.
///
/// # Errors
/// No C compiler, or the build failed.
pub fn programs(profile: Profile) -> Result<()> {
    if find(&["cc", "gcc", "clang"]).is_none() {
        bail!("no C compiler: install gcc or clang (Debian: apt-get install gcc libc6-dev)");
    }
    let mut build = cargo();
    build.args(["build", "--workspace"]);
    profile.flags(&mut build);
    if profile == Profile::Release {
        build.arg("--release");
    }
    let remedy = if profile == Profile::Tested {
        build.arg("--all-targets");
        CLIPPY
    } else {
        RUSTUP
    };
    run(&mut build, remedy)
}

/// Builds the browser's half and the style, and puts them into `target/site` with the static files.
///
/// # Errors
/// The WASM target cannot be had, the build failed, or a file cannot be read or written.
pub fn site(profile: Profile, warnings: Warnings) -> Result<()> {
    put(&Toolchain::ready()?.app(profile, warnings)?, profile)
}

fn put(module: &Path, profile: Profile) -> Result<()> {
    site::bindings(module, profile)?;
    site::style(profile)?;
    site::public()
}
