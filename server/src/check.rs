//! `countersign check`: everything that is wrong with the configuration, then one try of each resource that it names.

mod findings;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use console::{Clock, Responder, TrailSettings};
use countersign_aws::authorities::{AuthorityDetails, CrlKind};
use countersign_aws::{Account, Aws};
use domain::notify::ChannelKind;
use domain::{Timestamp, foreign};
use feeds::policy;
use futures::StreamExt;
use tlog::PublicKey;

use crate::config::{self, Config, PublicUrl};
use crate::parts;
use crate::sign_in::Provider;
use findings::Findings;

/// Who writes audit reports.
const PRIVATE_CA: &str = "acm-pca.amazonaws.com";

/// How many of the next runs of an authority are told.
const NEXT_TIMES: usize = 3;

const GROUPS_ELSEWHERE: &str = "Its ID tokens list no groups (oidc.groups_only_in_userinfo): that somebody is an approver is what signing in saw, and not signed.\n    Have it put the groups into the ID token if it can. docs/PROVIDERS.md says how.";

/// Prints a line for each thing that was tried. Fails only if it cannot print.
///
/// `send_test`: sends a test to each channel as well.
pub async fn check(file: &Path, send_test: bool) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    let config = match Config::read(file) {
        Ok(config) => config,
        Err(problems) => {
            findings.problem("configuration", &problems)?;
            if let Err(error) = config::client_secret() {
                findings.problem("secret", error)?;
            }
            return findings.end();
        }
    };
    findings.good(&format!("configuration {}", file.display()))?;
    findings.account = Some(Account {
        partition: config.authorities.first().map_or("aws", |one| one.arn.partition()).to_owned(),
        region: config.aws.region.clone(),
        number: config.aws.account.clone(),
    });
    findings.tried("data directory", data_dir(&config.server.data_dir))?;
    let aws = parts::worker(&config).await;
    findings.table(&config.console_table, aws.check_console_table().await)?;
    findings.table(&config.inventory.table, aws.check_inventory_table().await)?;
    authorities(&config, &aws, &mut findings).await?;
    schedules(&config, Clock::system().now(), &mut findings)?;
    let buckets: BTreeSet<&str> = config.authorities.iter().map(|one| one.report_bucket.as_str()).collect();
    for bucket in buckets {
        let policy = aws.bucket_policy(bucket).await.map_err(|error| findings.explained(&error));
        let policy =
            policy.and_then(|policy| others(policy, |policy| policy::other_writers(policy, PRIVATE_CA)));
        let of = Kept {
            what: "a report",
            lock: " Lock a bucket that AWS Private CA can still write to, or copy the reports to one that is locked.",
            policy: policy.map(|shown| {
                shown.map(|shown| {
                    format!("Its policy lets others than AWS Private CA write or delete: {shown}.")
                })
            }),
        };
        keeps_evidence(bucket, of, &aws, &mut findings).await?;
    }
    ledger(&config, &aws, &mut findings).await?;
    if let Some(trail) = &config.trail {
        trail_delivers(trail, &aws, &mut findings).await?;
    }
    // Nothing is registered or sent but what is asked for: which address people know matters to nobody else.
    let url = config.server.public_url.clone();
    let url = Arc::new(url.unwrap_or_else(|| PublicUrl::local(config.server.listen.port())));
    channels(&config, url.clone(), send_test.then_some(&aws), &mut findings).await?;
    match config::client_secret() {
        Err(error) => findings.problem("secret", error)?,
        Ok(secret) => {
            let asked = async {
                let provider = Provider::new(config.oidc.clone(), secret, &url, Clock::system())?;
                provider.knowledge.refresh().await?;
                provider.fault().map_err(anyhow::Error::msg)?;
                anyhow::Ok(provider.lacks())
            };
            let named = format!("identity provider {}", config.oidc.issuer.as_str());
            let asked = asked.await;
            if let Ok(Some(lacking)) = asked {
                findings.warning(&named, lacking)?;
            }
            if config.oidc.groups_only_in_userinfo {
                findings.warning(&named, GROUPS_ELSEWHERE)?;
            }
            findings.tried(&named, asked.map_err(|error| format!("{error:#}")))?;
        }
    }
    findings.end()
}

