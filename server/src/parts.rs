//! What configuration becomes: the connection to AWS, and what the console and the workers are made of.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use app::paths;
use console::{
    AlertSettings, AuthoritySettings, Channel, Clock, LedgerSettings, Mail, NotifySettings, Parts,
    ReconcileSettings, RevocationSettings, Signer, Way,
};
use countersign_aws::{Aws, InventorySettings, Process, Settings};
use domain::ledger::About;
use domain::views;
use identity::Keys;
use tlog::SigningKey;

use crate::config::{self, Config, NotifySecrets, PublicUrl, To, WebAddress, read_controls};

/// How long after the last revocation CRL and OCSP may take: AWS says about 30 minutes for a CRL, of which it tries a failed
/// update again every 15, and up to 60 for OCSP (AWS Private CA User Guide, "Plan your certificate revocation method").
const CRL_DEADLINE: Duration = Duration::from_secs(60 * 60);
const CRL_INTERVAL: Duration = Duration::from_secs(60);
/// Nobody waits half an hour for the sandbox's.
const SANDBOX_CRL_INTERVAL: Duration = Duration::from_secs(2);

/// The web process's connection, with credentials found as by every AWS program.
pub async fn web(config: &Config) -> Aws {
    aws(config, Process::Web).await
}

/// The worker's connection, and the command line's.
pub async fn worker(config: &Config) -> Aws {
    aws(config, Process::Worker { executor_profile: config.aws.executor_profile.clone() }).await
}

async fn aws(config: &Config, process: Process) -> Aws {
    Aws::load(Settings {
        process,
        region: config.aws.region.clone(),
        console_table: config.console_table.clone(),
        inventory: InventorySettings {
            table: config.inventory.table.clone(),
            attributes: config.inventory.attributes.clone(),
        },
    })
    .await
}

/// What people may see of the configuration.
fn settings(config: &Config) -> views::Settings {
    // "AWS_ENDPOINT_URL" for all services, "AWS_ENDPOINT_URL_S3" for one (AWS SDKs and Tools Reference Guide,
    // "Service-specific endpoints"). On this machine nobody has AWS; elsewhere it may be an endpoint of one's own network.
    let is_here = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        let here = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
        name.starts_with("AWS_ENDPOINT_URL") && here.iter().any(|here| value.starts_with(here))
    };
    views::Settings {
        environment: config.server.environment.clone(),
        place: format!("{} · {}", config.aws.account, config.aws.region),
        sandbox: std::env::vars_os().any(is_here),
        mode: config.revocation.mode,
        policy: config.policy.clone(),
    }
}

/// What the console and the workers are made of. `records`: the file in the data directory for this process's copy of the
/// records.
///
/// # Errors
/// The data directory cannot be made.
pub fn parts(config: &Config, aws: Aws, clock: Clock, records: &str) -> anyhow::Result<Parts> {
    let authority = |authority: &crate::config::Authority| AuthoritySettings {
        authority: views::Authority { arn: authority.arn.clone(), name: authority.name.clone() },
        report_bucket: authority.report_bucket.clone(),
        known_cas: authority.known_cas.clone(),
    };
    std::fs::create_dir_all(&config.server.data_dir).map_err(|error| {
        let directory = config.server.data_dir.display();
        anyhow::anyhow!(
            "server.data_dir {directory} cannot be made: {error}. Name one that the server may write to."
        )
    })?;
    let settings = settings(config);
    let crl_interval = if settings.sandbox { SANDBOX_CRL_INTERVAL } else { CRL_INTERVAL };
    Ok(Parts {
        aws,
        authorities: config.authorities.iter().map(authority).collect(),
        settings,
        reconcile: ReconcileSettings {
            grace: config.reconcile.grace,
            expired_after: config.reconcile.expired_after,
            report_max_age: config.reconcile.report_max_age,
            rescan: config.reconcile.rescan,
            read_model: Some(config.server.data_dir.join(records)),
        },
        schedules: config.schedules.clone(),
        revocation: RevocationSettings {
            paused: config.revocation.paused,
            rate: config.revocation.rate,
            crl_deadline: CRL_DEADLINE,
            crl_interval,
        },
        trail: config.trail.clone(),
        issuers: config.issuers.clone(),
        alerts: AlertSettings {
            denied: config.alerts.denied,
            denied_within: config.alerts.denied_within,
            burst: config.alerts.burst,
            burst_within: config.alerts.burst_within,
        },
        notify: NotifySettings { channels: channels(config, None)?, ..NotifySettings::default() },
        ledger: ledger(config)?,
        controls: Arc::new(read_controls(config.controls.as_deref())?),
        clock,
    })
}

