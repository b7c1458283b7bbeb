//! `countersign check` and what it says about a configuration that cannot work; `countersign init`.

use std::process::Output;
use std::sync::{Arc, Mutex};

use sandbox::Description;
use serde_json::json;

use crate::harness::{configuration, own_sandbox, program, scratch, shared};
use crate::stub::Provider;

fn check(name: &str, change: impl FnOnce(String) -> String) -> (Output, String) {
    check_in(&shared().sandbox, name, change)
}

fn check_in(sandbox: &Description, name: &str, change: impl FnOnce(String) -> String) -> (Output, String) {
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
    for resource in [
        "table countersign",
        "authority devices",
        "CRL of devices in s3://countersign-crl/crl/",
        "CRL of gateways",
        "OCSP of devices",
        "identity provider",
        "profile executor",
        "schedule of devices: 0 3 1 * *, next 20",
        "trail in s3://",
    ] {
        assert!(said.contains(&format!("ok      {resource}")), "{resource} was not tried: {said}");
    }
}

/// Credentials that may have certificates issued, and nothing else.
#[test]
fn of_each_refused_call_the_missing_statement_is_given() {
    let (output, said) = check("check-refused-calls", |config| {
        config.replace("executor_profile = \"executor\"", "executor_profile = \"field-service\"")
    });
    assert_eq!(output.status.code(), Some(1), "{said}");
    for authority in &shared().sandbox.authorities {
        let (_, after) =
            said.split_once(&format!("PROBLEM profile field-service for {}\n", authority.name)).expect(&said);
        let (_, statement) = after
            .split_once("Missing: acm-pca:DescribeCertificateAuthority. Add to the identity-based policy:\n")
            .expect(&said);
        let statement = &statement[..statement.find("\n    }").expect(&said) + 6];
        let statement: serde_json::Value = serde_json::from_str(statement).unwrap();
        let wanted = json!({
            "Effect": "Allow", "Action": ["acm-pca:DescribeCertificateAuthority"], "Resource": [authority.arn]
        });
        assert_eq!(statement, wanted);
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

#[tokio::test]
async fn an_authority_that_publishes_no_revocations_is_told_of() {
    let sandbox = own_sandbox("unpublished");
    let off = json!({ "CrlConfiguration": { "Enabled": false }, "OcspConfiguration": { "Enabled": false } });
    let key = sandbox.access_keys.iter().find(|key| key.profile == "administrator").unwrap();
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let update = reqwest::Client::builder().no_proxy().build().unwrap().post(&sandbox.endpoints.acm_pca);
    let update = update
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={}/-", key.access_key_id))
        .header("x-amz-target", "ACMPrivateCA.UpdateCertificateAuthority")
        .json(
            &json!({ "CertificateAuthorityArn": sandbox.authorities[1].arn, "RevocationConfiguration": off }),
        );
    let updated = update.send().await.unwrap();
    assert!(updated.status().is_success(), "{}", updated.text().await.unwrap());
    let (output, said) = check_in(&sandbox, "check-unpublished", |config| config);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("WARNING authority gateways has neither CRL nor OCSP\n"), "{said}");
    assert!(said.contains("proven by the next report alone"), "{said}");
    assert!(!said.contains("authority devices has neither"), "{said}");
}

#[test]
fn a_provider_that_may_not_prove_a_fresh_sign_in_is_told_of() {
    let own = &shared().sandbox.oidc.issuer;
    let sandbox = format!("identity provider {}", own.as_str());
    assert!(!check("check-sandbox", |config| config).1.contains(&format!("WARNING {sandbox}")));
    let (silent, without) = (Provider::start(), Provider::start());
    without.claims_supported(&["sub", "name"]);
    for (provider, why) in [(silent, "does not say which claims"), (without, "does not list auth_time")] {
        let change = |config: String| config.replace(&format!("{own:?}"), &format!("{:?}", provider.issuer));
        let (output, said) = check("check-fresh", change);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(&format!("WARNING identity provider {}\nIt {why}", provider.issuer)), "{said}");
        assert!(said.contains("nobody can approve or reject"), "{said}");
    }
}

