//! Dependencies that no source of their crate names. What is there for its features alone, or is named by a macro, is listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};
use serde::Deserialize;

use crate::process::{RUSTUP, cargo, output, within};

const LIST: &str = "xtask/src/supply/unused.rs";

/// Crate, dependency, why it is there.
const UNNAMED: [(&str, &str, &str); 2] = [
    ("server", "flate2", "tests/api has a file of crates/feeds by its path"),
    ("xtask", "getrandom", "a feature that the tests ask for: see xtask/Cargo.toml"),
];

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
}

/// Each, and each exception that is none any more.
///
/// # Errors
/// Cargo cannot tell, or a source cannot be read.
pub fn unused() -> Result<Vec<String>> {
    let told = output(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--locked"]), RUSTUP)?;
    let workspace: Workspace = serde_json::from_str(&told).context("cargo metadata")?;
    let mut found = Vec::new();
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for member in &workspace.packages {
        let folder = member.manifest_path.parent().context("a manifest lies in a folder")?;
        let mut words = BTreeSet::new();
        named(folder, &mut words)?;
        for dependency in &member.dependencies {
            asked.insert(dependency.name.clone());
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            // What its library is called, most often.
            let called =
                [name.replace('-', "_"), name.replace('-', ""), name.trim_end_matches("-rs").to_owned()];
            let is_named = called.iter().any(|name| words.contains(name));
            let is_listed = UNNAMED.iter().any(|(whose, what, _)| *whose == member.name && what == name);
            match (is_named, is_listed) {
                (false, false) => found.push(format!(
                    "{}: nothing in it names {name}: remove it, or add it to {LIST} with the reason",
                    member.name
                )),
                (true, true) => found.push(format!("{LIST}: {} names {name}: remove it here", member.name)),
                _ => (),
            }
        }
    }
    let manifest = fs::read_to_string(within("Cargo.toml"))?;
    found.extend(shared(&manifest).filter(|name| !asked.contains(*name)).map(|name| {
        format!("Cargo.toml: no crate of the workspace uses {name}: remove it from workspace.dependencies")
    }));
    Ok(found)
}

/// The names below `[workspace.dependencies]`; that of a crate of ours is its folder's or another.
fn shared(manifest: &str) -> impl Iterator<Item = &str> {
    let below = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    below.take_while(|line| !line.starts_with('[')).filter_map(|line| Some(line.split_once(" = ")?.0))
}

/// The words of all Rust sources below a folder, but for those of crates within.
fn named(folder: &Path, words: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.join("Cargo.toml").exists()
                && !path.ends_with("target")
                && !path.ends_with("node_modules")
            {
                named(&path, words)?;
            }
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let code =
                TokenStream::from_str(&text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
            identifiers(code, words);
        }
    }
    Ok(())
}

fn identifiers(code: TokenStream, words: &mut BTreeSet<String>) {
    for token in code {
        match token {
            TokenTree::Group(group) => identifiers(group.stream(), words),
            TokenTree::Ident(word) => drop(words.insert(word.to_string())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => (),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_workspace_shares_is_read() {
        let manifest = "[workspace]\na = 1\n[workspace.dependencies]\napp = { path = \"app\" }\n\nanyhow = \"1\"\n[profile.dev]\nx = 1\n";
        assert_eq!(shared(manifest).collect::<Vec<_>>(), ["app", "anyhow"]);
    }

    #[test]
    fn a_name_in_a_comment_is_no_use() {
        let folder = std::env::temp_dir().join(format!("countersign-unused-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(
            folder.join("src/lib.rs"),
            "// csv::Reader\nuse base64::Engine;\nconst A: &str = \"hmac\";\n",
        )
        .unwrap();
        let mut words = BTreeSet::new();
        named(&folder, &mut words).unwrap();
        fs::remove_dir_all(folder).unwrap();
        assert!(words.contains("base64") && !words.contains("csv") && !words.contains("hmac"));
    }
}
