//! `[[notify]]`: the channels through which people are told, and what each takes. Their secrets are in the environment.

mod address;

use std::time::Duration;

use console::Mailbox;
use domain::notify::{ChannelKind, Digest, Kind, Route, TopicArn};
use domain::{AuthorityArn, Severity};
use toml::de::DeValue;

use super::aws::Authority;
use super::section::Section;
use super::value::{list_of, parsed, text};

pub use address::{MailServer, WebAddress};

/// How many there may be: what is told, and its way to each, is one transaction.
const MOST: usize = 20;

/// One `[[notify]]`.
#[derive(Clone, Debug)]
pub struct Channel {
    pub name: String,
    pub to: To,
    pub route: Route,
}

/// Where it is.
#[derive(Clone, Debug)]
pub enum To {
    Webhook(WebAddress),
    Slack(WebAddress),
    Teams(WebAddress),
    Email(Box<Email>),
    Sns(TopicArn),
}

/// A channel of kind `email`.
#[derive(Clone, Debug)]
pub struct Email {
    pub server: MailServer,
    /// `None`: the server asks nobody who they are.
    pub user: Option<String>,
    pub from: Mailbox,
    /// At least one.
    pub to: Vec<Mailbox>,
}

impl Channel {
    pub fn kind(&self) -> ChannelKind {
        match &self.to {
            To::Webhook(_) => ChannelKind::Webhook,
            To::Slack(_) => ChannelKind::Slack,
            To::Teams(_) => ChannelKind::Teams,
            To::Email(_) => ChannelKind::Email,
            To::Sns(_) => ChannelKind::Sns,
        }
    }

    /// All of its address that is shown.
    pub fn host(&self) -> String {
        match &self.to {
            To::Webhook(address) | To::Slack(address) | To::Teams(address) => address.host(),
            To::Email(email) => email.server.host.clone(),
            To::Sns(topic) => format!("sns.{}: {}", topic.region(), topic.name()),
        }
    }

    /// Whether it cannot do without a secret.
    pub fn needs_secret(&self) -> bool {
        match &self.to {
            To::Webhook(_) => true,
            To::Slack(address) | To::Teams(address) => address.has_secret(),
            To::Email(email) => email.user.is_some(),
            To::Sns(_) => false,
        }
    }
}

/// What is wrong with an entry was reported: then nothing starts, whatever is left out here.
pub(super) fn channels(root: &Section<'_>, authorities: Option<&[Authority]>) -> Vec<Channel> {
    let mut names: Vec<String> = Vec::new();
    let mut channels = Vec::new();
    for section in root.sections("notify") {
        let name = section.required(
            "name",
            "Write a name of 1 to 40 lower-case letters, digits and hyphens, such as \"on-call\".",
            name,
        );
        if let Some(name) = &name {
            if names.contains(name) {
                section.report("name", "is that of another channel", "Name each channel once.");
            }
            names.push(name.clone());
        }
        if names.len() > MOST {
            section.report("name", format_args!("is one of more than {MOST}"), "Leave some out.");
        }
        channels.extend(channel(section, name, authorities));
    }
    channels
}

fn channel(section: Section<'_>, name: Option<String>, authorities: Option<&[Authority]>) -> Option<Channel> {
    const KIND: &str = "Write \"webhook\", \"slack\", \"teams\", \"email\" or \"sns\".";
    const TOPIC: &str =
        "Write the ARN of a standard topic, such as \"arn:aws:sns:eu-central-1:111122223333:pki-alerts\".";
    let kind = section.required("kind", KIND, |value| {
        let name = text(value)?;
        let known = ChannelKind::ALL.iter().copied().find(|kind| kind.name() == name);
        known.ok_or_else(|| format!("is {name:?}, which is no kind of channel"))
    });
    let web = |section: &Section<'_>| {
        section.required(
            "address",
            "Write an https address that takes notifications; {secret} in it stands for the channel's secret.",
            |value| text(value)?.parse::<WebAddress>().map_err(str::to_owned),
        )
    };
    let to = match kind {
        None => None,
        Some(ChannelKind::Webhook) => web(&section).map(To::Webhook),
        Some(ChannelKind::Slack) => web(&section).map(To::Slack),
        Some(ChannelKind::Teams) => web(&section).map(To::Teams),
        Some(ChannelKind::Email) => email(&section),
        Some(ChannelKind::Sns) => section.required("topic", TOPIC, parsed::<TopicArn>).map(To::Sns),
    };
    if let Some(To::Webhook(address)) = &to
        && address.has_secret()
    {
        let what = "has {secret} in it, but the secret of a webhook is the key that it is signed with";
        section.report("address", what, "Write the whole address.");
    }
    let route = route(&section, authorities);
    // Of an entry that is of no kind, not every key is known.
    if kind.is_some() {
        section.finish();
    }
    Some(Channel { name: name?, to: to?, route })
}

