//! `[trail]` and `[[issuers]]`: where CloudTrail delivers, and who may have certificates issued.

use std::time::Duration;

use console::TrailSettings;
use domain::trail::{Issuer, Issuers};
use toml::de::DeValue;

use super::aws::Aws;
use super::section::Section;
use super::value::{account, bucket, duration, kms_key, networks, region, some_of, text};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(86_400);

/// `None`: there is no such section, or something about it was reported.
pub(super) fn trail(section: Section<'_>, aws: Option<&Aws>) -> Option<TrailSettings> {
    if section.is_missing() {
        return None;
    }
    let bucket =
        section.required("bucket", "Name the S3 bucket that CloudTrail delivers log files to.", bucket);
    let prefix = section.optional(
        "prefix",
        "Write the trail's S3 key prefix: what is in front of AWSLogs/ in the bucket; leave it out for nothing.",
        prefix,
    );
    let organization = section.optional(
        "organization",
        "Write the organisation's id, such as \"o-exampleorgid\", for an organisation trail; leave it out otherwise.",
        organization,
    );
    let accounts = section.optional(
        "accounts",
        "List the accounts whose events are read; leave it out for aws.account.",
        some_of(account),
    );
    let regions = section.optional(
        "regions",
        "List the Regions whose events are read; leave it out for aws.region.",
        some_of(region),
    );
    let history = section.optional(
        "history",
        "Write how far back the first reading goes, such as \"30d\".",
        duration(HOUR..=3653 * DAY),
    );
    let interval = section.optional(
        "interval",
        "Write how often new log files are looked for, such as \"30s\".",
        duration(SECOND..=HOUR),
    );
    let delay = section.optional(
        "delay",
        "Write how late an event may be in the trail, such as \"1h\".",
        duration(Duration::ZERO..=DAY),
    );
    let kms_key = section.optional(
        "kms_key",
        "Write the ARN of the KMS key that the trail is encrypted with; leave it out where it has none.",
        kms_key,
    );
    section.finish();
    Some(TrailSettings {
        bucket: bucket?,
        kms_key,
        prefix: prefix.unwrap_or_default(),
        organization,
        accounts: accounts.or_else(|| aws.map(|aws| vec![aws.account.clone()]))?,
        regions: regions.or_else(|| aws.map(|aws| vec![aws.region.clone()]))?,
        history: history.unwrap_or(30 * DAY),
        interval: interval.unwrap_or(30 * SECOND),
        delay: delay.unwrap_or(HOUR),
    })
}

/// Empty, or with a slash at its end.
fn prefix(value: &DeValue<'_>) -> Result<String, String> {
    if value.as_str() == Some("") {
        return Ok(String::new());
    }
    let prefix = text(value)?;
    let name = prefix.strip_suffix('/').unwrap_or(&prefix);
    match name {
        _ if name.starts_with('/') || name.split('/').any(|part| matches!(part, "" | "." | "..")) => {
            Err("is not the beginning of keys in a bucket".to_owned())
        }
        _ if name.split('/').any(|part| part == "AWSLogs") => {
            Err("has AWSLogs in it, which CloudTrail writes behind the prefix".to_owned())
        }
        _ => Ok(format!("{name}/")),
    }
}

/// `o-` and letters and digits (Organizations API reference: 10 to 32 of them).
fn organization(value: &DeValue<'_>) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let id = text(value)?;
    let good =
        id.strip_prefix("o-").is_some_and(|rest| (1..=32).contains(&rest.len()) && rest.bytes().all(allowed));
    if good { Ok(id) } else { Err("is not the id of an organisation (o-…)".to_owned()) }
}

/// What is wrong with an entry was reported: then nothing starts, whatever is left out here.
pub(super) fn issuers(root: &Section<'_>) -> Issuers {
    Issuers::new(root.sections("issuers").into_iter().filter_map(issuer).collect())
}

fn issuer(section: Section<'_>) -> Option<Issuer> {
    let named = |value: &DeValue<'_>| Issuer::new(&text(value)?).map_err(|error| format!("is {error}"));
    let service = section.optional(
        "service",
        "Write the name of an AWS service, such as \"acm.amazonaws.com\", whose certificates are meant to be.",
        |value| named(value).ok().filter(Issuer::is_service).ok_or_else(|| "is not the name of an AWS service".to_owned()),
    );
    let entry = service.or_else(|| {
        section.required(
            "principal",
            "Write the ARN of a role with its path, such as \"arn:aws:iam::111122223333:role/service/provisioning\", or of a user.",
            named,
        )
    });
    let session = section.optional(
        "session",
        "Write the name of the role's session; * stands for any text. Leave it out for every session.",
        text,
    );
    let addresses = section.optional(
        "addresses",
        "List networks such as \"10.20.0.0/16\", or leave it out for every address.",
        networks,
    );
    let templates = section.optional(
        "templates",
        "List ARNs such as \"arn:aws:acm-pca:::template/EndEntityCertificate/V1\", or leave it out for every template.",
        some_of(template),
    );
    if let (Some(session), Some(entry)) = (&session, &entry)
        && !entry.principal.contains(":role/")
    {
        let what = format_args!("is {session:?}, but only roles have sessions");
        section.report("session", what, "Remove it, or name a role as the principal.");
    }
    section.finish();
    Some(Issuer {
        session,
        addresses: addresses.unwrap_or_default(),
        templates: templates.unwrap_or_default(),
        ..entry?
    })
}

fn template(value: &DeValue<'_>) -> Result<String, String> {
    let arn = text(value)?;
    let name = arn.strip_prefix("arn:").and_then(|arn| arn.split_once(":acm-pca:::template/"));
    match name {
        Some((partition, name)) if !partition.is_empty() && !name.is_empty() => Ok(arn),
        _ => Err("is not the ARN of a certificate template".to_owned()),
    }
}
