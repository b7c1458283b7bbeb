//! Crates that the program has in more than one version. Each costs size and time, and is two things to look after.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::dist::host;
use crate::packages::Metadata;

const LIST: &str = "xtask/src/supply/duplicates.rs";

/// Those that are known, by why they are there.
const KNOWN: [(&str, &[&str]); 7] = [
    (
        "two generations of RustCrypto: the AWS SDK and openidconnect are at the newer, the crates for certificates and logs at the older",
        &[
            "block-buffer",
            "const-oid",
            "cpufeatures",
            "crypto-common",
            "curve25519-dalek",
            "der",
            "digest",
            "ed25519",
            "ed25519-dalek",
            "hmac",
            "pem-rfc7468",
            "pkcs8",
            "sha1",
            "sha2",
            "signature",
            "spki",
        ],
    ),
    ("three generations of rand, with them", &["getrandom", "rand", "rand_chacha", "rand_core"]),
    (
        "ion-rs, and what it is made of, is at older ones",
        &["base64", "hashbrown", "foldhash", "nom", "winnow"],
    ),
    (
        "openidconnect, signed_note and tlog_tiles are at older ones",
        &["indexmap", "schemars", "thiserror", "thiserror-impl"],
    ),
    (
        "Leptos's are others than ours: what it is configured and built with",
        &["convert_case", "syn", "synstructure", "toml", "toml_datetime", "tower-http"],
    ),
    (
        "derive_builder, which croner is made with, is at an older one; only while it is compiled",
        &["darling", "darling_core", "darling_macro"],
    ),
    ("two users of one small crate each", &["spin", "untrusted"]),
];

/// New ones, and ones of the list that have gone.
///
/// # Errors
/// Cargo cannot tell.
pub fn unwanted() -> Result<Vec<String>> {
    let metadata = Metadata::read(Some(&host()?))?;
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in metadata.linked("server") {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    Ok(differences(&versions, &KNOWN))
}

fn differences(found: &BTreeMap<&str, BTreeSet<&str>>, known: &[(&str, &[&str])]) -> Vec<String> {
    let known: BTreeSet<&str> = known.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let fresh = found.iter().filter(|(name, _)| !known.contains(*name)).map(|(name, versions)| {
        let versions = versions.iter().copied().collect::<Vec<_>>().join(" and ");
        format!("{name} is in the program as {versions}: see who asks (cargo tree -i {name}); if it must be, add it to {LIST} with the reason")
    });
    let gone = known.iter().filter(|name| !found.contains_key(*name));
    fresh.chain(gone.map(|name| format!("{name} is in the program once: remove it from {LIST}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_duplicate_and_one_that_has_gone_are_told() {
        let found = BTreeMap::from([("a", BTreeSet::from(["1", "2"])), ("b", BTreeSet::from(["1", "3"]))]);
        let said = differences(&found, &[("why", &["a", "c"])]);
        assert!(
            said.len() == 2
                && said[0].starts_with("b is in the program as 1 and 3")
                && said[1].starts_with("c "),
            "{said:?}"
        );
    }
}
