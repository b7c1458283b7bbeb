//! The clients as the console makes them: from the variables and profiles of its process alone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use countersign_aws::certificates::NotYet;
use countersign_aws::{Aws, Error, Process, Settings};
use domain::{AuthorityArn, RevocationReason};

use crate::support::Place;

const AUTHORITY: &str = "COUNTERSIGN_TEST_AUTHORITY";
const SETTINGS: &str = "COUNTERSIGN_TEST_SETTINGS";

/// A profile that takes on a role, as the worker's does where it has no keys: with credentials of its own and of STS.
const ROLE: &str = "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/countersign-revoke\nsource_profile = executor\n";

/// A process of its own, as the variables of this one are not ours to set.
#[tokio::test(flavor = "multi_thread")]
async fn the_environment_names_endpoints_and_the_profile_the_executor() {
    let place = Place::new().await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "environment::child", "--ignored"]).envs(&place.description().env);
    let profiles = std::fs::read_to_string(&place.description().env["AWS_CONFIG_FILE"]).unwrap();
    let file = place.file("profiles", &format!("{profiles}\n{ROLE}"));
    child.env("AWS_CONFIG_FILE", file).env("AWS_ENDPOINT_URL_STS", token_service(&place));
    child.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION");
    child.env(AUTHORITY, place.authority().as_str());
    child.env(SETTINGS, serde_json::to_string(place.aws().settings()).unwrap());
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
#[ignore = "it needs the environment that the test above gives it"]
async fn child() {
    let authority: AuthorityArn = std::env::var(AUTHORITY).unwrap().parse().unwrap();
    let settings: Settings = serde_json::from_str(&std::env::var(SETTINGS).unwrap()).unwrap();
    let revoke = async |profile: Option<&str>| {
        let process = Process::Worker { executor_profile: profile.map(str::to_owned) };
        let aws = Aws::load(Settings { process, ..settings.clone() }).await;
        aws.describe_authority(&authority).await.unwrap();
        let revoked =
            aws.revoke_certificate(&authority, "0badc0de".parse().unwrap(), RevocationReason::Superseded);
        revoked.await.map_err(NotYet::error)
    };
    let web = Aws::load(Settings { process: Process::Web, ..settings.clone() }).await;
    let serial = "0badc0de".parse().unwrap();
    let refused = web.revoke_certificate(&authority, serial, RevocationReason::Superseded).await;
    let error = refused.expect_err("the web process has nothing that revokes").to_string();
    assert!(error.contains("the web process"), "{error}");
    revoke(Some("executor")).await.unwrap();
    revoke(Some("role")).await.unwrap();
    assert!(matches!(revoke(None).await, Err(Error::Denied { .. })), "the process itself revokes nothing");
    let nobody = revoke(Some("no-such-profile")).await;
    let error = nobody.expect_err("not the process's own credentials");
    assert!(
        matches!(error, Error::Unavailable { .. }) && error.to_string().contains("no-such-profile"),
        "{error}"
    );
}

/// Gives the executor's keys to whoever asks for a role; answers once.
fn token_service(place: &Place) -> String {
    let keys = place.description().access_keys.iter().find(|key| key.profile == "executor").unwrap();
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>token</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        keys.access_key_id, keys.secret_access_key
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8192];
        assert!(stream.read(&mut request).unwrap() > 0);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nconnection: close\r\n";
        write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    format!("http://{address}")
}
