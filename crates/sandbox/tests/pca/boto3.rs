//! Unmodified boto3 and AWS CLI against the Private CA endpoint, in real time: `boto3/walk.py` walks every
//! operation, waiter and paginator.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::python::{run, virtual_environment};
use super::support::{BUCKET, REGION, World, csr};
use sandbox::pca::Quotas;

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
