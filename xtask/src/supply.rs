//! Whether what others wrote may be used, is needed, is there once, comes from where it should, and is known to be weak.

mod duplicates;
mod lockfile;
mod msrv;
mod unused;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustsec::report::{Report, Settings};
use rustsec::{Database, Lockfile, advisory};

use crate::packages::{Metadata, Package};
use crate::process::{program, run, within};

/// What a crate may be licensed under; of alternatives, one is enough.
const LICENCES: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];
/// Others, for one crate each, with the reason.
const EXCEPTIONS: [(&str, &str, &str); 1] =
    [("base16", "CC0-1.0", "given to everybody; CC0 is not for all, as it gives no rights to patents")];

/// What is known and does not reach us, with the reason.
const HARMLESS: [(&str, &str); 2] = [
    (
        "RUSTSEC-2023-0071",
        "rsa leaks the private key by timing; openidconnect verifies with public keys alone, and we sign nothing with it",
    ),
    (
        "RUSTSEC-2024-0436",
        "paste is not maintained; a macro of what Leptos is built with, it is in no program",
    ),
];
/// Where the database of RustSec lies.
const DATABASE: &str = "COUNTERSIGN_ADVISORY_DB";
/// Where it is looked for if nobody says: beside the repository, and where the advice below puts it.
const BESIDE: [&str; 3] = ["../advisory-db", "../shared/advisory-db", "target/advisory-db"];

/// What can be asked without a network, of everything that others wrote.
///
/// # Errors
/// Each crate or package that something is wrong with, and what.
pub fn dependencies() -> Result<()> {
    let metadata = Metadata::read(None)?;
    let mut wrong: Vec<String> = metadata.all().filter_map(unlicensed).collect();
    wrong.extend(duplicates::unwanted()?);
    wrong.extend(unused::unused()?);
    wrong.extend(msrv::differs()?);
    wrong.extend(lockfile::doubtful()?);
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n")) }
}

/// What is wrong with the licence of a crate.
fn unlicensed(package: &Package) -> Option<String> {
    let Package { name, version, license, .. } = package;
    let Some(license) = license else { return Some(format!("{name} {version} names no licence")) };
    let excepted = EXCEPTIONS.iter().any(|(whose, of, _)| whose == name && of == license);
    match permitted(license) {
        Ok(true) => None,
        _ if excepted => None,
        Ok(false) => {
            Some(format!("{name} {version} is under {license}, which xtask/src/supply.rs does not list"))
        }
        Err(error) => Some(format!("{name} {version}: {license} is no licence: {error}")),
    }
}

fn permitted(license: &str) -> Result<bool> {
    let expression = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX)?;
    Ok(expression.evaluate(|required| LICENCES.contains(&required.to_string().as_str())))
}

/// The database of RustSec. `None`: it is not on this machine.
fn database() -> Option<PathBuf> {
    let told = std::env::var_os(DATABASE).map(PathBuf::from);
    told.or_else(|| BESIDE.map(within).into_iter().find(|place| place.join("crates").is_dir()))
}

/// Why nobody can say here whether crates are known to be weak. `None`: they are asked about.
pub fn unknown() -> Option<String> {
    database().is_none().then(|| {
        format!(
            "known weaknesses were NOT looked for: git clone --depth 1 https://github.com/RustSec/advisory-db target/advisory-db, or say \
             where it lies with {DATABASE}"
        )
    })
}

/// Holds Cargo.lock against RustSec's database; where there is none, says so and finds nothing.
///
/// # Errors
/// Each known weakness, or the database cannot be read.
pub fn weaknesses() -> Result<()> {
    let Some(database) = database() else {
        eprintln!("{}", unknown().unwrap_or_default());
        return Ok(());
    };
    let known = known(&within("Cargo.lock"), &database)?;
    for (name, reason) in HARMLESS {
        eprintln!("{name} does not reach us: {reason}");
    }
    if known.is_empty() { Ok(()) } else { bail!("{}", known.join("\n")) }
}

/// Holds the lock files against what is known: RustSec's database for crates, the registry's for npm, which needs a network.
///
/// # Errors
/// Each known weakness, or there is no database.
pub fn advisories() -> Result<()> {
    if let Some(why) = unknown() {
        bail!("{why}");
    }
    weaknesses()?;
    let mut audit = program("npm");
    audit.current_dir(within("end2end")).args(["audit", "--package-lock-only"]);
    run(&mut audit, "install Node 20 or later with npm")
}

/// The weaknesses of crates in a lock file, a line each; of those that are not maintained any more too.
fn known(lock: &Path, database: &Path) -> Result<Vec<String>> {
    let database = Database::open(database)
        .with_context(|| format!("{} is no database of RustSec", database.display()))?;
    let lock = Lockfile::load(lock)?;
    let ignore = HARMLESS.iter().map(|(id, _)| id.parse()).collect::<Result<_, _>>()?;
    let told = vec![
        advisory::Informational::Unmaintained,
        advisory::Informational::Unsound,
        advisory::Informational::Notice,
    ];
    let settings = Settings { ignore, informational_warnings: told, ..Settings::default() };
    let report = Report::generate(&database, &lock, &settings);
    let weak = report.vulnerabilities.list.iter().map(|found| {
        format!(
            "{} {}: {} ({})",
            found.package.name, found.package.version, found.advisory.title, found.advisory.id
        )
    });
    let warned = report.warnings.values().flatten().filter_map(|found| {
        let advisory = found.advisory.as_ref()?;
        Some(format!(
            "{} {}: {} ({})",
            found.package.name, found.package.version, advisory.title, advisory.id
        ))
    });
    Ok(weak.chain(warned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several_licences_is_enough_and_all_of_several_are_needed() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "Apache-2.0 AND ISC",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(permitted(good).unwrap(), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND AGPL-3.0-only", "SSPL-1.0"] {
            assert!(!permitted(bad).unwrap(), "{bad}");
        }
        assert!(permitted("what I like").is_err());
    }

    #[test]
    fn a_known_weakness_is_found_and_one_that_does_not_reach_us_is_not() {
        let folder = std::env::temp_dir().join(format!("countersign-supply-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let file = folder.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        for (krate, id) in [("weak", "RUSTSEC-2020-0001"), ("rsa", "RUSTSEC-2023-0071")] {
            let advisory = format!(
                "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{krate}\"\ndate = \"2020-01-01\"\n[versions]\npatched = [\">= 2.0.0\"]\n```\n# It is weak\n\nVery.\n"
            );
            write(&format!("db/crates/{krate}/{id}.md"), &advisory);
        }
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        let package = |name: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n")
        };
        write("Cargo.lock", &format!("version = 4\n{}{}", package("rsa"), package("weak")));
        let found = known(&folder.join("Cargo.lock"), &folder.join("db"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found.unwrap(), ["weak 1.0.0: It is weak (RUSTSEC-2020-0001)"]);
    }
}
