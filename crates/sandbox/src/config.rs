//! The configuration of the console's two processes for this sandbox: `countersign.toml` and `worker.toml`, the credentials
//! file, the environment.

use std::collections::BTreeMap;
use std::path::Path;

use crate::clients::{Endpoints, local};
use crate::description::{Description, Oidc};
use crate::keys::{AccessKey, REGION, Role};
use crate::state::State;
use crate::{files, oidc, told};

/// The environment of the console, and of any AWS client that is to meet this sandbox.
pub(crate) fn environment(
    data_dir: &Path,
    endpoints: &Endpoints,
    state: &State,
) -> anyhow::Result<BTreeMap<String, String>> {
    let console = state.key(Role::Console)?;
    let file = |name: &str| data_dir.join(name).display().to_string();
    let variables = [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.clone()),
        ("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", endpoints.dynamodb.clone()),
        ("AWS_ENDPOINT_URL_S3", endpoints.s3.clone()),
        ("AWS_ENDPOINT_URL_ACM_PCA", endpoints.acm_pca.clone()),
        ("AWS_ENDPOINT_URL_IAM", endpoints.acm_pca.clone()),
        ("AWS_ENDPOINT_URL_CLOUDTRAIL", endpoints.cloudtrail.clone()),
        ("AWS_ENDPOINT_URL_KMS", endpoints.kms.clone()),
        ("AWS_ENDPOINT_URL_SNS", endpoints.sns.clone()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", console.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", console.secret_access_key.clone()),
        ("AWS_SHARED_CREDENTIALS_FILE", file(CREDENTIALS)),
        ("AWS_CONFIG_FILE", file(AWS_CONFIG)),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("NO_PROXY", LOOPBACK.to_owned()),
        ("no_proxy", LOOPBACK.to_owned()),
        ("COUNTERSIGN_OIDC_CLIENT_SECRET", state.client_secret.clone()),
        ("COUNTERSIGN_NOTIFY_SECRETS", serde_json::json!({ "everything": told::SECRET }).to_string()),
    ];
    Ok(variables.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The SDK sends even plain HTTP to this machine through HTTP_PROXY, if there is one and nothing forbids it.
const LOOPBACK: &str = "127.0.0.1,localhost";
const CREDENTIALS: &str = "credentials";
/// Empty: a profile of the person who runs the sandbox must not reach the real AWS from here.
const AWS_CONFIG: &str = "aws-config";
/// The name of the ledger's log.
pub(crate) const LOG: &str = "sandbox.example/countersign";

/// Writes the files. `key`: the public one of the ledger's log.
pub(crate) fn write(
    data_dir: &Path,
    description: &Description,
    state: &State,
    key: &str,
) -> anyhow::Result<()> {
    let rescan = rescan(state.devices);
    files::replace(&description.config, toml(data_dir, description, rescan, key, None).as_bytes())?;
    let worker = toml(data_dir, description, rescan, key, Some(Role::Executor.profile()));
    files::replace(&description.worker_config, worker.as_bytes())?;
    files::replace(&data_dir.join(AWS_CONFIG), b"")?;
    let profiles = published(&state.keys).map(|key| {
        format!(
            "[{}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.role.profile(),
            key.access_key_id,
            key.secret_access_key
        )
    });
    files::replace(&data_dir.join(CREDENTIALS), profiles.collect::<Vec<_>>().join("\n").as_bytes())
}

/// Seconds between two scans of the inventory. One of a million takes a minute or more, and both cores of a small machine.
fn rescan(devices: u32) -> u32 {
    (devices / 2_000).max(10)
}

/// The keys that somebody outside the sandbox may hold.
pub(crate) fn published(keys: &[AccessKey]) -> impl Iterator<Item = &AccessKey> {
    keys.iter().filter(|key| key.role.is_published())
}

/// How the console signs people in.
pub(crate) fn sign_in(port: u16) -> Oidc {
    Oidc { issuer: local(port), client_id: oidc::CLIENT_ID.to_owned() }
}

/// `executor`: the profile that revokes, which is the worker's alone.
fn toml(
    data_dir: &Path,
    description: &Description,
    rescan: u32,
    key: &str,
    executor: Option<&str>,
) -> String {
    let Description { region, account, tables, buckets, oidc, console_url, .. } = description;
    let listen = console_url.replace("http://localhost", "127.0.0.1");
    // Each process has its own: the worker believes only what it has seen itself.
    let own = if executor.is_some() { "worker" } else { "console" };
    let data = data_dir.join(own).display().to_string();
    let authorities: String = description
        .authorities
        .iter()
        .map(|authority| {
            format!(
                "\n[[authorities]]\narn = {}\nname = {}\nreport_bucket = {}\n",
                quoted(&authority.arn),
                quoted(&authority.name),
                quoted(&buckets.reports)
            )
        })
        .collect();
    let (notify, trail) = (notify(description), trail(description));
    let kms_key = executor.map(|_| format!("kms_key = {}\n", quoted(&description.ledger_key)));
    let ledger = format!(
        "\n[ledger]\nbucket = {}\nkeys = [{}]\n{}",
        quoted(&buckets.ledger),
        quoted(key),
        kms_key.unwrap_or_default()
    );
    format!(
        r#"# The console's configuration for this sandbox. Written anew at each start; countersign.example.toml
# explains every setting.

[server]
listen = {listen}
public_url = {public_url}
data_dir = {data}
environment = "SANDBOX"
operations_listen = "127.0.0.1:0"

# Everybody here has one address.
[limits]
address = 10000
person = 10000
sign_ins = 100000
refusals = 100000

[aws]
region = {region}
account = {account}
{executor}
[tables]
console = {console}

[inventory]
table = {inventory}

[inventory.attributes]
device = "device_id"
serial = "cert_serial"
issued_at = "issued_at"
expires_at = "expires_at"
revoked_at = "revoked_at"
authority = "ca_arn"
subject = "subject"
revocation_reason = "revocation_reason"
{authorities}
[oidc]
issuer = {issuer}
client_id = {client_id}
groups_claim = "groups"
allow_sandbox_sign_in = true

[roles]
auditor = ["pki-auditors"]
operator = ["pki-operators"]
approver = ["pki-approvers"]

[policy]
request_expiry = "24h"
fresh_sign_in = "15m"

[revocation]
mode = "live"
rate = 20

[reconcile]
grace = "10s"
report_max_age = "10s"
rescan = "{rescan}s"

[[schedule]]
cron = "0 3 1 * *"
{notify}{trail}{ledger}"#,
        listen = quoted(&listen),
        public_url = quoted(console_url),
        data = quoted(&data),
        region = quoted(region),
        account = quoted(account),
        executor =
            executor.map_or_else(String::new, |profile| format!("executor_profile = {}\n", quoted(profile))),
        console = quoted(&tables.console),
        inventory = quoted(&tables.inventory),
        issuer = quoted(&oidc.issuer),
        client_id = quoted(&oidc.client_id),
    )
}

/// Who is told.
fn notify(description: &Description) -> String {
    format!(
        r#"
[[notify]]
name = "everything"
kind = "webhook"
address = {webhook}

[[notify]]
name = "mail"
kind = "email"
server = {mail}
from = "Countersign <countersign@sandbox.example>"
to = ["pki@sandbox.example"]
severity = "high"

[[notify]]
name = "topic"
kind = "sns"
topic = {topic}
severity = "critical"
"#,
        webhook = quoted(&description.notifications.webhook),
        mail = quoted(&description.notifications.mail),
        topic = quoted(&description.notifications.topic),
    )
}

/// Where the trail is, who may issue, and what is worth an alert.
fn trail(description: &Description) -> String {
    format!(
        r#"
[trail]
bucket = {bucket}
prefix = {prefix}
interval = "5s"
delay = "1m"

[[issuers]]
principal = {provisioning}
session = "fleet*"
addresses = ["10.20.0.0/16"]

[alerts]
denied = 5
denied_within = "10m"
"#,
        bucket = quoted(&description.buckets.trail),
        prefix = quoted(&description.trail_prefix),
        provisioning = quoted(&Role::Provisioning.identity().principal()),
    )
}

/// A TOML string. JSON's escapes are a subset of those of TOML's basic strings.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
