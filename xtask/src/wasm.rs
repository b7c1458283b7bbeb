//! The browser's half: which toolchain compiles it, and how.
//!
//! rustup's compiler is used where it has the WASM target or can fetch it. Elsewhere Debian's compiler for web
//! browsers does it, with a standard library that we build from Debian's sources. That compiler is never allowed near
//! the host's code: it has a PATH and a target directory of its own.

mod debian;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{RUSTUP, cargo, find, output, program, run, within};
use crate::profile::Profile;

/// The only target that browsers take.
const TARGET: &str = "wasm32-unknown-unknown";

/// Forces one of the toolchains: `rustup` or `debian`.
const CHOICE: &str = "COUNTERSIGN_WASM_TOOLCHAIN";

/// What warnings in `app` lead to. Clippy runs on the host's half, so that tests deny them in the browser's here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Warnings {
    /// They are shown.
    Shown,
    /// They are errors.
    Denied,
}

/// A compiler that is known to have a standard library for the browser.
pub enum Toolchain {
    /// The one that compiles the host's code.
    Rustup,
    /// Debian's, with its own search path for programs.
    Debian { path: OsString },
}

impl Toolchain {
    /// Finds a toolchain, and installs what it needs.
    ///
    /// # Errors
    /// None can be had; says what to install.
    pub fn ready() -> Result<Self> {
        match std::env::var(CHOICE).as_deref() {
            Ok("debian") => debian::ready(),
            Ok("rustup") => rustup(),
            Ok(other) => bail!("{CHOICE} is `{other}`; it may be `rustup` or `debian`"),
            Err(_) => rustup().or_else(|refused| {
                if find(&["apt-get"]).is_none() {
                    return Err(refused.context("the compiler's WASM target"));
                }
                eprintln!("{refused:#}; trying Debian's compiler");
                debian::ready()
            }),
        }
    }

    /// Compiles `app` for the browser; answers where the module is.
    ///
    /// # Errors
    /// It does not compile, or it has warnings and those are denied.
    pub fn app(&self, profile: Profile, warnings: Warnings) -> Result<PathBuf> {
        let mut app = self.cargo("rustc", profile);
        app.args(["--package", "app", "--lib", "--crate-type", "cdylib", "--no-default-features"]);
        app.args(["--features", "hydrate"]);
        if warnings == Warnings::Denied {
            app.args(["--", "-D", "warnings"]);
        }
        run(&mut app, RUSTUP)?;
        Ok(within("target/front").join(TARGET).join(profile.wasm()).join("app.wasm"))
    }

    /// Compiles `domain` alone for the browser: it must not lean on what `app` happens to switch on.
    ///
    /// # Errors
    /// It does not compile.
    pub fn domain(&self) -> Result<()> {
        run(self.cargo("build", Profile::Dev).args(["--package", "domain", "--lib"]), RUSTUP)
    }

    fn cargo(&self, verb: &str, profile: Profile) -> Command {
        let mut cargo = match self {
            Self::Rustup => cargo(),
            Self::Debian { path } => debian::cargo(path),
        };
        cargo.args([verb, "--target", TARGET, "--target-dir", "target/front", "--profile", profile.wasm()]);
        cargo
    }
}

fn rustup() -> Result<Toolchain> {
    let rustup = || program("rustup");
    if output(rustup().args(["target", "list", "--installed"]), RUSTUP)?
        .lines()
        .all(|target| target != TARGET)
    {
        run(rustup().args(["target", "add", TARGET]), RUSTUP)?;
    }
    Ok(Toolchain::Rustup)
}
