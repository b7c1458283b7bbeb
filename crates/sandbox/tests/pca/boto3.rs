//! Unmodified boto3 and AWS CLI against the Private CA endpoint, in real time: `boto3/walk.py` walks every
//! operation, waiter and paginator. The virtual environment is made once, under the build's temporary directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::support::{BUCKET, REGION, World, csr};
use sandbox::pca::Quotas;

const REQUIREMENTS: &str = include_str!("../boto3/requirements.txt");

fn run(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{command:?}\n{}\n{}", text(&done.stdout), text(&done.stderr));
}

/// The directory of the environment's programs.
fn virtual_environment() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boto3-venv");
    let programs = home.join("bin");
    let installed = home.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|known| known == REQUIREMENTS) {
        return programs;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/requirements.txt");
    run(Command::new(programs.join("pip")).args(["install", "--quiet", "--requirement", requirements]));
    std::fs::write(installed, REQUIREMENTS).unwrap();
    programs
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_and_the_cli_walk_every_operation() {
    let programs = tokio::task::spawn_blocking(virtual_environment).await.unwrap();
    let world = World::with(|options| {
        options.issue_delay = Duration::from_millis(300);
        options.report_delay = Duration::from_millis(500);
        options.crl_delay = Duration::from_secs(1);
        options.quotas = Quotas::unlimited().with("GetCertificateAuthorityCertificate", 1);
    })
    .await;
    let requests = Path::new(env!("CARGO_TARGET_TMPDIR")).join(uuid::Uuid::new_v4().to_string());
    std::fs::create_dir_all(&requests).unwrap();
    for number in 0..3 {
        std::fs::write(requests.join(format!("device-{number}.csr")), csr(&format!("device-{number}")))
            .unwrap();
    }
    let mut walk = Command::new(programs.join("python"));
    walk.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/walk.py"))
        .env("PATH", programs)
        .env("AWS_ENDPOINT_URL_ACM_PCA", &world.url)
        .env("AWS_ENDPOINT_URL_S3", &world.s3_url)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "AKIAADMIN")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("BUCKET", BUCKET)
        .env("REQUESTS", &requests);
    tokio::task::spawn_blocking(move || run(&mut walk)).await.unwrap();
    std::fs::remove_dir_all(requests).unwrap();
}
