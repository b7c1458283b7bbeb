//! The ways of building, and where the results lie.

use std::path::PathBuf;
use std::process::Command;

use crate::process::within;

/// How much the compiler is asked to optimise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Builds fast, runs slowly.
    Dev,
    /// As `Dev`, and each crate of the workspace is linted while it is compiled, a warning being an error, and a little optimised
    /// (`profile/tested.sh`). (Clippy by itself would look at all that others wrote too, and keep nothing of it.)
    Tested,
    /// For use, and for measuring.
    Release,
}

impl Profile {
    /// The profile that `--release` or its absence asks for.
    pub fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// What is measured: optimised, or only run.
    pub fn measured(debug: bool) -> Self {
        if debug { Self::Tested } else { Self::Release }
    }

    /// What `cargo` is told of it by its environment.
    pub fn flags(self, cargo: &mut Command) {
        match self {
            Self::Dev | Self::Release => {}
            // What `cargo clippy -- -D warnings` has for `cargo check`.
            Self::Tested => {
                cargo.env("RUSTC_WORKSPACE_WRAPPER", within("xtask/src/profile/tested.sh"));
                cargo.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
            }
        }
    }

    /// The name of the cargo profile for the browser's half.
    pub fn wasm(self) -> &'static str {
        match self {
            Self::Dev | Self::Tested => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// A program of the workspace, once [`everything`] has built it.
    pub fn program(self, name: &str) -> PathBuf {
        let folder = match self {
            Self::Dev | Self::Tested => "debug",
            Self::Release => "release",
        };
        within("target").join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
