//! Debian's compiler for web browsers, which comes without a standard library for them: we build that once.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{TARGET, Toolchain};
use crate::apt;
use crate::process::{program, run, succeeds, within};

/// The compiler, cargo of the same version, the sources of its standard library, and a linker for WASM.
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
/// A file of each package.
const FILES: [&str; 4] =
    ["/usr/bin/rustc", "/usr/bin/cargo", "/usr/lib/rustlib/src/rust/library/Cargo.toml", "/usr/bin/lld-22"];

/// Installs the packages and builds the standard library, as far as either is missing.
///
/// # Errors
/// The packages cannot be installed here, or the standard library does not build.
pub fn ready() -> Result<Toolchain> {
    if !FILES.iter().all(|file| Path::new(file).exists()) {
        apt::install(&PACKAGES).context("Debian's WASM toolchain")?;
    }
    let path = search_path()?;
    if !has_std(&path) {
        build_std(&path).context("the standard library for WASM, from Debian's sources")?;
        if !has_std(&path) {
            bail!("Debian's compiler does not accept the standard library that it built");
        }
    }
    Ok(Toolchain::Debian { path })
}

/// Debian's cargo with Debian's compiler. The variables that rustup and our own cargo set would lead it astray.
pub fn cargo(path: &OsStr) -> Command {
    let mut cargo = program("/usr/bin/cargo");
    cargo.env("PATH", path).env("RUSTC", "/usr/bin/rustc");
    for variable in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(variable);
    }
    cargo
}

/// PATH with Debian's programs first, and its linker under the name that the compiler asks for.
fn search_path() -> Result<OsString> {
    let linker = within("target/front/bin");
    fs::create_dir_all(&linker)?;
    let link = linker.join("rust-lld");
    if !link.exists() {
        std::os::unix::fs::symlink("/usr/bin/lld-22", &link)?;
    }
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folders = [linker, PathBuf::from("/usr/bin")].into_iter().chain(std::env::split_paths(&inherited));
    Ok(std::env::join_paths(folders)?)
}

/// Asks the compiler itself: it also refuses a standard library of another version.
fn has_std(path: &OsStr) -> bool {
    let mut rustc = program("/usr/bin/rustc");
    rustc.env("PATH", path).args([
        "--target",
        TARGET,
        "--crate-type",
        "lib",
        "--emit",
        "metadata",
        "-",
        "-o",
    ]);
    // Not /dev/null: the compiler replaces its output file, and as root it succeeds with that one, too.
    succeeds(rustc.arg(within("target/front/has-std.rmeta")))
}

fn build_std(path: &OsStr) -> Result<()> {
    let probe = within("target/front/std");
    fs::create_dir_all(probe.join("src"))?;
    fs::write(probe.join("src/lib.rs"), "")?;
    fs::write(probe.join("Cargo.toml"), "[package]\nname = \"probe\"\nedition = \"2024\"\n[workspace]\n")?;
    run(
        cargo(path)
            .current_dir(&probe)
            .env("RUSTC_BOOTSTRAP", "1")
            // A release optimises across it.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .args(["-Zbuild-std=std,panic_abort,test", "build", "--release", "--target", TARGET])
            .args(["--target-dir", "target"]),
        "Debian calls it cargo-web",
    )?;
    install(&probe.join("target").join(TARGET).join("release/deps"))
}

/// Copies the libraries to where the compiler looks, all at once: a half-copied library would look like a whole one.
fn install(built: &Path) -> Result<()> {
    let place = Path::new("/usr/lib/rustlib").join(TARGET);
    let fresh = place.with_extension("new");
    let lib = fresh.join("lib");
    fs::create_dir_all(&lib).with_context(|| format!("writing {} (are you root?)", lib.display()))?;
    for entry in fs::read_dir(built)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default();
        if file.extension() == Some(OsStr::new("rlib")) && !name.display().to_string().starts_with("libprobe")
        {
            fs::copy(&file, lib.join(name))?;
        }
    }
    // Cargo does not notice that it is another one than what is there was built against.
    for old in [place.to_owned(), within("target/front").join(TARGET)] {
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
    }
    fs::rename(fresh, place)?;
    Ok(())
}
