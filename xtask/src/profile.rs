//! The two ways of building, and where the results lie.

use std::path::PathBuf;

use crate::process::within;

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
