//! The linters of the templates in `deploy/`, in a virtual environment of their own.

use std::fs;

use anyhow::{Context, Result};

use crate::apt;
use crate::process::{program, run, succeeds, within};

/// What is installed, each version with its hash.
const LINTERS: &str = "deploy/requirements.txt";
/// What installs it: pip itself takes minutes for the hundred packages that checkov stands on.
const INSTALLER: &str = "deploy/uv.txt";
const PYTHON: &str = "install Python 3 with its venv module (Debian: apt-get install python3-venv)";

/// Installs the linters as `deploy/requirements.txt` pins them, unless they are there, and runs them.
///
/// # Errors
/// They cannot be installed, or one of them is not content.
pub fn lint() -> Result<()> {
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
    run(program(home.join("bin/python")).args(["-B", "deploy/lint.py"]), PYTHON)
}

/// # Errors
/// Python is not here and cannot be installed.
pub fn python() -> Result<()> {
    if succeeds(program("python3").args(["-c", "import ensurepip, venv"])) {
        return Ok(());
    }
    apt::install(&["python3-venv"]).context("the tests need Python 3 with its venv module")
}
