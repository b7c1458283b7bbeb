//! What npm installs for the browser tests: pinned, from the registry, by its hash, and nothing runs when it is installed.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::process::within;

const REGISTRY: &str = "https://registry.npmjs.org/";

/// What is wrong with the lock file, and with what it was made of.
///
/// # Errors
/// One of the two is no JSON.
pub fn doubtful() -> Result<Vec<String>> {
    let read = |file: &str| -> Result<Value> {
        let text = fs::read_to_string(within(file)).with_context(|| file.to_owned())?;
        serde_json::from_str(&text).with_context(|| file.to_owned())
    };
    Ok(found(&read("end2end/package.json")?, &read("end2end/package-lock.json")?))
}

fn found(manifest: &Value, lock: &Value) -> Vec<String> {
    let entries = |value: &Value| -> Map<String, Value> { value.as_object().cloned().unwrap_or_default() };
    let mut found = Vec::new();
    for part in ["dependencies", "devDependencies", "optionalDependencies"] {
        for (name, version) in entries(&manifest[part]) {
            let exact = version
                .as_str()
                .is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()));
            if !exact || version.as_str().is_some_and(|version| version.contains(' ')) {
                found.push(format!("end2end/package.json: pin {name} to one version, not {version}"));
            }
        }
    }
    let packages = entries(&lock["packages"]);
    if packages.len() < 2 {
        found.push("end2end/package-lock.json: it has no packages: npm install".to_owned());
    }
    for (place, package) in packages.into_iter().filter(|(place, _)| !place.is_empty()) {
        let mut say = |what: &str| found.push(format!("end2end/package-lock.json: {place} {what}"));
        if !package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")) {
            say("has no SHA-512: install it from the registry");
        }
        if package["resolved"].as_str().is_some_and(|from| !from.starts_with(REGISTRY)) {
            say("comes from elsewhere than npm's registry");
        }
        if package["hasInstallScript"] == true {
            say("runs a program when it is installed: find another, or say here why it may");
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_pinned_or_runs_at_once_is_told() {
        let good = json!({ "integrity": "sha512-x", "resolved": "https://registry.npmjs.org/a/-/a-1.tgz" });
        let lock = |of: Value| json!({ "packages": { "": {}, "node_modules/a": of } });
        let manifest = |version: &str| json!({ "devDependencies": { "a": version } });
        assert!(found(&manifest("1.0.0"), &lock(good.clone())).is_empty());
        for version in ["^1.0.0", "*", "latest", "1.0.0 - 2.0.0", "git+https://x"] {
            assert_eq!(found(&manifest(version), &lock(good.clone())).len(), 1, "{version}");
        }
        for bad in [
            json!({ "integrity": "sha1-x" }),
            json!({ "integrity": "sha512-x", "resolved": "https://example.com/a.tgz" }),
            json!({ "integrity": "sha512-x", "hasInstallScript": true }),
        ] {
            assert_eq!(found(&manifest("1.0.0"), &lock(bad)).len(), 1);
        }
        assert_eq!(found(&manifest("1.0.0"), &json!({})).len(), 1);
    }
}
