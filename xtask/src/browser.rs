//! The browser tests: npm's packages, a Chromium, Playwright.

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};

use crate::apt;
use crate::process::{find, program, run, within};

const NODE: &str = "install Node 20 or later with npm (Debian: apt-get install nodejs npm)";

/// Each test runs with JavaScript and without: at the same time, as most of it is waiting.
const PROJECTS: [&str; 2] = ["js", "nojs"];

/// Under which names a browser that Playwright can drive lies on PATH.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Installs what is missing, then runs all browser tests against the programs and the site built before.
///
/// # Errors
/// Something is missing and cannot be installed here, or a test failed.
pub fn run_tests() -> Result<()> {
    packages()?;
    run(program(within("end2end/node_modules/.bin/tsc")).current_dir(within("end2end")), NODE)?;
    let chromium = chromium()?;
    thread::scope(|scope| {
        let projects = PROJECTS.map(|project| scope.spawn(|| run(&mut playwright(project, &chromium), NODE)));
        projects
            .into_iter()
            .try_for_each(|project| project.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// One project's tests, with a sandbox of their own.
fn playwright(project: &str, chromium: &Path) -> Command {
    let mut playwright = program(within("end2end/node_modules/.bin/playwright"));
    playwright.current_dir(within("end2end")).env("CHROMIUM", chromium).env("COUNTERSIGN_RUN", project);
    playwright.args(["test", "--project", project, "--output", &format!("test-results/{project}")]);
    playwright
}

/// `npm ci`, unless it has run since the lock file changed.
fn packages() -> Result<()> {
    let modified = |file| fs::metadata(within(file)).and_then(|data| data.modified());
    let installed = modified("end2end/node_modules/.package-lock.json");
    let wanted = modified("end2end/package-lock.json").context("end2end/package-lock.json")?;
    if installed.is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    run(program("npm").current_dir(within("end2end")).args(["ci", "--no-audit", "--no-fund"]), NODE)
}

fn chromium() -> Result<PathBuf> {
    if let Some(browser) = find(&CHROMIUM) {
        return Ok(browser);
    }
    apt::install(&["chromium", "fonts-liberation"]).context("the browser tests need Chromium")?;
    find(&CHROMIUM).context("Debian's chromium is installed but not on PATH")
}
