//! What the console serves as files: the browser's half with its bindings, the style, `public/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::within;
use crate::profile::Profile;

pub mod pkg;

/// What the names of the browser's files begin with.
const NAME: &str = "app";

/// The folder that the console serves.
pub fn folder() -> PathBuf {
    within("target/site")
}

/// Writes `pkg/app.HASH.js` and `.wasm` for the module that cargo built, unless they are made of this one already.
///
/// # Errors
/// The module is not readable by this version of wasm-bindgen, or a file cannot be written.
pub fn bindings(module: &Path, profile: Profile) -> Result<()> {
    let stamp = within("target/front").join("bindings");
    let made_of = format!("{} {:?}", profile.wasm(), modified(module)?);
    let is_there = pkg::names()?.iter().any(|name| name.ends_with(".wasm"));
    if is_there && fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        return Ok(());
    }
    eprintln!("bindings of {}", module.display());
    let fresh = within("target/front/pkg");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    Bindgen::new()
        .web(true)?
        .input_path(module)
        .out_name(NAME)
        .typescript(false)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(true)
        .generate(&fresh)
        .context("wasm-bindgen")?;
    let (js, wasm) =
        (fs::read(fresh.join(NAME).with_extension("js"))?, fs::read(fresh.join(format!("{NAME}_bg.wasm")))?);
    if fs::read_dir(&fresh)?.count() != 2 {
        bail!("{}: wasm-bindgen made more files than the site has names for", fresh.display());
    }
    // Both have one hash: the page names them by it.
    let hash = pkg::hash(&[&js, &wasm]);
    pkg::put(NAME, &hash, "js", &js, profile)?;
    pkg::put(NAME, &hash, "wasm", &wasm, profile)?;
    replace(&stamp, made_of.as_bytes())
}

/// Joins the files that `style/main.css` imports, in its order, to `pkg/app.HASH.css`.
///
/// # Errors
/// A file is missing, or `main.css` holds something else than imports of files beside it.
pub fn style(profile: Profile) -> Result<()> {
    let main = within("style/main.css");
    let mut css = String::new();
    for name in imports(&fs::read_to_string(&main).with_context(|| main.display().to_string())?)? {
        let part = within("style").join(&name);
        css.push_str(&fs::read_to_string(&part).with_context(|| part.display().to_string())?);
        css.push('\n');
    }
    pkg::put(NAME, &pkg::hash(&[css.as_bytes()]), "css", css.as_bytes(), profile)
}

/// Copies `public/` to the root of the site.
///
/// # Errors
/// A file cannot be read or written.
pub fn public() -> Result<()> {
    copy(&within("public"), &folder())
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            replace(&target, &fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Writes a file so that a running console never serves half of it.
fn replace(file: &Path, content: &[u8]) -> Result<()> {
    let fresh = file.with_added_extension("new");
    fs::write(&fresh, content)
        .and_then(|()| fs::rename(&fresh, file))
        .with_context(|| file.display().to_string())
}

/// The files named by `@import "file.css";` lines. Comments may stand between them on lines of their own.
fn imports(main: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = main.trim();
    while !rest.is_empty() {
        let after = if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, after)| after)
        } else {
            rest.strip_prefix("@import \"").and_then(|import| import.split_once("\";")).map(
                |(name, after)| {
                    names.push(name.trim_start_matches("./").to_owned());
                    after
                },
            )
        };
        let after = after.ok_or_else(|| {
            anyhow!(
                "style/main.css may hold only `@import \"file.css\";`, not: {}",
                rest.lines().next().unwrap_or("")
            )
        })?;
        rest = after.trim_start();
    }
    if names.is_empty() {
        bail!("style/main.css imports nothing");
    }
    Ok(names)
}

fn modified(file: &Path) -> Result<SystemTime> {
    fs::metadata(file).and_then(|data| data.modified()).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn imports_keep_their_order() {
        let main = "/* what\n is where */\n@import \"tokens.css\";\n\n@import \"./base.css\"; /* x */\n";
        assert_eq!(imports(main).unwrap(), ["tokens.css", "base.css"]);
    }

    #[test]
    fn rules_and_unreadable_imports_are_refused_not_dropped() {
        for main in
            ["", "/* only */", "@import url(a.css);", "@import \"a.css\" screen;", "@import \"a.css\"; p {}"]
        {
            assert!(imports(main).is_err(), "{main}");
        }
    }
}
