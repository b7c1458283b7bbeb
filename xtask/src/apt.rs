//! Debian's packages, where we may install them ourselves.

use anyhow::Result;

use crate::process::{find, output, program, run};

/// Installs packages of Debian. Asks nobody: callers do so only for what a person told us to run needs.
///
/// # Errors
/// This is not a Debian machine, we are not root, or apt failed; says what would have been installed.
pub fn install(packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if find(&["apt-get"]).is_none() {
        anyhow::bail!("this machine has no apt-get; install by other means what Debian calls {wanted}");
    }
    if output(program("id").arg("-u"), "it belongs to coreutils")? != "0" {
        anyhow::bail!("not root; please run: sudo apt-get install --no-install-recommends {wanted}");
    }
    let apt = || {
        let mut apt = program("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-y", "-o", "DPkg::Lock::Timeout=300"]);
        apt
    };
    run(apt().arg("update"), "it belongs to Debian")?;
    run(apt().args(["install", "--no-install-recommends"]).args(packages), "it belongs to Debian")
}
