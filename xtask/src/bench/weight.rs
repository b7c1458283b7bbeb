//! What a browser gets on its first visit, as Brotli: the program, and the style.

use anyhow::{Result, bail, ensure};
use clap::Args;

use crate::build;
use crate::profile::Profile;
use crate::site::{self, pkg};
use crate::wasm::Warnings;

/// Of the program, `.js` and `.wasm` together, and of the style, in bytes.
const PROGRAM: u64 = 150_000;
const STYLE: u64 = 10_000;

#[derive(Args)]
pub struct Options {}

/// # Errors
/// The site cannot be built, or weighs more than it must.
#[expect(clippy::print_stdout, reason = "the result is what this program is run for")]
pub fn run(_: &Options) -> Result<()> {
    build::site(Profile::Release, Warnings::Shown)?;
    let names = pkg::names()?;
    let size = |ending: &str| -> Result<(u64, u64)> {
        let Some(name) = names.iter().find(|name| name.ends_with(ending)) else {
            bail!("the site has no {ending}");
        };
        let file = site::folder().join("pkg").join(name);
        Ok((file.metadata()?.len(), file.with_added_extension("br").metadata()?.len()))
    };
    let (js, wasm, css) = (size(".js")?, size(".wasm")?, size(".css")?);
    for (what, (whole, small)) in [("js", js), ("wasm", wasm), ("css", css)] {
        println!("{what:<5} {whole:>8} bytes, {small:>7} as Brotli");
    }
    ensure!(js.1 + wasm.1 <= PROGRAM, "the program weighs more than {PROGRAM} bytes");
    ensure!(css.1 <= STYLE, "the style weighs more than {STYLE} bytes");
    Ok(())
}
