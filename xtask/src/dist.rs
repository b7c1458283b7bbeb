//! `cargo xtask dist`: what people download, as one archive: the program and what it needs beside it, and what it is made of.

mod sbom;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::packages::{Metadata, Package};
use crate::process::{RUSTUP, output, program, run, within};
use crate::profile::Profile;
use crate::wasm::Warnings;
use crate::{build, container, site};

const BINUTILS: &str = "install binutils (Debian: apt-get install binutils)";
const TAR: &str = "install GNU tar and gzip";
/// Files and folders of the repository that go along.
const ALONG: [&str; 7] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "CHANGELOG.md",
    "countersign.example.toml",
    "deploy",
    "docs",
];
/// The names of files in which crates say under what they may be used.
const LICENCE_FILES: [&str; 5] = ["licen", "copying", "copyright", "notice", "unlicense"];

/// Builds for use, and packs.
///
/// # Errors
/// Names the missing tool or the step that failed.
pub fn make() -> Result<()> {
    build::everything(Profile::Release, Warnings::Shown)?;
    let target = host()?;
    let name = format!("countersign-{}-{target}", env!("CARGO_PKG_VERSION"));
    let home = within("target/dist");
    let folder = home.join(&name);
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&folder)?;
    let debug = home.join(format!("{name}.debug"));
    strip(&Profile::Release.program("countersign"), &folder.join("countersign"), &debug)?;
    site::copy(&site::folder(), &folder.join("site"))?;
    for along in ALONG {
        let from = within(along);
        if from.is_dir() {
            site::copy(&from, &folder.join(along))?;
        } else {
            fs::copy(&from, folder.join(along)).with_context(|| from.display().to_string())?;
        }
    }
    papers(&folder, &target)?;
    fs::write(folder.join("SHA256SUMS"), sums(&folder)?)?;
    let archive = pack(&home, &name)?;
    let (program, sandbox) = (folder.join("countersign"), Profile::Release.program("sandbox"));
    container::try_out(&container::Parts {
        program: &program,
        site: &folder.join("site"),
        sandbox: &sandbox,
    })?;
    fs::write(home.join("SHA256SUMS"), sums_of(&home, &[archive.clone(), debug.clone()])?)?;
    sizes(&[folder.join("countersign"), folder.join("site"), archive, debug])
}

/// What the program and the browser's half are made of, and under which licences.
fn papers(folder: &Path, target: &str) -> Result<()> {
    let native = Metadata::read(Some(target))?;
    let browser = Metadata::read(Some("wasm32-unknown-unknown"))?;
    let mut packages = native.linked("server");
    packages.extend(browser.linked("app"));
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    packages.dedup_by(|one, other| one.id == other.id);
    fs::write(folder.join("sbom.cdx.json"), sbom::cyclonedx(&packages)?)?;
    fs::write(folder.join("LICENCES.txt"), licences(&packages)?)?;
    Ok(())
}

