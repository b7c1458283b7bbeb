//! Building all that runs: the programs, the browser's half, the static site.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process::{RUSTUP, cargo, find, run, within};
use crate::site;
use crate::wasm::{Toolchain, Warnings};

/// How much the compiler is asked to optimise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Builds fast, runs slowly.
    Dev,
    /// For use, and for measuring.
    Release,
}

impl Profile {
    /// The profile that `--release` or its absence asks for.
    pub fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// The name of the cargo profile for the browser's half.
    pub fn wasm(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// A program of the workspace, once [`everything`] has built it.
    pub fn program(self, name: &str) -> PathBuf {
        let folder = match self {
            Self::Dev => "debug",
            Self::Release => "release",
        };
        within("target").join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Builds the programs, then the site that they serve.
///
/// # Errors
/// Names the missing tool or the step that failed.
pub fn everything(profile: Profile) -> Result<()> {
    programs(profile)?;
    site(profile, Warnings::Shown)
}

/// Builds the programs; always the whole workspace, because the features of shared dependencies are then the same
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
    if profile == Profile::Release {
        build.arg("--release");
    }
    run(&mut build, RUSTUP)
}

/// Builds the browser's half and the style, and puts them into `target/site` with the static files.
///
/// # Errors
/// The WASM target cannot be had, the build failed, or a file cannot be read or written.
pub fn site(profile: Profile, warnings: Warnings) -> Result<()> {
    let module = Toolchain::ready()?.app(profile, warnings)?;
    site::bindings(&module, profile)?;
    site::style()?;
    site::public()
}
