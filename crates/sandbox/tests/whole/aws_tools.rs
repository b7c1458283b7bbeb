//! Unmodified boto3 and `aws cloudtrail validate-logs`, which is told no more than the trail's ARN, against the trail: AWS's own validation finds the damage that
//! was done, and nothing else. See `../boto3/trail.py`.

use std::process::Command;

use sandbox::{Options, Sandbox};

use crate::python::{run, virtual_environment};
use crate::support::{Directory, small};

#[tokio::test(flavor = "multi_thread")]
async fn aws_own_validation_finds_the_damage_and_nothing_else() {
    let programs = tokio::task::spawn_blocking(virtual_environment).await.unwrap();
    let directory = Directory::new();
    let sandbox = Sandbox::start(Options { devices: 3, ..small(&directory) }).await.unwrap();
    let description = sandbox.description();
    let mut python = Command::new(programs.join("python"));
    python
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boto3/trail.py"))
        .envs(&description.env)
        .env("AWS_DEFAULT_REGION", &description.region)
        .env("PATH", programs)
        .env("BUCKET", &description.buckets.trail)
        .env("TRAIL_ARN", &description.trail_arn);
    tokio::task::spawn_blocking(move || run(&mut python)).await.unwrap();
    sandbox.shutdown().await;
}
