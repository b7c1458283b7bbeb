//! Running other programs: what they are told about us, and one clear line when one is missing.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// What to do where cargo or rustup is missing.
pub const RUSTUP: &str = "install Rust with rustup";

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A path inside the workspace.
pub fn within(path: impl AsRef<Path>) -> PathBuf {
    root().join(path)
}

/// A program, started at the workspace's root, that does not notice that cargo started us: cargo's own variables
/// would otherwise count as changes and make build scripts run again whenever people switch between the two.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).stdin(Stdio::null()).env_remove("LD_LIBRARY_PATH");
    for (variable, _) in std::env::vars_os() {
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if variable.to_str().is_some_and(|name| ours.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(variable);
        }
    }
    command
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end, output passed through.
///
/// # Errors
/// The program is missing (`remedy` says what to do about it) or it failed.
pub fn run(command: &mut Command, remedy: &str) -> Result<()> {
    let shown = show(command);
    eprintln!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!("`{shown}` failed ({status})"),
        Err(error) => Err(missing(command, error, remedy)),
    }
}

/// What a program prints, trimmed; its errors are passed through.
///
/// # Errors
/// As [`run`], or what it printed is not UTF-8.
pub fn output(command: &mut Command, remedy: &str) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| missing(command, error, remedy))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", show(command), output.status);
    }
    let text = String::from_utf8(output.stdout).with_context(|| format!("output of `{}`", show(command)))?;
    Ok(text.trim().to_owned())
}

/// Whether a program can be started and is content, without a word of its own.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The first of these programs that lies on PATH.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()))
}

fn missing(command: &Command, error: std::io::Error, remedy: &str) -> anyhow::Error {
    let name = command.get_program().display();
    match error.kind() {
        ErrorKind::NotFound => anyhow!("{name} is not on this machine: {remedy}"),
        _ => anyhow!("{name} cannot be started: {error}"),
    }
}

fn show(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut text = name.display().to_string();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.display().to_string());
    }
    text
}