async fn authorities(config: &Config, aws: &Aws, findings: &mut Findings) -> std::io::Result<()> {
    for authority in &config.authorities {
        let named = format!("authority {}", authority.name);
        match aws.describe_authority(&authority.arn).await {
            Ok(details) if matches!(details.status.as_str(), "ACTIVE" | "DISABLED") => {
                findings.good(&named)?;
                published(authority, &details, config, aws, findings).await?;
            }
            Ok(details) => {
                let status = details.status;
                let advice = "it makes no reports and revokes nothing. Remove it from the file.";
                findings.problem(&named, format_args!("It is {status}: {advice}"))?;
            }
            Err(error) => findings.refused(&named, &error)?,
        }
        let reports = aws.latest_report(&authority.report_bucket, &authority.arn.id()).await;
        findings.called(&format!("reports of {} in {}", authority.name, authority.report_bucket), reports)?;
        if let Some(profile) = &config.aws.executor_profile {
            let executor = aws.describe_authority_as_executor(&authority.arn).await;
            findings.called(&format!("profile {profile} for {}", authority.name), executor)?;
        }
    }
    Ok(())
}

/// When the next runs are made by themselves.
fn schedules(config: &Config, now: Timestamp, findings: &mut Findings) -> std::io::Result<()> {
    for authority in &config.authorities {
        let named = format!("schedule of {}", authority.name);
        let Some(plan) = config.schedules.of(&authority.arn.id()) else {
            findings.good(&format!("{named}: never"))?;
            continue;
        };
        let times = std::iter::successors(plan.after(now), |last| plan.after(*last));
        let times: Vec<String> = times.take(NEXT_TIMES).map(Timestamp::absolute).collect();
        findings.good(&format!("{named}: {}, next {}", plan.cron, times.join(", ")))?;
    }
    Ok(())
}

/// Unless it is asked for, nothing is sent: whoever is told believes it. `testing`: with what it is sent to topics.
async fn channels(
    config: &Config,
    url: Arc<PublicUrl>,
    testing: Option<&Aws>,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let settings = match parts::notify(config, url) {
        Ok(settings) => settings,
        Err(error) => return findings.problem("secrets of channels", format!("{error:#}")),
    };
    if testing.is_some() && settings.channels.is_empty() {
        let none = "No channel is configured, so nobody is told.\n    Write one as [[notify]]; countersign.example.toml shows how.";
        return findings.problem("test notification", none);
    }
    for channel in &settings.channels {
        let named = format!("{} ({}, {})", channel.name, channel.kind.label(), channel.host);
        let Some(aws) = testing else {
            findings.good(&format!("channel {named}"))?;
            continue;
        };
        let remedy = match channel.kind {
            ChannelKind::Sns => {
                "Compare its [[notify]], and let this role publish to it (docs/OPERATING.md)."
            }
            _ => "Compare its [[notify]] and its secret with what its receiver gave you.",
        };
        let sent = settings.send_test(channel, aws, Clock::system().now()).await;
        let sent = sent.map_err(|problem| format!("{problem}\n    {remedy}"));
        findings.tried(&format!("test notification to {named}"), sent)?;
    }
    Ok(())
}

/// The log that the ledger is made into: what signs it, what was signed last, and whether its bucket keeps it.
async fn ledger(config: &Config, aws: &Aws, findings: &mut Findings) -> std::io::Result<()> {
    let Some(settings) = &config.ledger else {
        return findings.warning(
            "no ledger's log",
            "Whoever writes the console's table can change the ledger unnoticed. Configure [ledger].",
        );
    };
    match &settings.signer {
        None => {}
        Some(config::Signer::File(file)) => {
            findings.tried("key that signs the ledger", parts::signer(file, settings))?;
        }
        Some(config::Signer::Kms(key)) => {
            let public = aws.kms_public_key(key).await.map_err(|error| findings.explained(&error));
            let public = public.and_then(|der| {
                let public = PublicKey::from_der(settings.origin(), &der).map_err(|error| error.to_string())?;
                match settings.keys.contains(&public) {
                    true => Ok(()),
                    false => Err(format!(
                        "Its public half is not in ledger.keys, so that nobody could verify what it signs.\n    \
                         Add {public} there; keep the keys that signed before."
                    )),
                }
            });
            findings.tried(&format!("key that signs the ledger, {key}"), public)?;
        }
    }
    let log = parts::ledger_settings(settings, None).log(aws);
    let read = log.checkpoint().await.map_err(|error| error.trace());
    let read =
        read.and_then(|read| read.map_err(|why| format!("Its checkpoint is not to be believed: {why}.")));
    findings.tried(&format!("log of the ledger in {}", log.files), read)?;
    let policy = aws.bucket_policy(&settings.bucket).await.map_err(|error| findings.explained(&error));
    let policy = policy.and_then(|policy| others(policy, policy::removers));
    let of = Kept {
        what: "a file of the log",
        lock: " Make one with Object Lock: it cannot be switched on without a retention for what is there.",
        policy: policy
            .map(|shown| shown.map(|shown| format!("Its policy lets these remove what is in it: {shown}."))),
    };
    keeps_evidence(&settings.bucket, of, aws, findings).await
}