/// The log of the ledger; with what signs it where the configuration names that.
fn ledger(config: &Config) -> anyhow::Result<Option<LedgerSettings>> {
    let Some(ledger) = &config.ledger else { return Ok(None) };
    let signer = match &ledger.signer {
        None => None,
        Some(config::Signer::File(file)) => Some(Signer::File(Box::new(signer(file, ledger)?))),
        Some(config::Signer::Kms(key)) => Some(Signer::Kms(key.clone())),
    };
    Ok(Some(ledger_settings(ledger, signer)))
}

/// The log, and what signs it.
pub fn ledger_settings(ledger: &config::Ledger, signer: Option<Signer>) -> LedgerSettings {
    LedgerSettings {
        bucket: ledger.bucket.clone(),
        prefix: ledger.prefix.clone(),
        origin: ledger.origin().to_owned(),
        keys: ledger.keys.clone(),
        witnesses: ledger.witnesses.clone(),
        signer,
    }
}

/// The key that signs the log.
///
/// # Errors
/// The file cannot be read, or its key is not one of the log's.
pub fn signer(file: &Path, ledger: &config::Ledger) -> anyhow::Result<SigningKey> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("ledger.key_file {name}"))?;
    let key: SigningKey = text.parse().with_context(|| format!("ledger.key_file {name}"))?;
    if !ledger.keys.contains(key.public()) {
        anyhow::bail!(
            "ledger.key_file {name}: its public half is not in ledger.keys, so that nobody could verify what it signs\n    \
             Add {} there; keep the keys that signed before.",
            key.public()
        );
    }
    Ok(key)
}

/// Through what people are told, for the process that sends. `public_url`: where people find the console.
///
/// # Errors
/// A secret is missing.
pub fn notify(config: &Config, public_url: Arc<PublicUrl>) -> anyhow::Result<NotifySettings> {
    let secrets = NotifySecrets::read(&config.notify)?;
    let page = move |about: Option<&About>| {
        public_url.at(&match about {
            Some(About::Finding(id)) => paths::finding(id),
            Some(About::Request(id)) => paths::revocation(id),
            Some(About::Incident(id)) => paths::incident(id),
            Some(About::Run(_) | About::Certificate(..)) | None => paths::OVERVIEW.to_owned(),
        })
    };
    Ok(NotifySettings { channels: channels(config, Some(&secrets))?, page: Arc::new(page) })
}

/// Without secrets: for pages alone.
fn channels(config: &Config, secrets: Option<&NotifySecrets>) -> anyhow::Result<Vec<Channel>> {
    let channel = |channel: &config::Channel| {
        anyhow::Ok(Channel {
            name: channel.name.clone(),
            kind: channel.kind(),
            host: channel.host(),
            route: channel.route.clone(),
            way: secrets.map(|secrets| way(channel, secrets)).transpose()?,
        })
    };
    config.notify.iter().map(channel).collect()
}

fn way(channel: &config::Channel, secrets: &NotifySecrets) -> anyhow::Result<Way> {
    let secret = secrets.of(channel)?;
    let whole = |address: &WebAddress| {
        let named = |why| anyhow::anyhow!("The address of the channel {} {why}.", channel.name);
        address.with(secret.unwrap_or_default()).map_err(named)
    };
    Ok(match &channel.to {
        To::Webhook(address) => Way::Webhook(whole(address)?, secret.unwrap_or_default().as_bytes().into()),
        To::Slack(address) => Way::Slack(whole(address)?),
        To::Teams(address) => Way::Teams(whole(address)?),
        To::Email(email) => Way::Email(Arc::new(Mail {
            host: email.server.host.clone(),
            port: email.server.port,
            encryption: email.server.encryption,
            credentials: email.user.clone().zip(secret.map(str::to_owned)),
            from: email.from.clone(),
            to: email.to.clone(),
        })),
        To::Sns(topic) => Way::Sns(topic.clone()),
    })
}

/// The identity provider's keys, as this process sees them itself.
///
/// # Errors
/// The file in which they are kept is damaged, or the data directory cannot be made.
pub fn keys(config: &Config) -> anyhow::Result<Arc<Keys>> {
    let directory = &config.server.data_dir;
    Ok(Arc::new(Keys::open(
        config.oidc.clone(),
        config.roles.clone(),
        Some(directory.join("provider-keys.json")),
    )?))
}