/// The triple of the machine that builds.
pub fn host() -> Result<String> {
    let told = output(program("rustc").arg("-vV"), RUSTUP)?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

/// The program without its debug information, which is kept apart and found by the program's name for it.
fn strip(from: &Path, to: &Path, debug: &Path) -> Result<()> {
    let objcopy = || program("objcopy");
    run(objcopy().arg("--only-keep-debug").arg(from).arg(debug), BINUTILS)?;
    let mut link = std::ffi::OsString::from("--add-gnu-debuglink=");
    link.push(debug);
    run(objcopy().arg("--strip-all").arg(link).arg(from).arg(to), BINUTILS)
}

/// The same bytes for the same files: sorted, of nobody, of one time.
fn pack(home: &Path, name: &str) -> Result<PathBuf> {
    let archive = home.join(format!("{name}.tar.gz"));
    let mut tar = program("tar");
    tar.args([
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--mtime=@0",
        "--mode=u=rwX,go=rX",
    ]);
    tar.args(["--use-compress-program=gzip -n -9", "--create", "--file"]).arg(&archive);
    run(tar.arg("--directory").arg(home).arg(name), TAR)?;
    Ok(archive)
}

/// Each crate with its licence, and the texts that lie in it.
fn licences(packages: &[&Package]) -> Result<String> {
    let mut text = String::from(
        "Countersign is licensed under Apache-2.0 or MIT. It is made of these crates as well:\n\n",
    );
    for Package { name, version, license, .. } in packages {
        writeln!(text, "{name} {version}: {}", license.as_deref().unwrap_or("see its text"))?;
    }
    for package in packages {
        for file in licence_files(package)? {
            let content = fs::read(&file).with_context(|| file.display().to_string())?;
            let named = file.file_name().unwrap_or_default().display();
            writeln!(text, "\n{:=<80}\n{} {}: {named}\n", "", package.name, package.version)?;
            text.push_str(String::from_utf8_lossy(&content).trim_end());
            text.push('\n');
        }
    }
    Ok(text)
}

fn licence_files(package: &Package) -> Result<Vec<PathBuf>> {
    let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
    let mut found: Vec<PathBuf> = package.license_file.iter().map(|file| folder.join(file)).collect();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_file() && LICENCE_FILES.iter().any(|begin| name.starts_with(begin)) {
            found.push(entry.path());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// As `sha256sum` writes them, of all files below a folder.
fn sums(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    sums_of(folder, &files)
}

fn sums_of(folder: &Path, files: &[PathBuf]) -> Result<String> {
    let mut text = String::new();
    for file in files {
        let mut hash = Sha256::new();
        std::io::copy(&mut fs::File::open(file)?, &mut hash)?;
        let name = file.strip_prefix(folder).unwrap_or(file);
        writeln!(text, "{}  {}", hex::encode(hash.finalize()), name.display())?;
    }
    Ok(text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => collect(&entry.path(), files)?,
            false => files.push(entry.path()),
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
fn sizes(of: &[PathBuf]) -> Result<()> {
    for path in of {
        let mut files = vec![path.clone()];
        if path.is_dir() {
            files.clear();
            collect(path, &mut files)?;
        }
        let bytes = files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum::<Result<u64>>()?;
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let megabytes = bytes as f64 / 1e6;
        println!("{megabytes:>9.1} MB  {}", path.strip_prefix(within("target")).unwrap_or(path).display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("countersign-dist-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("all/sub")).unwrap();
        fs::write(folder.join("all/b"), "b").unwrap();
        fs::write(folder.join("all/sub/a"), "a").unwrap();
        folder
    }

    #[test]
    fn the_same_files_are_the_same_archive() {
        let folder = folder("pack");
        let first = fs::read(pack(&folder, "all").unwrap()).unwrap();
        fs::write(folder.join("all/b"), "b").unwrap();
        assert!(first == fs::read(pack(&folder, "all").unwrap()).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn sums_are_those_of_sha256sum() {
        let folder = folder("sums");
        let text = sums(&folder.join("all")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("3e23e8160039594a") && lines[0].ends_with("  b"), "{text}");
        assert!(lines[1].starts_with("ca978112ca1bbdca") && lines[1].ends_with("  sub/a"), "{text}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_the_program_is_made_of_is_told_of_this_very_workspace() {
        let folder = folder("papers");
        papers(&folder, &host().unwrap()).unwrap();
        let licences = fs::read_to_string(folder.join("LICENCES.txt")).unwrap();
        assert!(licences.contains("\naxum 0.8") && licences.contains("Permission is hereby granted"));
        let sbom: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("sbom.cdx.json")).unwrap()).unwrap();
        let named = |name: &str| sbom["components"].as_array().unwrap().iter().any(|one| one["name"] == name);
        assert!(
            named("aws-sdk-acmpca") && named("wasm-bindgen") && !named("rcgen"),
            "of the program, not of its tests"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
