//! What no compiler checks here: ways in which Leptos lets foreign text through unescaped, files that have grown too long
//! to read, documents that are cited and not there, links that lead nowhere, attacks whose tests are gone, files that point to each other in a circle,
//! `impl Console` below the verbs, entries past the journal, verbs that no test calls, tests that sleep, roles that may more or less than
//! the program calls.

mod attacks;
mod circles;
mod citations;
mod console;
mod links;
mod modules;
mod rights;
mod sleeps;
mod traps;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::root;

/// More lines than this and a file holds more than one thing.
const LONGEST: usize = 400;
/// Folders that hold no source of ours.
const SKIPPED: [&str; 6] =
    [".git", ".sandbox", "node_modules", "playwright-report", "target", "test-results"];
/// What people write, by the ends of the files' names.
const WRITTEN: [&str; 5] = ["rs", "ts", "css", "md", "toml"];

/// The crates whose files point to each other in one direction only.
const STRAIGHT: [&str; 9] = [
    "app",
    "crates/aws",
    "crates/console",
    "crates/domain",
    "crates/feeds",
    "crates/identity",
    "crates/sandbox",
    "server",
    "xtask",
];

/// A file that somebody wrote.
struct Source {
    /// From the workspace's root.
    path: PathBuf,
    text: String,
}

impl Source {
    /// The end of its name.
    fn kind(&self) -> &str {
        self.path.extension().and_then(|kind| kind.to_str()).unwrap_or_default()
    }

    /// A violation in one of its lines.
    fn at(&self, line: usize, advice: &str) -> String {
        format!("{}:{line}: {advice}", self.path.display())
    }
}

/// Checks all sources.
///
/// # Errors
/// Each violation as `file:line: what to do`.
pub fn run() -> Result<()> {
    let mut sources = Vec::new();
    collect(root(), &mut sources)?;
    let mut violations = attacks::unproven(&sources);
    violations.extend(console::misplaced(&sources));
    violations.extend(console::unjournaled(&sources));
    violations.extend(console::untested(&sources));
    violations.extend(rights::unfounded(&sources)?);
    for source in &sources {
        let lines = source.text.lines().count();
        if lines > LONGEST && source.kind() != "md" && source.kind() != "toml" {
            violations.push(source.at(lines, &format!("split this file, {LONGEST} lines are the most")));
        }
        if source.path.starts_with("app/src") {
            violations
                .extend(traps::traps(&source.text).iter().map(|(line, advice)| source.at(*line, advice)));
        }
        for line in sleeps::sleeps(&source.path, &source.text) {
            let advice = "wait for it with sandbox::until; else say above why `// time passes:`";
            violations.push(source.at(line, advice));
        }
        if source.kind() == "md" {
            let read = |path: &Path| fs::read_to_string(root().join(path)).ok();
            let there = |path: &Path| root().join(path).exists();
            let broken = links::broken(&source.path, &source.text, read, there);
            violations.extend(broken.iter().map(|(line, advice)| source.at(*line, advice)));
        }
        let there = |path: &Path| root().join(path).is_file();
        for (line, advice) in citations::unfounded(&source.path, &source.text, there) {
            violations.push(source.at(line, &advice));
        }
    }
    for package in STRAIGHT {
        let folder = Path::new(package).join("src");
        let within =
            |source: &Source| Some((source.path.strip_prefix(&folder).ok()?.to_owned(), source.text.clone()));
        let files: Vec<_> =
            sources.iter().filter(|source| source.kind() == "rs").filter_map(within).collect();
        violations
            .extend(circles::circles(&files)?.iter().map(|circle| format!("{}: {circle}", folder.display())));
    }
    if violations.is_empty() { Ok(()) } else { bail!("{}", violations.join("\n")) }
}

fn collect(folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
                collect(&path, sources)?;
            }
        } else if path.extension().is_some_and(|kind| WRITTEN.iter().any(|written| kind == *written)) {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let path = path.strip_prefix(root()).unwrap_or(&path).to_owned();
            sources.push(Source { path, text });
        }
    }
    Ok(())
}
