//! The linters of the templates in `deploy/`, and of spelling, in a virtual environment of their own.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::apt;
use crate::process::{program, run, succeeds, within};

/// What is installed, each version with its hash.
const LINTERS: &str = "deploy/requirements.txt";
/// What installs it: pip itself takes minutes for the hundred packages that checkov stands on.
const INSTALLER: &str = "deploy/uv.txt";
const PYTHON: &str = "install Python 3 with its venv module (Debian: apt-get install python3-venv)";

/// Runs the linters of the templates.
///
/// # Errors
/// They cannot be installed, or one of them is not content.
pub fn lint() -> Result<()> {
    run(program(linters()?.join("python")).args(["-B", "deploy/lint.py"]), PYTHON)
}

/// Words that nobody means, in all that people write.
///
/// # Errors
/// typos cannot be installed, or finds one.
pub fn spelling() -> Result<()> {
    run(&mut program(linters()?.join("typos")), PYTHON)
}

/// Installs the linters as `deploy/requirements.txt` pins them, unless they are there. The folder of their programs.
fn linters() -> Result<PathBuf> {
    let wanted = fs::read_to_string(within(LINTERS)).context(LINTERS)?;
    let home = within("target/templates");
    let installed = home.join("installed.txt");
    if fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
        python()?;
        run(program("python3").args(["-m", "venv", "--clear"]).arg(&home), PYTHON)?;
        let hashed = ["install", "--quiet", "--require-hashes", "--requirement"];
        run(program(home.join("bin/pip")).args(hashed).arg(INSTALLER), PYTHON)?;
        let uv = &mut program(home.join("bin/uv"));
        run(uv.arg("pip").args(hashed).arg(LINTERS).env("VIRTUAL_ENV", &home), PYTHON)?;
        fs::write(installed, wanted)?;
    }
    Ok(home.join("bin"))
}

/// # Errors
/// Python is not here and cannot be installed.
pub fn python() -> Result<()> {
    if succeeds(program("python3").args(["-c", "import ensurepip, venv"])) {
        return Ok(());
    }
    apt::install(&["python3-venv"]).context("the tests need Python 3 with its venv module")
}
