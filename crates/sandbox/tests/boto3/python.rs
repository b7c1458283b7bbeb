//! The virtual environment with boto3 and the AWS CLI as they come from PyPI. It is made once, under the build's
//! temporary directory.

use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Runs the program; its output is the message if it fails.
pub fn run(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{command:?}\n{}\n{}", text(&done.stdout), text(&done.stderr));
}

/// The directory of the environment's programs.
pub fn virtual_environment() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boto3-venv");
    let programs = home.join("bin");
    let installed = home.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|known| known == REQUIREMENTS) {
        return programs;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/requirements.txt");
    run(Command::new(programs.join("pip")).args(["install", "--quiet", "--requirement", requirements]));
    std::fs::write(installed, REQUIREMENTS).unwrap();
    programs
}
