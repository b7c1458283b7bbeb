//! The two ways of building, and where the results lie.

use std::path::PathBuf;
use std::process::Command;

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

    /// A release keeps the types of pages. Elsewhere they are erased (`.cargo/config.toml`): pages compile in a fifth of the time, and
    /// each element of theirs is followed by an empty comment.
    pub fn flags(self, cargo: &mut Command) {
        if self == Self::Release {
            cargo.env("RUSTFLAGS", "");
        }
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