#[test]
fn a_test_notification_is_sent_when_it_is_asked_for_and_only_then() {
    let (receiver, sandbox) = (Receiver::start(), &shared().sandbox);
    let run = |name: &str, webhook: &str, arguments: &[&str]| {
        let of_sandbox = format!("address = {:?}", sandbox.notifications.webhook);
        let file = configuration(sandbox, name, |config| match webhook {
            "" => {
                config.split("[[notify]]").next().unwrap().to_owned()
                    + &config[config.find("[trail]").unwrap()..]
            }
            webhook => config.replace(&of_sandbox, &format!("address = {webhook:?}")),
        });
        let mut program = program(sandbox);
        if webhook.is_empty() {
            program.env_remove("COUNTERSIGN_NOTIFY_SECRETS");
        }
        let output = program.arg("check").args(arguments).arg("--config").arg(file).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let at = |path: &str| format!("http://{}{path}?token=T0K3N", receiver.address);
    let (good, said) = run("check-quiet", &at("/good"), &[]);
    assert!(good && said.contains("ok      channel everything (Webhook, 127.0.0.1:"), "{said}");
    assert!(said.contains("ok      channel mail (E-mail, 127.0.0.1)"), "{said}");
    assert!(receiver.came.lock().unwrap().is_empty(), "nobody asked for it");
    let (good, said) = run("check-test", &at("/good"), &["--send-test"]);
    assert!(good && said.contains("ok      test notification to everything (Webhook, 127.0.0.1:"), "{said}");
    assert!(said.contains("ok      test notification to mail (E-mail, 127.0.0.1)"), "{said}");
    let came = receiver.came.lock().unwrap().clone();
    let body: serde_json::Value = serde_json::from_str(&came[0]).unwrap();
    assert_eq!((came.len(), &body["kind"]), (1, &"test".into()));
    assert!(body["text"].as_str().unwrap().contains("This is a test"), "{body}");
    assert!(
        said.contains("ok      test notification to topic (SNS topic, sns.eu-central-1: pki-alerts)"),
        "{said}"
    );
    let told = told(&sandbox.notifications.webhook);
    assert!(told.contains(&format!(
        "Topic: {}\nSubject: [Countersign] LOW: This is a test",
        sandbox.notifications.topic
    )));
    assert!(told.contains("From: Countersign <countersign@sandbox.example>"), "{told}");

    let (good, said) = run("check-refused", &at("/gone"), &["--send-test"]);
    assert!(!good && said.contains("PROBLEM test notification to everything"), "{said}");
    assert!(said.contains("It answered 404 Not Found.") && !said.contains("T0K3N"), "{said}");
    let (good, said) = run("check-nowhere", "", &["--send-test"]);
    assert!(!good && said.contains("No channel is configured"), "{said}");
}

#[test]
fn a_channel_without_its_secret_starts_nothing() {
    let sandbox = &shared().sandbox;
    let file = configuration(sandbox, "no-notify-secret", |config| config);
    for (secrets, why) in [
        ("", "has no secret for the channel everything"),
        ("{\"everything\": \"S3CR3T\"}", "is shorter than 32 characters"),
        ("{\"elsewhere\": \"S3CR3T\"}", "names \"elsewhere\", which is none of [[notify]]"),
    ] {
        let mut check = program(sandbox);
        let check = check.env("COUNTERSIGN_NOTIFY_SECRETS", secrets).arg("check").arg("--config").arg(&file);
        let said = String::from_utf8(check.output().unwrap().stdout).unwrap();
        assert!(said.contains(why) && !said.contains("S3CR3T"), "{said}");
        let mut work = program(sandbox);
        let work = work.env("COUNTERSIGN_NOTIFY_SECRETS", secrets).args(["work", "--config"]).arg(&file);
        let output = work.output().unwrap();
        assert!(!output.status.success() && String::from_utf8(output.stderr).unwrap().contains(why));
    }
}

/// What the sandbox's receiver has taken.
fn told(url: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Takes what is posted to `/good`, and knows nothing else.
struct Receiver {
    address: std::net::SocketAddr,
    came: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, came) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default());
        let kept = came.clone();
        let take = axum::routing::post(move |body: String| async move { kept.lock().unwrap().push(body) });
        let router = axum::Router::new().route("/good", take);
        std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
            });
        });
        Self { address, came }
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
fn a_first_configuration_is_shown_then_written_and_the_table_is_told_before_it_is_made() {
    let sandbox = &shared().sandbox;
    let file = scratch("init-first").join("first.toml");
    let run = |more: &[&str]| {
        let output = program(sandbox).arg("init").arg("--config").arg(&file).args(more).output().unwrap();
        let said = [output.stdout.clone(), output.stderr.clone()].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let (good, said) = run(&["--issuer", &sandbox.oidc.issuer]);
    assert!(!good && said.contains("--authority: ") && said.contains("--report-bucket: "), "{said}");
    let answers = [
        ["--authority", &sandbox.authorities[0].arn],
        ["--report-bucket", &sandbox.buckets.reports],
        ["--inventory-table", &sandbox.tables.inventory],
        ["--console-table", "first-by-init"],
        ["--issuer", "https://idp.example"],
    ]
    .concat();
    let (good, shown) = run(&[&answers[..], &["--dry-run"]].concat());
    assert!(good && shown.contains("console = \"first-by-init\"") && !file.exists(), "{shown}");
    let (good, said) = run(&[&answers[..], &["--authority", "arn:aws:s3:::no"]].concat());
    assert!(!good && said.contains("not an ARN of a private CA") && !file.exists(), "{said}");
    let (good, said) = run(&answers);
    assert!(good && said.starts_with("Wrote "), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), shown);

    let (good, said) = run(&["--dry-run"]);
    assert!(good && said.contains("to do   There is no table first-by-init."), "{said}");
    assert!(said.contains(&format!("s3://{}/audit-report/", sandbox.buckets.reports)), "{said}");
    assert!(run(&[]).1.contains("Created the table first-by-init."));
    assert!(run(&["--dry-run"]).1.contains("init does nothing"));
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
