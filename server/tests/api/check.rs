//! `countersign check` and what it says about a configuration that cannot work; `countersign init`.

use std::process::Output;

use crate::harness::{configuration, program, shared};

fn check(name: &str, change: impl FnOnce(String) -> String) -> (Output, String) {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, name, change);
    let output = program(sandbox).arg("check").arg("--config").arg(file).output().unwrap();
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    (output, said)
}

#[test]
fn a_good_configuration_is_tried_and_found_good() {
    let (output, said) = check("check-good", |config| config);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("PROBLEM"), "{said}");
    for resource in
        ["table countersign", "authority devices", "identity provider", "profile executor", "trail in s3://"]
    {
        assert!(said.contains(&format!("ok      {resource}")), "{resource} was not tried: {said}");
    }
}

/// The sandbox's S3 does not know these calls: that is said, and no false reassurance.
#[test]
fn what_cannot_be_said_of_a_bucket_is_a_warning() {
    let (output, said) = check("check-bucket", |config| config);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("WARNING bucket countersign-audit-reports"), "{said}");
    for what in ["Whether it keeps versions", "Whether it has Object Lock", "Its policy"] {
        assert!(said.contains(&format!("{what} could not be read: ")), "{said}");
    }
}

#[test]
fn the_table_is_made_once_and_is_good_then() {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "init", |config| {
        config.replace("console = \"countersign\"", "console = \"made-by-init\"")
    });
    let init = || {
        // Whoever may make tables: the sandbox's DynamoDB does not ask for rights.
        let output = program(sandbox).arg("init").arg("--config").arg(&file).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(init().contains("Created the table made-by-init."));
    assert_eq!(init(), "The table made-by-init is there as it must be.\n");
    let (output, said) =
        check("init", |config| config.replace("console = \"countersign\"", "console = \"made-by-init\""));
    assert!(output.status.success() && said.contains("ok      table made-by-init"), "{said}");
}

#[test]
fn a_table_of_another_shape_is_not_taken() {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "init-other", |config| {
        config.replace("console = \"countersign\"", "console = \"device-certificates\"")
    });
    let output = program(sandbox).arg("init").arg("--config").arg(file).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("device_id, not pk") && said.contains("no index list"), "{said}");
}

#[test]
fn every_resource_that_is_not_there_is_named() {
    let (output, said) = check("check-gone", |config| {
        let config = config.replace("console = \"countersign\"", "console = \"not-there\"");
        let config = config.replace("executor_profile = \"executor\"", "executor_profile = \"nobody\"");
        let config = config.replace("device = \"device_id\"", "device = \"other_id\"");
        let issuer = &shared().sandbox.oidc.issuer;
        let config = config.replace(&format!("issuer = {issuer:?}"), "issuer = \"http://127.0.0.1:1\"");
        config.replace("certificate-authority/", "certificate-authority/0")
    });
    assert_eq!(output.status.code(), Some(1), "{said}");
    for resource in [
        "table not-there",
        "table device-certificates",
        "authority devices",
        "profile nobody",
        "identity provider",
    ] {
        assert!(said.contains(&format!("PROBLEM {resource}")), "{resource} was not found wanting: {said}");
    }
}

#[test]
fn everything_wrong_in_the_file_is_said_at_once_and_nothing_starts() {
    let breakage = |config: String| {
        let config = config.replace("[server]", "[server]\ncolour = \"blue\"");
        config.replace("mode = \"live\"", "mode = \"maybe\"").replace("rate = 20", "rate = \"fast\"")
    };
    let (output, said) = check("check-broken", breakage);
    assert_eq!(output.status.code(), Some(1));
    for key in ["server.colour", "revocation.mode", "revocation.rate"] {
        assert!(said.contains(key), "{key} is not named: {said}");
    }
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "serve-broken", breakage);
    let output = program(sandbox).args(["serve", "--with-work", "--config"]).arg(file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("3 problems"));
}

#[test]
fn a_missing_secret_or_file_is_said_in_one_line() {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "no-secret", |config| config);
    let mut serve = program(sandbox);
    let output = serve
        .args(["serve", "--with-work", "--config"])
        .arg(file)
        .env_remove("COUNTERSIGN_OIDC_CLIENT_SECRET")
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("COUNTERSIGN_OIDC_CLIENT_SECRET is not set"));
    let output = program(sandbox).args(["serve", "--config", "/nowhere/countersign.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("/nowhere/countersign.toml: cannot be read"));
}
