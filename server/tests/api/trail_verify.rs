//! `countersign trail verify` on a downloaded trail: no configuration, no AWS, an exit status for pipelines.

#[path = "../../../crates/feeds/tests/feeds/trail/forge.rs"]
mod forge;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::scratch;
use forge::{Forge, HOUR};

fn trail() -> Forge {
    let mut forge = Forge::new();
    for hour in 6..9 {
        forge.hour(&[&[json!({"eventTime": format!("2026-11-22T{hour:02}:02:00Z")})]]);
    }
    forge
}

/// Verifies what lies in a folder.
fn verify(folder: &Path, arguments: &[&str]) -> Output {
    let keys = folder.join("keys.json");
    if folder.exists() && !keys.exists() {
        std::fs::write(&keys, forge::public_keys(true)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().args(["trail", "verify"]).arg(folder).arg("--public-keys").arg(keys);
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_whole_trail_is_status_0_and_says_how_to_prove_its_end() {
    let folder = scratch("trail-whole");
    let forge = trail();
    forge.write(&folder);
    let output = verify(&folder, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = text(&output);
    for part in [
        "Account 111122223333 in eu-central-1",
        "org: 3 digests, 2026-11-22 06:00:00 UTC to 2026-11-22 09:00:00 UTC",
        "2 hours proven, 0 seconds missing, 0 seconds altered",
        "2 proven, 1 unproven, 0 altered",
        "UNPROVEN  2026-11-22 08:00:00 UTC to 2026-11-22 09:00:00 UTC",
        "aws s3api head-object",
        "The trail is whole.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let newest = forge.digests.last().unwrap();
    std::fs::write(folder.join(format!("{}.signature", newest.key)), &newest.signature).unwrap();
    let shown = text(&verify(&folder, &[]));
    assert!(shown.contains("3 hours proven") && !shown.contains("head-object"), "{shown}");
}

#[test]
fn what_is_missing_or_altered_is_named_and_is_status_2() {
    let folder = scratch("trail-troubles");
    let mut forge = trail();
    let logs: Vec<String> = forge.logs.keys().cloned().collect();
    forge.logs.remove(&logs[0]);
    forge.logs.insert(logs[1].clone(), b"\x1b[2J".to_vec());
    forge.now = forge.now.plus(HOUR);
    forge.hour(&[]);
    forge.write(&folder);
    let output = verify(&folder, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["whole"], false);
    let problems: Vec<(&str, &str, &str)> = found["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            let text = |name: &str| problem[name].as_str().unwrap();
            (text("proof"), text("from"), text("object"))
        })
        .collect();
    assert_eq!(
        problems,
        [
            ("missing", "2026-11-22T06:02:00Z", logs[0].as_str()),
            ("altered", "2026-11-22T07:02:00Z", logs[1].as_str()),
            ("missing", "2026-11-22T09:00:00Z", forge.digests[2].key.as_str()),
            ("unproven", "2026-11-22T10:00:00Z", forge.digests[3].key.as_str()),
        ]
    );
    assert_eq!(found["places"][0]["log_files"], json!({"proven": 1, "unproven": 0, "altered": 1}));
    assert_eq!(found["places"][0]["seconds"], json!({"proven": 10_798, "missing": 3_601, "altered": 1}));
    let output = verify(&folder, &[]);
    assert!(text(&output).contains("The trail is NOT whole: 2 missing, 1 altered"), "{output:?}");
    assert!(!text(&output).contains('\x1b'));
}

#[test]
fn a_trail_that_takes_over_late_is_status_2() {
    let folder = scratch("trail-handover");
    let before = trail();
    let mut after = Forge::new();
    (after.trail, after.now) = ("other".to_owned(), before.now.plus(HOUR * 2));
    after.hour(&[]);
    after.hour(&[]);
    for forge in [&before, &after] {
        forge.write(&folder);
        let newest = forge.digests.last().unwrap();
        std::fs::write(folder.join(format!("{}.signature", newest.key)), &newest.signature).unwrap();
    }
    let output = verify(&folder, &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let shown = text(&output);
    assert!(shown.contains("MISSING   2026-11-22 09:00:00 UTC to 2026-11-22 11:00:00 UTC"), "{shown}");
    assert!(shown.contains("The trail is NOT whole: 1 missing, 0 altered"), "{shown}");
}

#[test]
fn what_cannot_be_verified_at_all_is_status_1() {
    let empty = scratch("trail-empty");
    let without_keys = scratch("trail-keys");
    trail().write(&without_keys);
    std::fs::write(without_keys.join("keys.json"), "{\"PublicKeyList\": []}").unwrap();
    for (output, said) in [
        (verify(&empty, &[]), "there is no digest below it"),
        (verify(&without_keys, &[]), "the list has no public key"),
        (verify(Path::new("/nowhere"), &[]), "/nowhere"),
    ] {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
}