/// Whom a bucket's policy lets do what nobody should, if anybody.
fn others(
    policy: Option<String>,
    who: impl Fn(&str) -> Result<Vec<String>, serde_json::Error>,
) -> Result<Option<String>, String> {
    let named = who(policy.as_deref().unwrap_or("{}")).map_err(|error| error.to_string())?;
    Ok((!named.is_empty()).then(|| foreign::short_line(&named.join(", "), 1000)))
}

/// What a bucket is to keep, in words.
struct Kept {
    what: &'static str,
    /// What to do where nothing is locked.
    lock: &'static str,
    /// Whom its policy lets do what nobody should, or why that could not be read.
    policy: Result<Option<String>, String>,
}

/// Whether what is written into the bucket stays what it is. What is wrong here stops nothing.
async fn keeps_evidence(bucket: &str, of: Kept, aws: &Aws, findings: &mut Findings) -> std::io::Result<()> {
    let named = format!("bucket {bucket}");
    let Kept { what, lock, policy } = of;
    let versions = aws.keeps_versions(bucket).await.map_err(|error| findings.explained(&error));
    let locks = aws.locks_objects(bucket).await.map_err(|error| findings.explained(&error));
    let unread = |what: &str, why: &str| format!("{what} could not be read: {why}");
    let warnings = [
        match &versions {
            Ok(true) => None,
            Ok(false) => Some(format!(
                "It keeps no versions: {what} that somebody overwrites is lost. Switch versioning on."
            )),
            Err(why) => Some(unread("Whether it keeps versions", why)),
        },
        match &locks {
            Ok(true) => None,
            Ok(false) => {
                Some(format!("It has no Object Lock: whoever may delete can remove {what} for good.{lock}"))
            }
            Err(why) => Some(unread("Whether it has Object Lock", why)),
        },
        match policy {
            Ok(warning) => warning,
            Err(why) => Some(unread("Its policy", &why)),
        },
    ];
    let warnings: Vec<String> = warnings.into_iter().flatten().collect();
    match warnings.is_empty() {
        true => findings.good(&named),
        false => findings.warning(&named, &warnings.join("\n")),
    }
}

/// Where revocations of the authority show, and whether that can be read.
async fn published(
    authority: &config::Authority,
    details: &AuthorityDetails,
    config: &Config,
    aws: &Aws,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let name = &authority.name;
    if let Some(place) = &details.crl {
        let (CrlKind::Complete { key: prefix } | CrlKind::Partitioned { prefix }) = &place.kind;
        let listed = aws.list_objects(&place.bucket, prefix).next().await.transpose();
        findings.called(&format!("CRL of {name} in {}", place.url()), listed)?;
    }
    match &details.ocsp {
        Some(place) => {
            let named = format!("OCSP of {name}");
            match aws.authority_certificate(&authority.arn).await {
                Err(error) => findings.refused(&named, &error)?,
                Ok(issuer) => {
                    let tried = async {
                        let responder = Responder::new(config.oidc.allow_sandbox_sign_in)?;
                        let now = Clock::system().now();
                        responder.try_out(place, &issuer.pem, now).await.map_err(anyhow::Error::msg)
                    };
                    findings.tried(&named, tried.await)?;
                }
            }
        }
        None if details.crl.is_none() => findings.warning(
            &format!("authority {name} has neither CRL nor OCSP"),
            "Nobody who checks its certificates learns that one is revoked; revocations are proven by the next report alone.",
        )?,
        None => (),
    }
    Ok(())
}

/// Whether there is something to read for each account and Region.
async fn trail_delivers(trail: &TrailSettings, aws: &Aws, findings: &mut Findings) -> std::io::Result<()> {
    let organization = trail.organization.iter().map(|id| format!("{id}/")).collect::<String>();
    for account in &trail.accounts {
        for region in &trail.regions {
            let prefix = format!("{}AWSLogs/{organization}{account}/CloudTrail/{region}/", trail.prefix);
            let first = aws.list_objects(&trail.bucket, &prefix).next().await;
            let named = format!("trail in s3://{}/{prefix}", trail.bucket);
            match first {
                Some(found) => findings.called(&named, found)?,
                None => findings.problem(
                    &named,
                    "No log file is there. Compare prefix, organization, accounts and regions with the trail's own \
                     settings; a new trail delivers its first file within about 15 minutes.",
                )?,
            }
        }
    }
    Ok(())
}

fn data_dir(directory: &Path) -> std::io::Result<()> {
    let probe = directory.join(".countersign-check");
    std::fs::create_dir_all(directory)?;
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}
