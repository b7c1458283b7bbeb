//! The browser tests: npm's packages, a Chromium, Playwright.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::apt;
use crate::process::{find, program, run, within};

const NODE: &str = "install Node 20 or later with npm (Debian: apt-get install nodejs npm)";

/// Under which names a browser that Playwright can drive lies on PATH.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Installs what is missing, then runs all browser tests against the programs and the site built before.
///
/// # Errors
/// Something is missing and cannot be installed here, or a test failed.
pub fn run_tests() -> Result<()> {
    packages()?;
    run(program(within("end2end/node_modules/.bin/tsc")).current_dir(within("end2end")), NODE)?;
    let mut playwright = program(within("end2end/node_modules/.bin/playwright"));
    playwright.current_dir(within("end2end")).env("CHROMIUM", chromium()?).arg("test");
    run(&mut playwright, NODE)
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