fn email(section: &Section<'_>) -> Option<To> {
    const ADDRESS: &str = "Write an address such as \"pki@example.com\" or \"PKI <pki@example.com>\".";
    let server = section.required(
        "server",
        "Write smtps://host (TLS from the first byte, port 465) or smtp://host (STARTTLS, port 587).",
        |value| text(value)?.parse::<MailServer>().map_err(str::to_owned),
    );
    let user = section.optional("user", "Write the name to sign in with; the password is the secret.", text);
    if let (Some(server), Some(_)) = (&server, &user)
        && server.is_open()
    {
        section.report("user", "would be sent in the clear", "Remove it, or take a server that encrypts.");
    }
    let from = section.required("from", ADDRESS, parsed::<Mailbox>);
    let to = section.required("to", "List the addresses that are written to.", |value| {
        let all = list_of(parsed::<Mailbox>)(value)?;
        if all.is_empty() { Err("is empty".to_owned()) } else { Ok(all) }
    });
    Some(To::Email(Box::new(Email { server: server?, user, from: from?, to: to? })))
}

fn route(section: &Section<'_>, authorities: Option<&[Authority]>) -> Route {
    let kinds = section.optional(
        "kinds",
        "List kinds of notifications, such as [\"request_waits\", \"decided\"], or leave it out for all.",
        list_of(kind),
    );
    const SEVERITY: &str = "Write \"critical\", \"high\", \"medium\" or \"low\".";
    let least = section.optional("severity", SEVERITY, severity);
    let about = section.optional(
        "authorities",
        "List ARNs of [[authorities]], or leave it out for all.",
        list_of(parsed::<AuthorityArn>),
    );
    for arn in about.iter().flatten() {
        if authorities.is_some_and(|all| all.iter().all(|one| one.arn != *arn)) {
            let what = format_args!("names {}, which is not one of [[authorities]]", arn.as_str());
            section.report("authorities", what, "Copy the ARN from there.");
        }
    }
    let at = section.optional(
        "digest",
        "Write the time of day, in UTC, at which one message tells of what is not urgent, such as \"07:00\".",
        time_of_day,
    );
    let up_to = section.optional("digest_up_to", SEVERITY, severity);
    if up_to.is_some() && at.is_none() {
        section.report("digest_up_to", "needs digest", "Write the time of day as digest, or remove it.");
    }
    Route {
        kinds: kinds.unwrap_or_default(),
        severity: least.unwrap_or(Severity::Low),
        authorities: about.unwrap_or_default(),
        digest: at.map(|at| Digest { at, up_to: up_to.unwrap_or(Severity::Low) }),
    }
}

fn kind(value: &DeValue<'_>) -> Result<Kind, String> {
    match parsed::<Kind>(value)? {
        Kind::Test => Err("names test, which every channel takes".to_owned()),
        kind => Ok(kind),
    }
}

fn severity(value: &DeValue<'_>) -> Result<Severity, String> {
    let name = text(value)?;
    let known = Severity::ALL.iter().copied().find(|severity| severity.name() == name);
    known.ok_or_else(|| format!("is {name:?}, which is no severity"))
}

/// Keys and the ids of findings have it.
fn name(value: &DeValue<'_>) -> Result<String, String> {
    let name = text(value)?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match (1..=40).contains(&name.len()) && name.bytes().all(allowed) {
        true => Ok(name),
        false => Err("is not a name of a channel".to_owned()),
    }
}

/// `07:00`, since midnight.
fn time_of_day(value: &DeValue<'_>) -> Result<Duration, String> {
    let text = text(value)?;
    let read = |part: &str, most: u64| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u64>().ok().filter(|number| digits && *number < most)
    };
    let time = text.split_once(':').and_then(|(hour, minute)| Some((read(hour, 24)?, read(minute, 60)?)));
    let (hour, minute) = time.ok_or_else(|| format!("is {text:?}, not a time of day"))?;
    Ok(Duration::from_secs(hour * 3600 + minute * 60))
}

#[cfg(test)]
mod tests;
