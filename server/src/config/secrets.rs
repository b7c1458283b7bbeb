//! What is in no file: secrets, from the environment.

use std::collections::BTreeMap;

use openidconnect::ClientSecret;

use super::notify::{Channel, To};

/// The variable with the secret of this client at the identity provider.
const CLIENT_SECRET: &str = "COUNTERSIGN_OIDC_CLIENT_SECRET";

/// The client's secret.
///
/// # Errors
/// It is not set.
pub fn client_secret() -> anyhow::Result<ClientSecret> {
    match std::env::var(CLIENT_SECRET) {
        Ok(secret) if !secret.trim().is_empty() => Ok(ClientSecret::new(secret)),
        _ => Err(anyhow::anyhow!(
            "{CLIENT_SECRET} is not set\n    Set it to the secret that the identity provider gave to this client."
        )),
    }
}

/// The variable with the secrets of channels: a JSON object, from a channel's name to its secret.
const NOTIFY_SECRETS: &str = "COUNTERSIGN_NOTIFY_SECRETS";
/// The least length of the key that a webhook is signed with, in characters.
const KEY_LEAST: usize = 32;

/// The secrets of channels, by name. Shows itself to nobody.
#[derive(Default)]
pub struct NotifySecrets(BTreeMap<String, String>);

impl NotifySecrets {
    /// Those of these channels.
    ///
    /// # Errors
    /// They cannot be read, or name other channels.
    pub fn read(channels: &[Channel]) -> anyhow::Result<Self> {
        let text = std::env::var(NOTIFY_SECRETS).unwrap_or_default();
        Self::parse(&text, channels)
    }

    fn parse(text: &str, channels: &[Channel]) -> anyhow::Result<Self> {
        const REMEDY: &str = "Set it to JSON such as {\"on-call\": \"its secret\"}.";
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        // What is wrong where would show what is there.
        let secrets: BTreeMap<String, String> = serde_json::from_str(text)
            .map_err(|_| anyhow::anyhow!("{NOTIFY_SECRETS} is not a JSON object of texts\n    {REMEDY}"))?;
        let unknown = secrets.keys().find(|name| channels.iter().all(|channel| channel.name != **name));
        match unknown {
            Some(name) => Err(anyhow::anyhow!(
                "{NOTIFY_SECRETS} names {name:?}, which is none of [[notify]]\n    Remove it, or correct the name."
            )),
            None => Ok(Self(secrets)),
        }
    }

    /// The secret of a channel. `None`: it needs none.
    ///
    /// # Errors
    /// It needs one and has none, or one that is too short to be hard to guess.
    pub fn of(&self, channel: &Channel) -> anyhow::Result<Option<&str>> {
        let name = &channel.name;
        let secret = self.0.get(name).map(|secret| secret.trim()).filter(|secret| !secret.is_empty());
        let remedy = match &channel.to {
            To::Webhook(_) => {
                "a text that its receiver knows too, such as the output of: openssl rand -hex 32"
            }
            To::Slack(_) | To::Teams(_) => "what stands for {secret} in its address",
            To::Email(_) => "the password of its user",
            To::Sns(_) => "nothing: a topic has no secret",
        };
        match secret {
            None if channel.needs_secret() => Err(anyhow::anyhow!(
                "{NOTIFY_SECRETS} has no secret for the channel {name}\n    Add {remedy}."
            )),
            Some(key) if matches!(channel.to, To::Webhook(_)) && key.chars().count() < KEY_LEAST => {
                Err(anyhow::anyhow!(
                    "{NOTIFY_SECRETS}: the secret of the channel {name} is shorter than {KEY_LEAST} characters\n    Take {remedy}."
                ))
            }
            secret => Ok(secret.filter(|_| channel.needs_secret())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(name: &str, to: To) -> Channel {
        Channel { name: name.to_owned(), to, route: Default::default() }
    }

    #[test]
    fn secrets_are_of_known_channels_and_are_shown_to_nobody() {
        let hook = channel("hook", To::Webhook("https://hooks.example.com/".parse().unwrap()));
        let slack = channel("slack", To::Slack("https://hooks.slack.com/{secret}".parse().unwrap()));
        let open = channel("open", To::Teams("https://teams.example.com/x".parse().unwrap()));
        let all = [hook.clone(), slack.clone(), open.clone()];
        let of = |text: &str, channel: &Channel| {
            NotifySecrets::parse(text, &all).unwrap().of(channel).map(|secret| secret.map(str::to_owned))
        };
        let why = |text: &str, channel: &Channel| of(text, channel).unwrap_err().to_string();
        assert!(why("", &hook).contains("no secret for the channel hook"));
        assert!(why(r#"{"hook": "S3CR3T"}"#, &hook).contains("shorter than 32"));
        assert!(!why(r#"{"hook": "S3CR3T"}"#, &hook).contains("S3CR3T"));
        let key = "0123456789abcdef0123456789abcdef";
        assert_eq!(of(&format!(r#"{{"hook": "{key}"}}"#), &hook).unwrap().as_deref(), Some(key));
        assert_eq!(of(r#"{"slack": "T/B/x"}"#, &slack).unwrap().as_deref(), Some("T/B/x"));
        assert_eq!(of("", &open).unwrap(), None);
        let topic = "arn:aws:sns:eu-central-1:111122223333:pki-alerts".parse().unwrap();
        assert_eq!(of("", &channel("topic", To::Sns(topic))).unwrap(), None);
        for (wrong, said) in [("{\"hok\": \"x\"}", "names \"hok\""), ("S3CR3T", "is not a JSON object")] {
            let why = NotifySecrets::parse(wrong, &all).err().unwrap().to_string();
            assert!(why.contains(said) && !why.contains("S3CR3T"), "{why}");
        }
    }
}
