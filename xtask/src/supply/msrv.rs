//! The oldest Rust that builds this: stated once, and the one that tests and image are built with.

use std::fs;

use anyhow::{Context, Result};

use crate::process::{RUSTUP, output, program, within};

/// What does not fit together. A newer compiler than the stated one proves nothing of it, which is said.
///
/// # Errors
/// A file cannot be read, or there is no compiler.
pub fn differs() -> Result<Vec<String>> {
    let read = |file: &str| fs::read_to_string(within(file)).with_context(|| file.to_owned());
    let compiler = output(program("rustc").arg("-V"), RUSTUP)?;
    let (stated, found) = compared(&read("Cargo.toml")?, &read("Dockerfile")?, &compiler)?;
    if found.is_empty() && !compiler.contains(&format!(" {stated}.")) {
        eprintln!("that Rust {stated} builds this was NOT tried: {compiler} did");
    }
    Ok(found)
}

fn compared(manifest: &str, dockerfile: &str, compiler: &str) -> Result<(String, Vec<String>)> {
    let stated = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    let stated = stated.context("Cargo.toml states no rust-version")?;
    let mut found = Vec::new();
    if !dockerfile.contains(&format!("FROM rust:{stated}-")) {
        found.push(format!("Dockerfile: build with rust:{stated}, which Cargo.toml states as rust-version"));
    }
    let number =
        |version: &str| -> Vec<u32> { version.split('.').filter_map(|part| part.parse().ok()).collect() };
    let used = compiler.split(' ').nth(1).unwrap_or_default();
    if number(used) < number(stated) {
        found.push(format!("rustc is {used}, and Cargo.toml states rust-version {stated}: rustup update"));
    }
    Ok((stated.to_owned(), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_image_and_an_older_compiler_are_told() {
        let manifest = "[workspace.package]\nrust-version = \"1.95\"\n";
        let said = |image: &str, rustc: &str| compared(manifest, image, rustc).unwrap().1.len();
        assert_eq!(said("FROM rust:1.95-bookworm AS build\n", "rustc 1.95.0 (5 2026)"), 0);
        assert_eq!(said("FROM rust:1.95-bookworm AS build\n", "rustc 1.101.0 (5 2026)"), 0);
        assert_eq!(said("FROM rust:1.90-bookworm AS build\n", "rustc 1.94.1 (5 2026)"), 2);
        assert!(compared("", "", "").is_err());
    }
}
