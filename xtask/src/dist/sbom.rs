//! What the programs are made of, as CycloneDX 1.5 in JSON. Neither time nor serial number: the same parts are the same file.

use anyhow::Result;
use serde_json::{Value, json};

use crate::packages::Package;

/// The file.
///
/// # Errors
/// None that is known of.
pub fn cyclonedx(packages: &[&Package]) -> Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": format!("countersign@{version}"),
                "name": "countersign",
                "version": version,
                "licenses": [{ "expression": "Apache-2.0 OR MIT" }],
            },
        },
        "components": packages.iter().map(|package| component(package)).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&bom)? + "\n")
}

fn component(package: &Package) -> Value {
    let Package { name, version, license, repository, .. } = package;
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component =
        json!({ "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl });
    if let Some(license) = license {
        // Older crates separate alternatives by a slash, which SPDX does not know.
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(repository) = repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}
