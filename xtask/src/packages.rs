//! What the programs are made of, as cargo tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::{RUSTUP, cargo, output};

/// A crate that somebody else wrote.
#[derive(Clone, Deserialize)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub license_file: Option<PathBuf>,
    pub repository: Option<String>,
    pub manifest_path: PathBuf,
    /// `None`: it is ours.
    pub source: Option<String>,
}

#[derive(Deserialize)]
pub struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `None`: a normal dependency; else `dev` or `build`.
    kind: Option<String>,
}

impl Metadata {
    /// Of the workspace; `target`: for one platform alone.
    ///
    /// # Errors
    /// Cargo cannot tell, as when the lock file does not fit.
    pub fn read(target: Option<&str>) -> Result<Self> {
        let mut asked = cargo();
        asked.args(["metadata", "--format-version", "1", "--locked"]);
        if let Some(target) = target {
            asked.args(["--filter-platform", target]);
        }
        serde_json::from_str(&output(&mut asked, RUSTUP)?).context("cargo metadata")
    }

    /// All crates of others, tests' and build scripts' among them.
    pub fn all(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.source.is_some())
    }

    /// The crates of others that end up in a program of ours: its normal dependencies and theirs.
    pub fn linked(&self, program: &str) -> Vec<&Package> {
        let packages: BTreeMap<&str, &Package> =
            self.packages.iter().map(|package| (package.id.as_str(), package)).collect();
        let edges: BTreeMap<&str, &[Edge]> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node.deps.as_slice())).collect();
        let ours = |package: &&Package| package.source.is_none() && package.name == program;
        let mut todo: Vec<&str> =
            self.packages.iter().filter(ours).map(|package| package.id.as_str()).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = todo.pop() {
            if seen.insert(id) {
                let normal = |edge: &&Edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none());
                todo.extend(
                    edges
                        .get(id)
                        .copied()
                        .unwrap_or_default()
                        .iter()
                        .filter(normal)
                        .map(|edge| edge.pkg.as_str()),
                );
            }
        }
        seen.iter()
            .filter_map(|id| packages.get(id).copied())
            .filter(|package| package.source.is_some())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_alone_need_is_not_in_the_program() {
        let package = |name: &str, source: &str| {
            format!(
                r#"{{"id":"{name}","name":"{name}","version":"1.0.0","license":"MIT","license_file":null,"repository":null,"manifest_path":"/x/Cargo.toml","source":{source}}}"#
            )
        };
        let edge = |to: &str, kind: &str| format!(r#"{{"pkg":"{to}","dep_kinds":[{{"kind":{kind}}}]}}"#);
        let text = format!(
            r#"{{"packages":[{},{},{},{}],"resolve":{{"nodes":[{{"id":"server","deps":[{},{}]}},{{"id":"a","deps":[{}]}}]}}}}"#,
            package("server", "null"),
            package("a", "\"r\""),
            package("b", "\"r\""),
            package("t", "\"r\""),
            edge("a", "null"),
            edge("t", "\"dev\""),
            edge("b", "null"),
        );
        let metadata: Metadata = serde_json::from_str(&text).unwrap();
        let names =
            |packages: Vec<&Package>| packages.iter().map(|package| package.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(metadata.linked("server")), ["a", "b"]);
        assert_eq!(names(metadata.all().collect()), ["a", "b", "t"]);
    }
}
