//! Policy, quorum, role groups, issuers and mode are not stored, but read at each start: the ledger tells of each start with what it
//! was made, and of what it has changed.

use std::collections::BTreeMap;

use countersign_aws::{Aws, Error as AwsError};
use domain::ledger::{Action, Body, Object};
use domain::people::RoleGroups;
use domain::revocation::{Mode, Policy};
use domain::timestamp::words;
use domain::trail::Issuers;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::journal::{Journal, system};
use crate::{Clock, Error};

/// How long after a failure it is tried again.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(5);

/// What the process called `process` was started with, once AWS answers: an entry of the ledger, and another one if it is not what it
/// was at the start before. Gives up at `stop`.
pub async fn tell_configuration(
    aws: Aws,
    clock: Clock,
    process: &str,
    (policy, roles, mode, issuers): (&Policy, &RoleGroups, Mode, &Issuers),
    stop: CancellationToken,
) {
    let journal = Journal::new(aws.clone(), clock);
    let settings = json!({
        "version": policy.version(),
        "policy": policy,
        "roles": roles,
        "revocation": {"mode": mode},
        "issuers": {"authorised": issuers},
    });
    let telling = async {
        while let Err(error) = tell(&aws, &journal, process, &settings).await {
            tracing::warn!("what the configuration has changed is not in the ledger yet: {}", error.trace());
            tokio::time::sleep(AGAIN).await;
        }
        let started = started(&journal, process, &settings);
        while let Err(error) = journal.commit(Vec::new(), &started).await {
            tracing::warn!(%error, "this start is not in the ledger yet: {error}");
            tokio::time::sleep(AGAIN).await;
        }
    };
    stop.run_until_cancelled(telling).await;
}

/// What the ledger says of a start.
fn started(journal: &Journal, process: &str, settings: &Value) -> Body {
    let about = Object::Route("configuration".to_owned());
    let body = journal
        .told(system(process), Action::ProcessStarted, about)
        .with("program", env!("CARGO_PKG_VERSION"))
        .with("configuration_sha256", hex::encode(Sha256::digest(settings.to_string())));
    lines(settings).into_iter().fold(body, |body, (name, value)| body.with(&name, value))
}

async fn tell(aws: &Aws, journal: &Journal, process: &str, settings: &Value) -> Result<(), Error> {
    loop {
        let stored = aws.configuration(process).await?;
        // What cannot be read is as good as nothing, and all of it is told.
        let before: Value =
            stored.as_deref().map(serde_json::from_str).and_then(Result::ok).unwrap_or_default();
        if before == *settings {
            return Ok(());
        }
        let version = |settings: &Value| settings["version"].as_str().unwrap_or("-").to_owned();
        let about = Object::Route("configuration".to_owned());
        let mut body = journal
            .told(system(process), Action::ConfigurationChanged, about)
            .with("from", version(&before))
            .with("to", version(settings));
        if !before.is_null() {
            for (name, change) in changes(&before, settings) {
                body = body.with(&name, change);
            }
        }
        let change = aws.configured(process, stored.as_deref(), &settings.to_string());
        match journal.commit(vec![change], &body).await {
            // Another replica was started at the same time.
            Err(AwsError::Conflict { .. }) => {}
            other => return Ok(other.map(drop)?),
        }
    }
}

/// What differs, each with what it was and what it is.
fn changes(before: &Value, after: &Value) -> BTreeMap<String, String> {
    let (before, after) = (lines(before), lines(after));
    let names = before.keys().chain(after.keys());
    let said =
        |lines: &BTreeMap<String, String>, name| lines.get(name).cloned().unwrap_or_else(|| "-".to_owned());
    names
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| (name.clone(), format!("{} → {}", said(&before, name), said(&after, name))))
        .collect()
}

/// A line for each key of each section.
fn lines(settings: &Value) -> BTreeMap<String, String> {
    let sections = settings.as_object().into_iter().flatten();
    let keys = |(section, keys): (&String, &Value)| {
        let keys = keys.as_object().cloned().unwrap_or_default();
        keys.into_iter().map(|(key, value)| (format!("{section}.{key}"), shown(value))).collect::<Vec<_>>()
    };
    sections.flat_map(keys).collect()
}

fn shown(value: Value) -> String {
    serde_json::from_value(value.clone()).map(words).unwrap_or_else(|_| match value {
        Value::String(text) => text,
        other => with_words(other).to_string(),
    })
}

/// Times within lists, in words.
fn with_words(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(with_words).collect(),
        Value::Object(map) if map.contains_key("nanos") => Value::String(shown(Value::Object(map))),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, with_words(value))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::revocation::QuorumRule;
    use std::time::Duration;

    #[test]
    fn each_difference_is_told_with_what_it_was() {
        let of = |policy: &Policy| json!({"version": policy.version(), "policy": policy});
        let before = Policy::default();
        let rule = QuorumRule { within: Some(Duration::from_secs(3600)), ..QuorumRule::default() };
        let after = Policy {
            fresh_sign_in: Duration::from_secs(300),
            acr: vec!["phr".to_owned()],
            quorum: vec![rule],
            ..before.clone()
        };
        let told = changes(&of(&before), &of(&after));
        assert_eq!(told.keys().collect::<Vec<_>>(), ["policy.acr", "policy.fresh_sign_in", "policy.quorum"]);
        assert_eq!(told["policy.fresh_sign_in"], "15 minutes → 5 minutes");
        assert_eq!(told["policy.acr"], r#"[] → ["phr"]"#);
        assert!(told["policy.quorum"].contains(r#""within":"1 hour""#), "{told:?}");
        assert_eq!(changes(&of(&before), &of(&before)), BTreeMap::new());
    }
}
